//! What stands of this mode after a change to another one, until that has taken its place (`docs/decisions/0043-way-back.md`).
//!
//! ```text
//! the next lock is made, beside the certificate ─▶ the default endpoint is on, and seen to be ─▶ CloudFront is led back to it
//!     ─▶ (Deployed, a viewer gets in) ─▶ name, records, truststore and certificates are released
//! ```
//!
//! The spec names none of it any more: status does. Each step is read from AWS, so a crash is continued.

use super::desired::Desired;
use crate::api::{AccessMode, MutualTlsSpec, MutualTlsStatus, ProtectedApiSpec, ProtectedApiStatus};
use crate::domain::access::probe::Verdict;
use crate::domain::kernel::planning::{Id, Kind, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use std::time::Duration;

/// What takes seconds is looked at so soon.
const SOON: Duration = Duration::from_secs(5);
/// What takes minutes, or waits for others.
const LATER: Duration = Duration::from_secs(30);

/// What is needed to leave the mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Leave<'a> {
    /// Whether the mode that takes the place locks the API, or the spec asks for no lock.
    pub is_ready: bool,
    /// Whether the spec asks for no lock: whoever comes to the default endpoint may get in.
    pub is_open: bool,
    /// Other objects whose lock hangs on the default endpoint being off, for people.
    pub others: &'a [String],
    /// Whether custom domain names were asked, too, what hangs on it.
    pub is_asked: bool,
    /// Whether the distribution was read in this pass: a list may show where it led before.
    pub is_distribution_read: bool,
    /// Whether there are objects at other stages of the API, here or in other clusters, which wait for this one's word, or act upon it.
    pub is_shared: bool,
    /// The deployment of the stage by which the mode that takes the place locks it.
    pub deployment: Option<&'a str>,
    /// Whether the stage, as it was read, is not locked by that mode, though the spec asks for it.
    pub is_undone: bool,
}

impl Leave<'_> {
    /// Whether the default endpoint may be switched on.
    #[must_use]
    pub fn may_switch_on(&self) -> bool {
        self.is_ready && self.others.is_empty() && self.is_asked
    }

    /// Whether all is ready for the switch, but that custom domain names were not asked: those of a whole Region are read for that.
    #[must_use]
    pub fn is_to_be_asked(&self) -> bool {
        self.is_ready && self.others.is_empty() && !self.is_asked
    }
}

/// What stands still of the mode, as `status` remembers it; `None` where `spec` names the mode, or nothing is left.
#[must_use]
pub fn leaving(spec: &ProtectedApiSpec, status: Option<&ProtectedApiStatus>) -> Option<MutualTlsSpec> {
    let known = status?.access.as_ref()?.mutual_tls.as_ref()?;
    remembered(known).filter(|_| !is_declared(spec))
}

/// Whether `spec` names the mode.
#[must_use]
pub fn is_declared(spec: &ProtectedApiSpec) -> bool {
    let access = spec.access.as_ref();
    access.and_then(|access| access.mode) == Some(AccessMode::MutualTls)
}

fn remembered(known: &MutualTlsStatus) -> Option<MutualTlsSpec> {
    Some(MutualTlsSpec {
        hosted_zone_id: known.hosted_zone_id.clone()?,
        origin_domain: known.origin_domain.clone()?,
        truststore_bucket: known.truststore_bucket.clone()?,
        certificate_arn: known.certificate_arn.clone(),
        shared_certificate: is_sharing(known).then_some(true),
        disable_for_all_stages: None,
    })
}

/// Whether the custom domain name has, or was to get, the certificate that objects share.
fn is_sharing(known: &MutualTlsStatus) -> bool {
    let shared = known.shared_certificate_arn.as_ref();
    let has = known.origin_certificate_arn.as_ref();
    shared.is_some() && has.is_none_or(|has| shared == Some(has))
}

/// Refuses a spec by which viewers would come by the very name by which CloudFront still reaches the API.
///
/// # Errors
/// The field, and what to do.
pub fn check(spec: &ProtectedApiSpec, left: &MutualTlsSpec) -> Result<(), Rejection> {
    let name = &left.origin_domain;
    let distribution = spec.distribution.as_ref();
    let aliases = distribution.and_then(|wanted| wanted.aliases.as_ref());
    if !aliases.is_some_and(|aliases| aliases.contains(name)) {
        return Ok(());
    }
    let message = format!(
        "spec.distribution.aliases: CloudFront still reaches the API by {name}: take it out, and write it once status.access.mutualTls is \
         gone"
    );
    Err(Rejection::new(Reason::InvalidSpec, message))
}

