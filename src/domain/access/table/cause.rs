//! Why a lock was put back: the answer that disproved it, as far as a tag remembers it.

use crate::domain::access::probe::Verdict;
use crate::domain::kernel::reason::Reason;
use serde::Serialize;

macro_rules! causes {
    ($( $(#[$doc:meta])* $name:ident = $word:literal => $reason:ident ),* $(,)?) => {
        /// What disproved a lock, or left it unproven for too long.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub enum Cause { $( $(#[$doc])* $name ),* }

        impl Cause {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),* ];

            /// As it stands in a tag.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( Self::$name => $word ),* }
            }

            /// The reason that conditions and events give.
            #[must_use]
            pub fn reason(self) -> Reason {
                match self { $( Self::$name => Reason::$reason ),* }
            }

            /// Reads [`Self::word`].
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|cause| cause.word() == word)
            }
        }
    };
}

causes! {
    /// API Gateway refused what the perimeter shows.
    Refused = "refused" => SignatureRefused,
    /// The new proof alone did not get in past the perimeter.
    NotInForce = "late" => SignatureRefused,
    /// The backend failed, and did not before.
    Broken = "broken" => SignatureRefused,
    /// A request without any proof was let in past the perimeter.
    DirectOpen = "open" => DirectAccessOpen,
    /// A canary release was made meanwhile, which the lock does not reach.
    Canary = "canary" => CanaryInTheWay,
    /// API Gateway asked for a customer's key.
    KeyMissing = "key" => SignatureRefused,
    /// The team's own authorizer refused.
    AuthorizerFirst = "authorizer" => ProbeHeaderRefused,
    /// API Gateway knows no route for the path.
    NoRoute = "noroute" => ProbePathNotFound,
    /// It was asked too often.
    Throttled = "throttled" => ProbeThrottled,
    /// The answer came from a private address.
    PrivateNetwork = "private" => ProbeOnPrivateNetwork,
    /// The web ACL blocked the request.
    BlockedByWebAcl = "webacl" => ProbeBlockedByWebAcl,
    /// The web ACL of the stage itself refused.
    StageWebAcl = "stageacl" => StageWebAclInTheWay,
    /// CloudFront refused the country.
    BlockedByCountry = "country" => ProbeBlockedByWebAcl,
    /// CloudFront or the function at the edge failed.
    EdgeFailed = "edge" => ProbeFailed,
    /// The signer answered in place of the API.
    SignerRefused = "signer" => ProbeFailed,
    /// The answer may be a refusal as well as the backend's own.
    Ambiguous = "ambiguous" => ProbeAmbiguous,
    /// Viewers got in, or no probe could tell, and the stage as deployed did not show the lock.
    NotServed = "unserved" => StageNotDeployed,
    /// CloudFront answered from its cache.
    Cached = "cached" => ProbeFailed,
    /// Nothing in the answer was API Gateway's.
    Unmarked = "unmarked" => ProbeFailed,
    /// Nobody answered, or nothing could be asked.
    Unanswered = "silent" => ProbeFailed,
}

impl Cause {
    /// Of the answer to a probe through the perimeter.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Reached { .. } => Self::Broken,
            // No probe through the perimeter shows a certificate, or asks the endpoint.
            Verdict::Refused { .. } | Verdict::CertificateAsked | Verdict::EndpointOff { .. } => {
                Self::Refused
            }
            Verdict::KeyMissing { .. } => Self::KeyMissing,
            Verdict::AuthorizerFirst { .. } => Self::AuthorizerFirst,
            Verdict::NoRoute => Self::NoRoute,
            Verdict::Throttled => Self::Throttled,
            Verdict::PrivateNetwork { .. } => Self::PrivateNetwork,
            Verdict::BlockedByWebAcl => Self::BlockedByWebAcl,
            Verdict::StageWebAcl { .. } => Self::StageWebAcl,
            Verdict::BlockedByCountry => Self::BlockedByCountry,
            Verdict::EdgeFailed { .. } => Self::EdgeFailed,
            Verdict::SignerRefused { .. } => Self::SignerRefused,
            Verdict::Ambiguous { .. } => Self::Ambiguous,
            Verdict::Cached { .. } => Self::Cached,
            Verdict::Unmarked { .. } => Self::Unmarked,
            Verdict::Unanswered { .. } => Self::Unanswered,
        }
    }
}

/// Why something is put back, as it is told and as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// In a sentence.
    pub said: String,
    /// What disproved the lock; `None` where nothing did, and it is not wanted any more.
    pub cause: Option<Cause>,
}

impl Why {
    /// Of a lock that was disproved, where nobody remembers the answer itself.
    #[must_use]
    pub fn untold(cause: Option<Cause>) -> Self {
        let said = match cause {
            None | Some(Cause::Refused) => "the API refused what came through the perimeter",
            Some(Cause::DirectOpen) => "a request without any proof still got in past the perimeter",
            Some(_) => "the lock was not proven",
        };
        Self {
            said: said.to_owned(),
            // Marks of earlier versions remember no cause but a refusal.
            cause: Some(cause.unwrap_or(Cause::Refused)),
        }
    }

    /// Whether the answer itself is known.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self != Self::untold(self.cause)
    }

    /// Of a lock that was begun and is undone, though nobody refused anything.
    #[must_use]
    pub fn not_proven() -> Self {
        Self {
            said: "the lock was begun and could not be proven".to_owned(),
            cause: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_read_as_it_was_written_and_each_has_a_word_of_its_own() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.word()), Some(*cause));
            assert!(cause.word().len() <= 10, "a tag has 256 characters");
        }
        assert_eq!(Cause::parse("-"), None);
    }
}
