//! ACM: certificates that are issued once DNS proves their names.

use super::account::Account;
use super::refusal::{Outcome, Refusal};
use jiff::{SignedDuration, Timestamp};
use palisade::domain::edge::certificate::{Content, ISSUED, PENDING, ProofRecord, Request};
use palisade::domain::kernel::identity::Tags;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;
use tokio::time::Instant;

/// How long a token stands for its request.
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);
/// ACM's quota on the names of one certificate.
const MOST_NAMES: usize = 10;

/// How long an issued certificate is valid.
const VALIDITY: SignedDuration = SignedDuration::from_hours(395 * 24);
/// ACM's word for a certificate that is valid no more.
const EXPIRED: &str = "EXPIRED";

/// Certificates by ARN.
pub struct Store {
    /// Those that were requested.
    pub all: BTreeMap<String, Certificate>,
    /// Until when others are valid, where that is not as long as usual.
    pub not_after: BTreeMap<String, Timestamp>,
    /// When the account began, as both clocks tell it.
    epoch: (Instant, Timestamp),
}

impl Default for Store {
    fn default() -> Self {
        let began = "2026-01-01T00:00:00Z".parse().expect("a time");
        Self {
            all: BTreeMap::new(),
            not_after: BTreeMap::new(),
            epoch: (Instant::now(), began),
        }
    }
}

/// A certificate that was requested.
pub struct Certificate {
    pub arn: String,
    pub names: Vec<String>,
    pub status: String,
    pub tags: Tags,
    token: String,
    requested: Instant,
}

/// A wildcard is proved by the record of what it stands below, and all certificates of an account by the same record.
fn proof(name: &str) -> ProofRecord {
    let base = name.trim_start_matches("*.");
    let mut hasher = DefaultHasher::new();
    base.hash(&mut hasher);
    let number = hasher.finish();
    ProofRecord {
        name: format!("_{number:016x}.{base}"),
        value: format!("_{:016x}.acm-validations.aws.", number.rotate_left(7)),
    }
}

impl Account {
    pub fn request_certificate(&mut self, request: Request) -> Outcome<String> {
        if request.names.first().is_none_or(|first| first.len() > 64) {
            let message = "The first domain name can have no more than 64 characters.";
            return Refusal::refuse("InvalidParameterException", message);
        }
        if request.names.len() > MOST_NAMES {
            let message = "Certificate has too many domains.";
            return Refusal::refuse("LimitExceededException", message);
        }
        let known = self.acm.all.values().find(|known| known.token == request.token);
        if let Some(known) = known.filter(|known| known.requested.elapsed() < TOKEN_LIFETIME) {
            return Ok(known.arn.clone());
        }
        let uuid = self.uuid();
        let arn = format!("arn:aws:acm:us-east-1:{}:certificate/{uuid}", self.id);
        self.tags.put(&arn, Some(request.tags.clone()));
        let made = Certificate {
            arn: arn.clone(),
            names: request.names,
            status: PENDING.to_owned(),
            tags: request.tags,
            token: request.token,
            requested: Instant::now(),
        };
        self.acm.all.insert(arn.clone(), made);
        Ok(arn)
    }

    /// The present time, as AWS tells times.
    pub fn now(&self) -> Timestamp {
        self.told(Instant::now())
    }

    fn told(&self, at: Instant) -> Timestamp {
        let (began, told) = self.acm.epoch;
        told + at.duration_since(began)
    }

    pub fn describe_certificate(&self, arn: &str) -> Outcome<Content> {
        if let Some(names) = self.imported(arn) {
            return Ok(self.describe_imported(arn, names));
        }
        let found = self.certificate(arn)?;
        let proofs = found.names.iter().map(|name| proof(name));
        Ok(Content {
            arn: found.arn.clone(),
            status: found.status.clone(),
            failure: (found.status == "FAILED").then(|| "CAA_ERROR".to_owned()),
            proofs: proofs.filter(|_| self.tells_proofs(found)).collect(),
            is_in_use: self.uses_certificate(arn),
            requested_at: Some(self.told(found.requested)),
            not_after: [ISSUED, EXPIRED]
                .contains(&found.status.as_str())
                .then(|| self.told(found.requested) + VALIDITY),
            names: found.names.clone(),
        })
    }

    /// The names of a certificate that somebody else has requested or imported.
    fn imported(&self, arn: &str) -> Option<&Vec<String>> {
        let names = self.cloudfront.certificates.get(arn)?;
        (!self.acm.all.contains_key(arn)).then_some(names)
    }

    fn describe_imported(&self, arn: &str, names: &[String]) -> Content {
        let usual = self.acm.epoch.1 + VALIDITY;
        let not_after = self.acm.not_after.get(arn).copied().unwrap_or(usual);
        let status = if self.now() < not_after { ISSUED } else { EXPIRED };
        Content {
            arn: arn.to_owned(),
            status: status.to_owned(),
            failure: None,
            proofs: vec![],
            is_in_use: self.uses_certificate(arn),
            requested_at: None,
            not_after: Some(not_after),
            names: names.to_vec(),
        }
    }

    pub fn delete_certificate(&mut self, arn: &str) -> Outcome<()> {
        self.certificate(arn)?;
        if self.uses_certificate(arn) {
            let message = format!("Certificate {arn} is in use.");
            return Refusal::refuse("ResourceInUseException", message);
        }
        self.acm.all.remove(arn);
        self.cloudfront.certificates.remove(arn);
        self.tags.put(arn, None);
        Ok(())
    }

    pub fn certificate_tags(&self, arn: &str) -> Outcome<Tags> {
        Ok(self.certificate(arn)?.tags.clone())
    }

    pub fn tag_certificate(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        let mut tags = self.certificate(arn)?.tags.clone();
        change(&mut tags);
        if tags.len() > 50 {
            let message = "The request contains too many tags: a certificate can have at most 50.";
            return Refusal::refuse("TooManyTagsException", message);
        }
        self.tags.put(arn, Some(tags.clone()));
        if let Some(found) = self.acm.all.get_mut(arn) {
            found.tags = tags;
        }
        Ok(())
    }

    /// Issues what DNS has proved meanwhile.
    pub fn settle_certificates(&mut self) {
        let is_proved = |found: &&Certificate| {
            let all = found.names.iter().map(|name| proof(name));
            self.tells_proofs(found)
                && all
                    .into_iter()
                    .all(|proof| self.answers(&proof.name, &proof.value))
        };
        let pending = self.acm.all.values().filter(|found| found.status == PENDING);
        let issued: Vec<_> = pending
            .filter(is_proved)
            .map(|found| (found.arn.clone(), found.names.clone()))
            .collect();
        for (arn, names) in issued {
            if let Some(found) = self.acm.all.get_mut(&arn) {
                ISSUED.clone_into(&mut found.status);
            }
            self.cloudfront.certificates.insert(arn, names);
        }
    }

    /// ACM says which records it wants some seconds after the request only.
    fn tells_proofs(&self, found: &Certificate) -> bool {
        Instant::now() >= found.requested + self.settings.certificate_record_delay
    }

    fn uses_certificate(&self, arn: &str) -> bool {
        let mut all = self.cloudfront.all.values();
        all.any(|distribution| distribution.certificate().as_deref() == Some(arn))
    }

    fn certificate(&self, arn: &str) -> Outcome<&Certificate> {
        let missing = || {
            Refusal::new(
                "ResourceNotFoundException",
                format!("Could not find certificate {arn}."),
            )
        };
        self.acm.all.get(arn).ok_or_else(missing)
    }
}
