//! Custom domain names as somebody makes, changes and deletes them: with a truststore, they ask for a client certificate.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::certificates::count;
use super::super::clock;
use super::super::history;
use super::super::refusal::{Outcome, Refusal};
use super::domains::{Domain, target};
use super::{Key, bad, unknown};
use palisade::aws::cloud::Page;
use palisade::domain::access::obstacles::other_doors;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::mutual_tls::origin_domain::{AVAILABLE, Change, Content, Creation, Mapping};
use tokio::time::Instant;

/// The hosted zone of all of API Gateway's own names.
const TARGET_ZONE: &str = "Z3UWIKFBOOGXPP";
const MOST_TAGS: usize = 50;

/// Which client certificates are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truststore {
    pub uri: String,
    pub version: String,
    /// As it was read when the domain name was made or changed.
    pub content: String,
}

/// Whom a custom domain name lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serving {
    Nobody,
    Anybody,
    /// Who shows a certificate of one of these CAs.
    Trusted(Truststore),
}

impl Serving {
    fn truststore(&self) -> Option<&Truststore> {
        match self {
            Self::Trusted(truststore) => Some(truststore),
            Self::Nobody | Self::Anybody => None,
        }
    }
}

/// What was made, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Made {
    pub certificate_arn: String,
    pub serving: Serving,
    pub tags: Tags,
    /// Whom it lets in until the change is in force.
    former: Serving,
    settled_at: Instant,
    /// API Gateway's word in place of what it would be, with what it says to that.
    said: Option<(String, String)>,
}

impl Made {
    fn is_settled(&self) -> bool {
        clock::now() >= self.settled_at
    }

    fn status(&self) -> String {
        if let Some((status, _)) = &self.said {
            return status.clone();
        }
        let word = match self.former {
            _ if self.is_settled() => AVAILABLE,
            Serving::Nobody => "PENDING",
            Serving::Anybody | Serving::Trusted(_) => "UPDATING",
        };
        word.to_owned()
    }

    /// Where its truststore is, if it asks for a certificate.
    pub fn truststore_uri(&self) -> Option<String> {
        self.serving.truststore().map(|found| found.uri.clone())
    }

    /// Whom it lets in now; `updating` tells by what one serves that is changed.
    pub fn in_force(&self, updating: &str) -> &Serving {
        let is_failed = self.said.as_ref().is_some_and(|(status, _)| status == "FAILED");
        let is_made = self.former != Serving::Nobody;
        match updating {
            _ if is_failed => &Serving::Nobody,
            _ if self.is_settled() => &self.serving,
            "new" if is_made => &self.serving,
            "nothing" if is_made => &Serving::Nobody,
            _ => &self.former,
        }
    }
}

/// The ARN of a custom domain name.
pub fn arn_of(region: &str, name: &str) -> String {
    format!("arn:aws:apigateway:{region}::/domainnames/{name}")
}

/// Region and name of such an ARN.
fn key_of(arn: &str) -> Option<Key> {
    let region = arn.split(':').nth(3)?;
    let (_, name) = arn.rsplit_once('/')?;
    Some((region.to_owned(), name.to_owned()))
}

impl SimulatedCloud {
    /// API Gateway's word for a custom domain name from now on, and what it says to that; `None`: as it would be.
    pub fn set_domain_status(&self, name: &str, said: Option<(&str, &str)>) {
        self.edit_domain(name, |made| {
            made.said = said.map(|(status, words)| (status.to_owned(), words.to_owned()));
        });
    }

    /// Somebody puts another truststore into the place of the one that a custom domain name asks by; `None`: it asks no more.
    pub fn set_truststore(&self, name: &str, truststore: Option<Truststore>) {
        self.edit_domain(name, |made| {
            made.serving = truststore.map_or(Serving::Anybody, Serving::Trusted);
        });
    }

    /// The truststore that a custom domain name asks by.
    pub fn truststore_of(&self, name: &str) -> Option<Truststore> {
        let account = &self.lock().account;
        let mut all = account.apis.domains.iter();
        let found = all
            .find(|((_, known), _)| known == name)
            .map(|(_, domain)| domain);
        found?.made.as_ref()?.serving.truststore().cloned()
    }

    /// The truststore by which a custom domain name lets in callers now, whatever it is configured with.
    pub fn truststore_in_force(&self, name: &str) -> Option<Truststore> {
        let account = &self.lock().account;
        let mut made = account.made_domains();
        let (_, made, _) = made.find(|((_, known), ..)| known == name)?;
        let updating = account.settings.updating_domain_serves;
        made.in_force(updating).truststore().cloned()
    }

