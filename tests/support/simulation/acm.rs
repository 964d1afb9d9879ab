//! ACM: certificates that are issued once DNS proves their names, and client certificates that are imported.

use super::account::Account;
use super::certificates::{is_accepted, validity};
use super::clock;
use super::refusal::{Outcome, Refusal};
use jiff::{SignedDuration, Timestamp};
use palisade::domain::edge::certificate::{Content, ISSUED, PENDING, ProofRecord, Request};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::kernel::secret::Secret;
use palisade::domain::mutual_tls::pair::Pair;
use palisade::domain::signer::function::EDGE_REGION;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;
use tokio::time::Instant;

/// How long a token stands for its request.
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);
/// ACM's quota on the names of one certificate.
const MOST_NAMES: usize = 10;
/// ACM's limit on a private key, in bytes.
const LONGEST_KEY: usize = 5120;

/// How long an issued certificate is valid.
const VALIDITY: SignedDuration = SignedDuration::from_hours(395 * 24);
/// ACM's word for a certificate that is valid no more.
const EXPIRED: &str = "EXPIRED";

/// Certificates by ARN.
#[derive(Clone)]
pub struct Store {
    /// Those that were requested.
    pub all: BTreeMap<String, Certificate>,
    /// Until when others are valid, where that is not as long as usual.
    pub not_after: BTreeMap<String, Timestamp>,
    /// Private keys that were imported: they must be told nowhere.
    pub keys: Vec<Secret>,
    /// When the account began, as both clocks tell it.
    pub epoch: (Instant, Timestamp),
}

impl Default for Store {
    fn default() -> Self {
        let began = "2026-01-01T00:00:00Z".parse().expect("a time");
        Self {
            all: BTreeMap::new(),
            not_after: BTreeMap::new(),
            keys: vec![],
            epoch: (clock::now(), began),
        }
    }
}

/// A certificate that was requested, or imported for clients.
#[derive(Clone)]
pub struct Certificate {
    pub arn: String,
    pub names: Vec<String>,
    pub status: String,
    pub tags: Tags,
    /// What was imported.
    pub imported: Option<Imported>,
    /// What edge locations show still, where another was imported in its place since.
    at_edges: Option<Imported>,
    token: String,
    requested: Instant,
}

