//! CloudFront: distributions with what is wanted, what is deployed, and since when.

mod checks;
mod defaults;
mod edge_functions;
mod operations;
pub mod policies;

use super::account::Account;
use super::clock;
use super::history::History;
use palisade::domain::edge::detours::Behaviours;
use palisade::domain::edge::distribution::{Content, Listed};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Distributions by id, and what CloudFront remembers besides.
#[derive(Clone, Default)]
pub struct Store {
    pub all: BTreeMap<String, Distribution>,
    history: History<Summary>,
    /// Caller reference → id; also of distributions that are gone.
    references: BTreeMap<String, String>,
    /// Function version → when its dissociation is deployed; its replicas live on for a while from there.
    released: BTreeMap<String, Instant>,
    /// Client certificate → when it was last taken off a distribution everywhere.
    pub released_certificates: BTreeMap<String, Instant>,
    /// Certificates of us-east-1, by ARN, with the names that they cover.
    pub certificates: BTreeMap<String, Vec<String>>,
    /// Names that distributions of other accounts have, with the account.
    pub foreign_aliases: BTreeMap<String, String>,
}

/// A distribution.
#[derive(Clone)]
pub struct Distribution {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    pub etag: String,
    pub wanted: Element,
    pub tags: Tags,
    deployed_at: Instant,
    /// What the edge locations run while `wanted` is on its way.
    previous: Option<Element>,
    /// Whether somebody else wrote either.
    spoiled: Spoiled,
    past_etags: BTreeSet<String>,
}

/// Whether somebody else wrote the configuration that is wanted, and the one that was deployed before.
#[derive(Clone, Copy, Default)]
struct Spoiled {
    wanted: bool,
    previous: bool,
}

/// A state of a distribution as lists show it; the status is reckoned when the list is asked for.
#[derive(Clone)]
struct Summary {
    listed: Listed,
    deployed_at: Instant,
}

impl Distribution {
    pub fn is_enabled(&self) -> bool {
        xml::text_at(&self.wanted, "Enabled").as_deref() == Some("true")
    }

    pub fn web_acl(&self) -> String {
        xml::text_at(&self.wanted, "WebACLId").unwrap_or_default()
    }

    pub fn aliases(&self) -> Vec<String> {
        xml::texts_at(&self.wanted, "Aliases")
    }

    pub fn certificate(&self) -> Option<String> {
        xml::text_at(&self.wanted, "ViewerCertificate/ACMCertificateArn")
    }

    pub fn functions(&self) -> BTreeSet<String> {
        function_arns(&self.wanted)
    }

    /// ARNs of the client certificates that it shows to origins, also those that some edge locations still show.
    pub fn client_certificates(&self) -> BTreeSet<String> {
        let shown = Some(&self.wanted).into_iter().chain(self.live());
        shown.flat_map(client_certificates_of).collect()
    }

    pub fn is_deployed(&self) -> bool {
        clock::now() >= self.deployed_at
    }

    /// Whether it adds headers of its own to what it sends to its origin.
    pub fn sends_headers(&self) -> bool {
        let origins = xml::items_at(&self.wanted, "Origins").into_iter();
        let mut headers = origins.flat_map(|origin| xml::items_at(origin, "CustomHeaders"));
        headers.next().is_some()
    }

    /// What the edge locations run: the configuration that was deployed last.
    pub fn live(&self) -> Option<&Element> {
        if self.is_deployed() {
            Some(&self.wanted)
        } else {
            self.previous.as_ref()
        }
    }

    /// What the edge locations run: while a configuration is carried there, some have it and some do not.
    pub fn running(&self) -> Vec<&Element> {
        let is_enabled = |config: &&Element| xml::text_at(config, "Enabled").as_deref() == Some("true");
        let coming = Some(&self.wanted).filter(|_| !self.is_deployed());
        self.live().into_iter().chain(coming).filter(is_enabled).collect()
    }

    /// Whether what the edge locations run was written by somebody else.
    pub fn is_spoiled(&self) -> bool {
        if self.is_deployed() {
            self.spoiled.wanted
        } else {
            self.spoiled.previous
        }
    }

    /// Whether it serves viewers.
    pub fn is_live(&self) -> bool {
        let enabled = self.live().and_then(|live| xml::text_at(live, "Enabled"));
        enabled.as_deref() == Some("true")
    }

    /// Whether viewers reach it by that name.
    pub fn answers_to(&self, host: &str) -> bool {
        self.domain_name == host || self.live_aliases().iter().any(|alias| alias == host)
    }

    pub fn live_aliases(&self) -> Vec<String> {
        self.live()
            .map(|live| xml::texts_at(live, "Aliases"))
            .unwrap_or_default()
    }

    fn status(&self) -> String {
        if self.is_deployed() {
            "Deployed"
        } else {
            "InProgress"
        }
        .to_owned()
    }