    fn edit_domain(&self, name: &str, change: impl FnOnce(&mut Made)) {
        let account = &mut self.lock().account;
        let mut all = account.apis.domains.iter_mut();
        let found = all
            .find(|((_, known), _)| known == name)
            .map(|(_, domain)| domain);
        change(
            found
                .and_then(|domain| domain.made.as_mut())
                .expect("somebody made it"),
        );
    }
}

impl Account {
    pub fn get_domain_name(&self, region: &str, name: &str) -> Outcome<(Content, Tags)> {
        let domain = self.domain(region, name)?;
        let tags = domain
            .made
            .as_ref()
            .map(|made| made.tags.clone())
            .unwrap_or_default();
        Ok((self.content_of(region, name, domain), tags))
    }

    pub fn create_domain_name(&mut self, region: &str, creation: Creation) -> Outcome<Content> {
        self.pace("CreateDomainName")?;
        let key = (region.to_owned(), creation.name.clone());
        let is_elsewhere = self.settings.names_taken_elsewhere.contains(&creation.name);
        if is_elsewhere || self.apis.domains.contains_key(&key) {
            let message = "The domain name you provided already exists.";
            return Refusal::refuse("ConflictException", message);
        }
        self.check_server_certificate(region, &creation.certificate_arn, &creation.name)?;
        let truststore = self.trusted(region, &creation.truststore_uri, &creation.truststore_version)?;
        self.tags
            .put(&arn_of(region, &creation.name), Some(creation.tags.clone()));
        let made = Made {
            certificate_arn: creation.certificate_arn,
            serving: Serving::Trusted(truststore),
            tags: creation.tags,
            former: Serving::Nobody,
            settled_at: clock::now() + self.settings.domain_name_delay,
            said: None,
        };
        let mut domain = Domain::default();
        domain.made = Some(made);
        self.apis.domains.insert(key, domain);
        Ok(self.get_domain_name(region, &creation.name)?.0)
    }

    /// The former configuration serves until the next one is in force.
    pub fn update_domain_name(&mut self, region: &str, change: Change) -> Outcome<Content> {
        self.pace("UpdateDomainName")?;
        let made = self.domain(region, &change.name)?.made.clone();
        let made = made.ok_or_else(|| unknown("domain name"))?;
        if !made.is_settled() {
            let message = "There is already an update in progress for this domain name.";
            return Refusal::refuse("ConflictException", message);
        }
        self.check_server_certificate(region, &change.certificate_arn, &change.name)?;
        let truststore = self.trusted(region, &change.truststore_uri, &change.truststore_version)?;
        let changed = Made {
            certificate_arn: change.certificate_arn,
            former: made.serving.clone(),
            serving: Serving::Trusted(truststore),
            settled_at: clock::now() + self.settings.domain_name_delay,
            ..made
        };
        let key = (region.to_owned(), change.name.clone());
        if let Some(domain) = self.apis.domains.get_mut(&key) {
            domain.made = Some(changed);
        }
        Ok(self.get_domain_name(region, &change.name)?.0)
    }

    pub fn delete_domain_name(&mut self, region: &str, name: &str) -> Outcome<()> {
        self.domain(region, name)?;
        self.pace("DeleteDomainName")?;
        self.apis.domains.remove(&(region.to_owned(), name.to_owned()));
        self.tags.put(&arn_of(region, name), None);
        Ok(())
    }

