//! What the perimeter shows to the API so that it is let in, and what a distribution sends.

use crate::api::{AccessMode, ProtectedApiSpec};
use crate::domain::kernel::hash::short;
use crate::domain::kernel::secret::Secret;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The header in which API Gateway looks for an API key.
const KEY_HEADER: &str = "x-api-key";
/// The baseline of `spec.access.secretHeader.name`.
pub(super) const SECRET_HEADER: &str = "x-origin-verify";

/// What a request has to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Proof {
    /// A signature of the signer's role.
    Signature,
    /// An API key of the stage's usage plan.
    Key,
    /// A secret in the header of this name.
    Header(String),
    /// A client certificate, which a custom domain name of API Gateway asks for: no route of the API does.
    Certificate,
}

/// What a distribution sends of ours: a signature, and headers with secret values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// Whether the signer is associated.
    pub signs: bool,
    /// The headers with values that we made, by name.
    pub headers: BTreeMap<String, Secret>,
}

impl Proof {
    /// What `spec` asks for.
    #[must_use]
    pub fn of(spec: &ProtectedApiSpec) -> Self {
        let access = spec.access.clone().unwrap_or_default();
        match access.mode.unwrap_or_default() {
            AccessMode::SigV4 => Self::Signature,
            AccessMode::ApiKey => Self::Key,
            AccessMode::SecretHeader => {
                let name = access.secret_header.and_then(|header| header.name);
                Self::Header(name.unwrap_or_else(|| SECRET_HEADER.to_owned()))
            }
            AccessMode::MutualTls => Self::Certificate,
        }
    }

    /// The proof that the header of this name carries.
    fn in_header(name: &str) -> Self {
        match name {
            KEY_HEADER => Self::Key,
            name => Self::Header(name.to_owned()),
        }
    }

    /// The header that carries it; `None` for a signature, which the signer adds, and for a certificate, which no request has.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::Signature | Self::Certificate => None,
            Self::Key => Some(KEY_HEADER),
            Self::Header(name) => Some(name),
        }
    }

    /// Whether it is a secret value of ours, which a header carries.
    #[must_use]
    pub fn has_value(&self) -> bool {
        self.header().is_some()
    }

    /// As it stands in the mark of a cut-over.
    #[must_use]
    pub fn mark(&self) -> String {
        match self {
            Self::Signature => "signature".to_owned(),
            Self::Key => "key".to_owned(),
            Self::Header(name) => format!("header:{}", short(name)),
            Self::Certificate => "certificate".to_owned(),
        }
    }

    /// What a mark stands for, where no header's name is known: one of our authorizers is asked.
    #[must_use]
    pub fn of_mark(mark: &str) -> Self {
        match mark {
            "signature" => Self::Signature,
            "key" => Self::Key,
            "certificate" => Self::Certificate,
            _ => Self::Header(String::new()),
        }
    }

    /// The `spec.access.mode` that asks for it.
    #[must_use]
    pub fn access_mode(&self) -> AccessMode {
        match self {
            Self::Signature => AccessMode::SigV4,
            Self::Key => AccessMode::ApiKey,
            Self::Header(_) => AccessMode::SecretHeader,
            Self::Certificate => AccessMode::MutualTls,
        }
    }

    /// The same, as it stands in a spec.
    #[must_use]
    pub fn mode(&self) -> &'static str {
        self.access_mode().name()
    }

    /// As it stands in the descriptions of our deployments and in sentences.
    #[must_use]
    pub fn noun(&self) -> String {
        match self {
            Self::Signature => "signature".to_owned(),
            Self::Key => "API key".to_owned(),
            Self::Header(name) => format!("header {name}"),
            Self::Certificate => "client certificate".to_owned(),
        }
    }

    /// The same of what is the perimeter's, as those who ask for it say.
    #[must_use]
    pub fn of_the_perimeter(&self) -> String {
        match self {
            Self::Header(name) => format!("secret in {name}"),
            other => other.noun(),
        }
    }
}

impl Sent {
    /// `proof` and nothing else; `value` where a header carries it.
    #[must_use]
    pub fn only(proof: &Proof, value: Option<Secret>) -> Self {
        Self::default().with(proof, value)
    }

    /// This and `proof`, whose header carries `value`; unchanged where a value is needed and missing.
    #[must_use]
    pub fn with(mut self, proof: &Proof, value: Option<Secret>) -> Self {
        match (proof, proof.header(), value) {
            (Proof::Signature, ..) => self.signs = true,
            (_, Some(header), Some(value)) => drop(self.headers.insert(header.to_owned(), value)),
            // What CloudFront shows to its origin is no part of a request.
            (_, None, _) | (_, Some(_), None) => {}
        }
        self
    }

    /// The proofs that are sent.
    #[must_use]
    pub fn proofs(&self) -> BTreeSet<Proof> {
        let signature = self.signs.then_some(Proof::Signature);
        let headers = self.headers.keys().map(|name| Proof::in_header(name));
        headers.chain(signature).collect()
    }

    /// What of this is one of `proofs`.
    #[must_use]
    pub fn among(mut self, proofs: &BTreeSet<Proof>) -> Self {
        self.signs &= proofs.contains(&Proof::Signature);
        self.headers
            .retain(|name, _| proofs.contains(&Proof::in_header(name)));
        self
    }

    /// Whether `proof` is sent.
    #[must_use]
    pub fn has(&self, proof: &Proof) -> bool {
        self.proofs().contains(proof)
    }

    /// Whether nothing is sent but `proof`.
    #[must_use]
    pub fn is_only(&self, proof: &Proof) -> bool {
        self.proofs().iter().eq([proof])
    }

    /// The value in the header of `proof`.
    #[must_use]
    pub fn value(&self, proof: &Proof) -> Option<&Secret> {
        self.headers.get(proof.header()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_no_part_of_what_is_sent() {
        let sent = Sent::only(&Proof::Certificate, Some(Secret::new("x")));
        assert_eq!(sent, Sent::default());
        assert!(sent.proofs().is_empty() && !sent.has(&Proof::Certificate));
    }

    #[test]
    fn what_has_no_header_is_known_by_its_mark() {
        for proof in [Proof::Signature, Proof::Key, Proof::Certificate] {
            assert_eq!(Proof::of_mark(&proof.mark()), proof);
            assert_eq!(proof.has_value(), proof == Proof::Key);
        }
    }
}