/// Whether an answer of the default endpoint shows that it is on. One that is off says 403, and of an HTTP API 404 as well: what says
/// the same behind it proves nothing.
#[must_use]
pub fn shows_on(desired: &Desired, answer: &Verdict) -> bool {
    match answer {
        Verdict::Reached { status } => *status != 403 && (*status != 404 || desired.is_rest()),
        Verdict::AuthorizerFirst { status, .. } => *status == 401 || desired.is_rest(),
        _ => false,
    }
}

/// Where the way back stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage<'a> {
    /// The mode that takes the place does not lock the API yet.
    Locking,
    /// The default endpoint is what other objects' locks hang on.
    Others(&'a [String]),
    /// The default endpoint is being switched on: what a probe with what CloudFront sends was answered there.
    SwitchingOn(Option<String>),
    /// The same, and no probe may be sent that would show whether that is in effect.
    Unprobed,
    /// It let in who showed nothing, or others switched it on: it is off for an hour.
    Held,
    /// CloudFront carries the way back to its edge locations.
    LeadingBack,
    /// No viewer was seen to get in by the default endpoint since: why.
    Proving(Option<String>),
    /// What served the mode is being released.
    Releasing,
}

impl Stage<'_> {
    /// What people are told of it.
    #[must_use]
    pub fn says(&self, desired: &Desired) -> String {
        let (api, name) = (&desired.gate.api_id, &desired.origin_domain);
        match self {
            Self::Locking => format!(
                "the default endpoint of API {api} is switched on again after the lock that spec.access names has been made; CloudFront \
                 shows its client certificate to {name} until then"
            ),
            Self::Others(others) => format!(
                "the default endpoint of API {api} is that of all stages, and is switched on again once no other object's lock hangs on \
                 its being off, or may: {}. AccessRestricted of those objects, or Accepted, says what that waits for; one that leaves \
                 mutual TLS, too, says so at its custom domain name once its next lock stands. Where no such cluster \
                 is known, ask the owner of the custom domain name what its mapping is for",
                others.join(", ")
            ),
            Self::SwitchingOn(answer) => {
                let answer = answer.as_deref().unwrap_or("not asked yet");
                format!(
                    "the default endpoint of API {api} is being switched on again, which usually takes a minute; CloudFront is led back to \
                     it after a probe there shows that it answers: {answer}. Viewers come by {name} until then. Where that stays so, set \
                     spec.origin.probePath to a path that is answered neither 403 nor 404, or have the stage deployed, which makes all edits of \
                     the API live"
                )
            }
            Self::Unprobed => format!(
                "the default endpoint of API {api} is switched on again, and no probe may be sent that shows whether that is in effect: \
                 spec.probes is Disabled, or the API has no method that may be asked. See that {} answers a request of your own as the API \
                 does (where it does not, have stage {} deployed, which makes all edits of the API live), and write another text into \
                 the annotation palisade.dev/look: CloudFront is led back to it then. Viewers come by {name} until then",
                desired.gate.host, desired.gate.stage
            ),
            Self::Held => format!(
                "the default endpoint of API {api} was on and let in who showed nothing, or others had switched it on again and again: it \
                 is off, and switched on for spec.access once an hour at the most. See that what spec.access names is deployed to stage {}. \
                 Viewers come by {name} until then",
                desired.gate.stage
            ),
            Self::LeadingBack => format!(
                "CloudFront is led back to the default endpoint of API {api}; {name} and what serves it is released after that is \
                 deployed and a viewer has got in; this usually takes 3 to 10 minutes"
            ),
            Self::Proving(why) => {
                let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                format!(
                    "{name} and what serves it is released after a probe through the perimeter has got in, which usually takes a \
                     minute{why}. Where viewers are refused by the default endpoint, spec.access set back to MutualTls, with the names of \
                     status.access.mutualTls, has CloudFront led to {name} again"
                )
            }
            Self::Releasing => {
                format!(
                    "{name} is released, with its mapping, records, truststore and certificates: nothing uses them any more; this usually \
                     takes minutes"
                )
            }
        }
    }

    /// The same, as something that is awaited.
    #[must_use]
    pub fn awaited(&self, desired: &Desired) -> Wait {
        // What a probe did not find on in the pass that asked takes longer, and each attempt touches the stage.
        let is_soon = matches!(self, Self::SwitchingOn(None) | Self::Proving(_));
        Wait {
            id: id(),
            reason: Reason::InProgress,
            message: self.says(desired),
            retry_after: if is_soon { SOON } else { LATER },
        }
    }
}