    pub fn list_mappings_of(
        &self,
        region: &str,
        domain: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<Mapping>> {
        let mappings = self.domain(region, domain)?.mappings.iter();
        let rows = mappings.map(|(id, mapping)| (id.clone(), told(id, mapping)));
        Ok(history::page(rows.collect(), marker, self.page_size(100)))
    }

    pub fn create_api_mapping(
        &mut self,
        (region, domain): (&str, &str),
        path: String,
        api_id: String,
        stage: String,
    ) -> Outcome<Mapping> {
        let mut mappings = self.domain(region, domain)?.mappings.values();
        if mappings.any(|known| known.path == path) {
            let message = "ApiMapping key already exists for this domain name";
            return Refusal::refuse("ConflictException", message);
        }
        let api = self.apis.all.get(&(region.to_owned(), api_id.clone()));
        let api = api.ok_or_else(|| bad("Invalid API identifier specified"))?;
        if !api.stages.contains_key(&stage) {
            return Err(bad("Invalid stage identifier specified"));
        }
        let id = self.map_domain(region, domain, &path, &api_id, &stage);
        Ok(Mapping {
            id,
            key: path,
            api_id,
            stage,
        })
    }

    pub fn delete_api_mapping(&mut self, region: &str, domain: &str, id: &str) -> Outcome<()> {
        let key = (region.to_owned(), domain.to_owned());
        let found = self
            .apis
            .domains
            .get_mut(&key)
            .ok_or_else(|| unknown("domain name"))?;
        found.mappings.remove(id).ok_or_else(|| unknown("ApiMapping"))?;
        Ok(())
    }

    pub fn tag_domain_name(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        let found = key_of(arn).and_then(|key| self.apis.domains.get_mut(&key));
        let made = found.and_then(|domain| domain.made.as_mut());
        let made = made.ok_or_else(|| unknown("domain name"))?;
        let mut tags = made.tags.clone();
        change(&mut tags);
        if tags.len() > MOST_TAGS {
            return Err(bad(format!("A resource can have at most {MOST_TAGS} tags")));
        }
        made.tags.clone_from(&tags);
        self.tags.put(arn, Some(tags));
        Ok(())
    }

    /// ARNs of the custom domain names with that certificate.
    pub fn domains_with(&self, certificate: &str) -> Vec<String> {
        let all = self.apis.domains.iter();
        let using = all.filter(|(_, domain)| {
            let made = domain.made.as_ref();
            made.is_some_and(|made| made.certificate_arn == certificate)
        });
        using.map(|((region, name), _)| arn_of(region, name)).collect()
    }

    /// Custom domain names that somebody made by calls, with their Region and name.
    pub fn made_domains(&self) -> impl Iterator<Item = (&Key, &Made, Vec<&other_doors::Mapping>)> {
        let all = self.apis.domains.iter();
        all.filter_map(|(key, domain)| Some((key, domain.made.as_ref()?, domain.mappings.values().collect())))
    }

    pub(super) fn domain(&self, region: &str, domain: &str) -> Outcome<&Domain> {
        let key = (region.to_owned(), domain.to_owned());
        self.apis.domains.get(&key).ok_or_else(|| unknown("domain name"))
    }

    fn content_of(&self, region: &str, name: &str, domain: &Domain) -> Content {
        let made = domain.made.as_ref();
        let truststore = made.and_then(|made| made.serving.truststore());
        let warnings = self.settings.truststore_warnings.iter();
        Content {
            name: name.to_owned(),
            status: made.map_or_else(|| AVAILABLE.to_owned(), Made::status),
            status_message: made
                .and_then(|made| made.said.as_ref())
                .map(|(_, words)| words.clone()),
            endpoint_type: "REGIONAL".to_owned(),
            security_policy: "TLS_1_2".to_owned(),
            certificate_arn: made.map(|made| made.certificate_arn.clone()),
            truststore_uri: truststore.map(|found| found.uri.clone()),
            truststore_version: truststore.map(|found| found.version.clone()),
            warnings: warnings.filter(|_| truststore.is_some()).cloned().collect(),
            target: Some(target(region, name)),
            target_zone: Some(TARGET_ZONE.to_owned()),
            routing_mode: domain
                .mode
                .clone()
                .unwrap_or_else(|| "API_MAPPING_ONLY".to_owned()),
        }
    }

    /// A public certificate of the Region that covers the name.
    fn check_server_certificate(&self, region: &str, arn: &str, name: &str) -> Outcome<()> {
        let known = self.cloudfront.certificates.get(arn);
        let known = known.filter(|_| arn.split(':').nth(3) == Some(region));
        let Some(names) = known else {
            return Err(bad(
                "The provided certificate does not exist, is not issued, or is not in the Region of the domain name.",
            ));
        };
        let wildcard = name.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        let covers = |known: &String| known == name || Some(known) == wildcard.as_ref();
        if names.iter().any(covers) {
            return Ok(());
        }
        Err(bad(
            "The domain name to be created is not covered by the provided certificate.",
        ))
    }

    /// The truststore at that version, which is read once.
    fn trusted(&self, region: &str, uri: &str, version: &str) -> Outcome<Truststore> {
        let content = self.object_at(region, uri, Some(version));
        let Some(content) = content else {
            return Err(bad(
                "Invalid mutual TLS authentication: the truststore object or its version does not exist, or cannot be accessed.",
            ));
        };
        if count(&content) == 0 {
            return Err(bad(
                "Invalid mutual TLS authentication: the truststore holds no valid certificate.",
            ));
        }
        Ok(Truststore {
            uri: uri.to_owned(),
            version: version.to_owned(),
            content,
        })
    }

    /// One of each in so long.
    fn pace(&mut self, operation: &'static str) -> Outcome<()> {
        let every = self.settings.domain_name_write_interval;
        let last = self.apis.domain_writes.get(operation);
        if last.is_some_and(|last| clock::now() - *last < every) {
            return Refusal::refuse("TooManyRequestsException", "Too Many Requests");
        }
        self.apis.domain_writes.insert(operation, clock::now());
        Ok(())
    }
}

fn told(id: &str, mapping: &other_doors::Mapping) -> Mapping {
    Mapping {
        id: id.to_owned(),
        key: mapping.path.clone(),
        api_id: mapping.api_id.clone(),
        stage: mapping.stage.clone(),
    }
}