/// A client certificate, PEM, and the CA that signed it.
#[derive(Debug, Clone)]
pub struct Imported {
    pub leaf: String,
    pub ca: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// The Region that an ARN names.
fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
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
        let mut known = self.acm.all.values();
        let known = known.find(|known| {
            known.imported.is_none()
                && known.token == request.token
                && region_of(&known.arn) == request.region
        });
        if let Some(known) = known.filter(|known| clock::now() - known.requested < TOKEN_LIFETIME) {
            return Ok(known.arn.clone());
        }
        let uuid = self.uuid();
        let arn = format!("arn:aws:acm:{}:{}:certificate/{uuid}", request.region, self.id);
        self.tags.put(&arn, Some(request.tags.clone()));
        let made = Certificate {
            arn: arn.clone(),
            names: request.names,
            status: PENDING.to_owned(),
            tags: request.tags,
            imported: None,
            at_edges: None,
            token: request.token,
            requested: clock::now(),
        };
        self.acm.all.insert(arn.clone(), made);
        Ok(arn)
    }

    /// Tags are taken with a new certificate alone; a repeated import is another certificate.
    pub fn import_certificate(&mut self, pair: &Pair, tags: Tags) -> Outcome<String> {
        let key = pair.key.expose();
        if pair.leaf.trim().is_empty() || key.trim().is_empty() {
            let message = "1 validation error detected: Value at 'certificate' or 'privateKey' failed to satisfy constraint: \
                           Member must have length greater than or equal to 1";
            return Refusal::refuse("ValidationException", message);
        }
        if key.len() > LONGEST_KEY || !key.contains("PRIVATE KEY-----") {
            return Refusal::refuse(
                "ValidationException",
                "The private key is not in a valid PEM format.",
            );
        }
        let imported = self.acm.all.values().filter(|found| found.imported.is_some());
        if imported.count() >= self.settings.limits.imported_certificates {
            let message = "Cannot import more certificates: the account has reached its quota of imported certificates.";
            return Refusal::refuse("LimitExceededException", message);
        }
        let Some((not_before, not_after)) = validity(&pair.leaf) else {
            let message = "The certificate field is not in a valid PEM format.";
            return Refusal::refuse("ValidationException", message);
        };
        if !is_accepted(&pair.leaf, &pair.ca, self.now()) {
            let message = "The certificate is not valid, or is not signed by its certificate chain.";
            return Refusal::refuse("ValidationException", message);
        }
        let uuid = self.uuid();
        let arn = format!("arn:aws:acm:{EDGE_REGION}:{}:certificate/{uuid}", self.id);
        self.tags.put(&arn, Some(tags.clone()));
        self.acm.keys.push(pair.key.clone());
        let made = Certificate {
            arn: arn.clone(),
            names: vec![format!("client {}", pair.serial)],
            status: ISSUED.to_owned(),
            tags,
            imported: Some(Imported {
                leaf: pair.leaf.clone(),
                ca: pair.ca.clone(),
                not_before,
                not_after,
            }),
            at_edges: None,
            token: String::new(),
            requested: clock::now(),
        };
        self.acm.all.insert(arn.clone(), made);
        Ok(arn)
    }

    /// The certificate and its chain; of a requested one once it is issued, which nobody here looks at.
    pub fn get_certificate(&self, arn: &str) -> Outcome<(String, String)> {
        let found = self.certificate(arn)?;
        match &found.imported {
            Some(imported) => Ok((imported.leaf.clone(), imported.ca.clone())),
            None if found.status == ISSUED => Ok((String::new(), String::new())),
            None => {
                let message = format!("The certificate {arn} is not issued yet.");
                Refusal::refuse("RequestInProgressException", message)
            }
        }
    }

    /// Another certificate takes the place of one under its ARN.
    pub fn replace_client_certificate(&mut self, arn: &str, pair: &Pair) {
        let (not_before, not_after) = validity(&pair.leaf).expect("a certificate");
        let follows = self.settings.edges_follow_reimports;
        let found = self.acm.all.get_mut(arn).expect("the certificate exists");
        if !follows && found.at_edges.is_none() {
            found.at_edges.clone_from(&found.imported);
        }
        found.names = vec![format!("client {}", pair.serial)];
        found.imported = Some(Imported {
            leaf: pair.leaf.clone(),
            ca: pair.ca.clone(),
            not_before,
            not_after,
        });
    }

    /// Whether a text has a line of a private key that was imported in it.
    pub fn tells_a_key(&self, text: &str) -> bool {
        let mut lines = self.acm.keys.iter().flat_map(|key| key.expose().lines());
        lines.any(|line| !line.starts_with("-----") && line.len() > 16 && text.contains(line))
    }

    /// Whether CloudFront knows the client certificate of that ARN.
    pub fn knows_client_certificate(&self, arn: &str) -> bool {
        let found = self.acm.all.get(arn).filter(|found| found.imported.is_some());
        let propagation = self.settings.certificate_propagation;
        found.is_some_and(|found| clock::now() >= found.requested + propagation)
    }

    /// The client certificate of that ARN, as edge locations show it.
    pub fn shown_certificate(&self, arn: &str) -> Option<&Imported> {
        let found = self.acm.all.get(arn)?;
        found.at_edges.as_ref().or(found.imported.as_ref())
    }

    /// Edge locations show these as they are by now: a distribution was written.
    pub fn carry_certificates(&mut self, arns: impl Iterator<Item = String>) {
        for arn in arns {
            if let Some(found) = self.acm.all.get_mut(&arn) {
                found.at_edges = None;
            }
        }
    }

    /// The client certificate of that ARN.
    pub fn client_certificate(&self, arn: &str) -> Option<&Imported> {
        self.acm.all.get(arn)?.imported.as_ref()
    }

    /// The present time, as AWS tells times.
    pub fn now(&self) -> Timestamp {
        self.told(clock::now())
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
        if let Some(imported) = &found.imported {
            return Ok(self.describe_client(found, imported));
        }
        let proofs = found.names.iter().map(|name| proof(name));
        Ok(Content {
            arn: found.arn.clone(),
            status: found.status.clone(),
            failure: (found.status == "FAILED").then(|| "CAA_ERROR".to_owned()),
            proofs: proofs.filter(|_| self.tells_proofs(found)).collect(),
            in_use_by: self.users_of(arn),
            not_before: (found.status == ISSUED).then(|| self.told(found.requested)),
            is_for_clients: false,
            requested_at: Some(self.told(found.requested)),
            not_after: [ISSUED, EXPIRED]
                .contains(&found.status.as_str())
                .then(|| self.told(found.requested) + VALIDITY),
            names: found.names.clone(),
        })
    }

    fn describe_client(&self, found: &Certificate, imported: &Imported) -> Content {
        let usual = imported.not_after;
        let not_after = self.acm.not_after.get(&found.arn).copied().unwrap_or(usual);
        let is_valid = found.status == ISSUED && self.now() < not_after;
        let status = if is_valid { ISSUED } else { EXPIRED };
        Content {
            arn: found.arn.clone(),
            status: status.to_owned(),
            failure: None,
            proofs: vec![],
            in_use_by: self.users_of(&found.arn),
            not_before: Some(imported.not_before),
            is_for_clients: true,
            requested_at: None,
            not_after: Some(not_after),
            names: found.names.clone(),
        }
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
            in_use_by: self.users_of(arn),
            not_before: Some(self.acm.epoch.1),
            is_for_clients: false,
            requested_at: None,
            not_after: Some(not_after),
            names: names.to_vec(),
        }
    }

    pub fn delete_certificate(&mut self, arn: &str) -> Outcome<()> {
        self.certificate(arn)?;
        let released = self.cloudfront.released_certificates.get(arn);
        let release = self.settings.certificate_release;
        let is_held = released.is_some_and(|since| clock::now() < *since + release);
        if is_held || !self.users_of(arn).is_empty() {
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
        clock::now() >= found.requested + self.settings.certificate_record_delay
    }

    /// ARNs of what uses a certificate: to viewers, to origins, or as a custom domain name.
    fn users_of(&self, arn: &str) -> Vec<String> {
        let all = self.cloudfront.all.values();
        let distributions = all.filter(|found| {
            found.certificate().as_deref() == Some(arn) || found.client_certificates().contains(arn)
        });
        let distributions = distributions.map(|found| found.arn.clone());
        distributions.chain(self.domains_with(arn)).collect()
    }

    fn certificate(&self, arn: &str) -> Outcome<&Certificate> {
        let words = || format!("Could not find certificate {arn}.");
        let missing = || Refusal::new("ResourceNotFoundException", words());
        self.acm.all.get(arn).ok_or_else(missing)
    }
}