    fn content(&self) -> Content {
        Content {
            id: self.id.clone(),
            arn: self.arn.clone(),
            domain_name: self.domain_name.clone(),
            etag: self.etag.clone(),
            status: self.status(),
            config: self.wanted.clone(),
        }
    }

    fn listed(&self) -> Listed {
        let origins = xml::items_at(&self.wanted, "Origins").into_iter().map(|origin| {
            let text = |path| xml::text_at(origin, path).unwrap_or_default();
            (text("DomainName"), text("OriginPath"))
        });
        Listed {
            id: self.id.clone(),
            arn: self.arn.clone(),
            domain_name: self.domain_name.clone(),
            etag: self.etag.clone(),
            status: self.status(),
            enabled: self.is_enabled(),
            is_staging: xml::text_at(&self.wanted, "Staging").as_deref() == Some("true"),
            comment: xml::text_at(&self.wanted, "Comment").unwrap_or_default(),
            web_acl_arn: self.web_acl(),
            aliases: self.aliases(),
            certificate_arn: self.certificate(),
            origins: origins.collect(),
            functions: xml::at(&self.wanted, "DefaultCacheBehavior")
                .map(behaviour_functions)
                .unwrap_or_default(),
            has_other_functions: xml::items_at(&self.wanted, "CacheBehaviors")
                .into_iter()
                .any(|behaviour| !behaviour_functions(behaviour).is_empty()),
            detours: Behaviours::of(&self.wanted).detours(),
            leads: Behaviours::of(&self.wanted).leads(),
        }
    }
}

impl Account {
    /// Whether replicas of a function version stand at the edge.
    pub fn is_replicated(&self, arn: &str) -> bool {
        let associated = self
            .cloudfront
            .all
            .values()
            .any(|distribution| distribution.functions().contains(arn));
        let lingering = self.cloudfront.released.get(arn);
        associated || lingering.is_some_and(|since| clock::now() < *since + self.settings.replica_retention)
    }

    /// A new wanted configuration: a new `ETag`, and a deployment that takes its time.
    pub fn write_distribution(&mut self, id: &str, config: Element) {
        let etag = self.token('E');
        let deployed_at = clock::now() + self.settings.deployment_delay;
        self.carry_certificates(client_certificates_of(&config).into_iter());
        let Some(distribution) = self.cloudfront.all.get_mut(id) else {
            return;
        };
        for arn in distribution.functions().difference(&function_arns(&config)) {
            self.cloudfront.released.insert(arn.clone(), deployed_at);
        }
        for arn in distribution
            .client_certificates()
            .difference(&client_certificates_of(&config))
        {
            self.cloudfront
                .released_certificates
                .insert(arn.clone(), deployed_at);
        }
        distribution.spoiled = Spoiled {
            wanted: false,
            previous: distribution.is_spoiled(),
        };
        distribution.previous = distribution.live().cloned();
        let past = std::mem::replace(&mut distribution.etag, etag);
        distribution.past_etags.insert(past);
        distribution.wanted = config;
        distribution.deployed_at = deployed_at;
        let summary = Summary {
            listed: distribution.listed(),
            deployed_at,
        };
        self.cloudfront.history.put(id, Some(summary));
    }

    /// Notes that somebody else wrote what is wanted.
    pub fn spoil_distribution(&mut self, id: &str) {
        if let Some(distribution) = self.cloudfront.all.get_mut(id) {
            distribution.spoiled.wanted = true;
        }
    }

    pub fn remove_distribution(&mut self, id: &str) {
        let Some(distribution) = self.cloudfront.all.remove(id) else {
            return;
        };
        for arn in distribution.functions() {
            self.cloudfront.released.insert(arn, clock::now());
        }
        for arn in distribution.client_certificates() {
            self.cloudfront.released_certificates.insert(arn, clock::now());
        }
        self.cloudfront.history.put(id, None);
        self.tags.put(&distribution.arn, None);
    }
}

/// The function versions that a configuration associates.
pub fn function_arns(config: &Element) -> BTreeSet<String> {
    behaviours(config)
        .into_iter()
        .flat_map(behaviour_functions)
        .collect()
}

/// ARNs of the client certificates that a configuration shows to its origins.
pub fn client_certificates_of(config: &Element) -> BTreeSet<String> {
    let origins = xml::items_at(config, "Origins").into_iter();
    origins.filter_map(client_certificate).collect()
}

/// ARN of the client certificate that an origin is shown.
pub fn client_certificate(origin: &Element) -> Option<String> {
    xml::text_at(origin, "CustomOriginConfig/OriginMtlsConfig/ClientCertificateArn")
}

fn behaviours(config: &Element) -> Vec<&Element> {
    let default = xml::at(config, "DefaultCacheBehavior").into_iter();
    default.chain(xml::items_at(config, "CacheBehaviors")).collect()
}

fn behaviour_functions(behaviour: &Element) -> Vec<String> {
    let associations = xml::items_at(behaviour, "LambdaFunctionAssociations").into_iter();
    associations
        .filter_map(|association| xml::text_at(association, "LambdaFunctionARN"))
        .collect()
}