/// What people are told while others may act upon what this object's mark has said.
#[must_use]
pub(super) fn returning(desired: &Desired, left: Duration) -> Wait {
    let message = format!(
        "the default endpoint of API {} has to be off for stage {} again. Other clusters were told that another lock stands there, and may \
         switch the endpoint on by that for some minutes more: it is looked at anew then, and what methods ask for stays until it is \
         proven to be off",
        desired.gate.api_id, desired.gate.stage
    );
    Wait {
        id: Id::of(Kind::Endpoint),
        reason: Reason::EndpointSwitching,
        message,
        retry_after: left.min(LATER),
    }
}

/// What a plan tells of the way back.
#[must_use]
pub fn id() -> Id {
    Id {
        kind: Kind::Endpoint,
        part: "way-back".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::AccessStatus;
    use crate::domain::mutual_tls::object_fixtures::{declared, spec, spec_with};

    fn status(origin_domain: Option<&str>) -> ProtectedApiStatus {
        let known = MutualTlsStatus {
            origin_domain: origin_domain.map(ToOwned::to_owned),
            hosted_zone_id: Some("Z1".to_owned()),
            truststore_bucket: Some("truststores".to_owned()),
            ..MutualTlsStatus::default()
        };
        ProtectedApiStatus {
            access: Some(AccessStatus {
                mutual_tls: Some(known),
                ..AccessStatus::default()
            }),
            ..ProtectedApiStatus::default()
        }
    }

    fn by_key(rest: &str) -> ProtectedApiSpec {
        let mut spec = spec_with("type: REST, stage: prod", "", rest);
        let access = spec.access.get_or_insert_default();
        access.mode = Some(AccessMode::ApiKey);
        access.mutual_tls = None;
        spec
    }

    #[test]
    fn what_stands_is_what_status_names_once_the_spec_names_another_mode() {
        let known = status(Some("origin.example.com"));
        assert_eq!(leaving(&spec(), Some(&known)), None);
        let left = leaving(&by_key(""), Some(&known)).unwrap();
        assert_eq!(Some(left), spec().access.unwrap().mutual_tls);
        assert_eq!(leaving(&by_key(""), Some(&status(None))), None);
        assert_eq!(leaving(&by_key(""), None), None);
    }

    #[test]
    fn viewers_may_not_come_by_the_name_by_which_cloudfront_comes() {
        let left = leaving(&by_key(""), Some(&status(Some("origin.example.com")))).unwrap();
        assert_eq!(check(&by_key(""), &left), Ok(()));
        let alias = by_key("distribution: {aliases: [origin.example.com]}");
        let refused = check(&alias, &left).unwrap_err();
        assert!(
            refused.message.starts_with("spec.distribution.aliases"),
            "{refused:?}"
        );
    }

    #[test]
    fn each_stage_says_what_comes_after_what() {
        let others = ["shop/orders (stage beta)".to_owned()];
        for (stage, words) in [
            (Stage::Locking, "is switched on again after the lock"),
            (Stage::Others(&others), "shop/orders (stage beta)"),
            (
                Stage::Others(&others),
                "ask the owner of the custom domain name what its mapping is for",
            ),
            (Stage::SwitchingOn(None), "not asked yet"),
            (Stage::Unprobed, "palisade.dev/look"),
            (Stage::Held, "once an hour"),
            (Stage::LeadingBack, "is released after that is deployed"),
            (Stage::Proving(Some("refused".to_owned())), ": refused"),
            (Stage::Releasing, "is released, with"),
        ] {
            let wait = stage.awaited(&declared());
            assert!(wait.message.contains(words), "{}", wait.message);
            assert_eq!(wait.id, id());
        }
    }
}
