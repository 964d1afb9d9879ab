//! Everything that exists, for looking from outside.

use super::account::Account;
use super::apigateway::domain_names::arn_of;
use palisade::domain::edge::hosted_zone::{Record, mark_name, marked_name};
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_UID, Tags};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The kinds of things that have tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Role,
    Function,
    IpSet,
    WebAcl,
    Distribution,
    ApiKey,
    UsagePlan,
    HealthCheck,
    Protection,
    Alarm,
    Certificate,
    /// A custom domain name of API Gateway that somebody made by calls.
    DomainName,
    /// An object of S3 below `palisade/`.
    Truststore,
    /// A record of a hosted zone that makes a name lead somewhere, or says whose it is.
    Record,
}

/// Something in the account.
#[derive(Debug, Clone)]
pub struct Resource {
    pub kind: Kind,
    /// What calls name it by: a distribution's, web ACL's or IP set's id, otherwise the name.
    pub id: String,
    pub name: String,
    pub arn: String,
    pub tags: Tags,
    /// Of roles and functions: whether they were made for the edge.
    pub for_edge: bool,
    /// Of content and tags, where it is asked for; neither of state nor of versions.
    pub hash: Option<u64>,
    /// ARNs of what it refers to.
    pub references: BTreeSet<String>,
    /// False only of a disabled distribution.
    pub enabled: bool,
    /// Of a distribution: whether it shows the API anything, a signature, a header or a certificate.
    pub shows: bool,
}

impl Resource {
    /// The UID of the object that it belongs to.
    pub fn uid(&self) -> Option<&str> {
        self.tags.get(TAG_UID).map(String::as_str)
    }
}

/// Of which resources the content is hashed: that takes longer than all the rest.
#[derive(Debug, Clone, Copy)]
pub enum Hashed<'a> {
    None,
    All,
    /// What that cluster did not make.
    AllBut(&'a str),
}

impl Hashed<'_> {
    /// The hash of what a resource with these tags holds, where it is asked for.
    fn of<T: Debug>(self, tags: &Tags, content: impl FnOnce() -> T) -> Option<u64> {
        let is_asked = match self {
            Self::None => false,
            Self::All => true,
            Self::AllBut(cluster) => tags.get(TAG_CLUSTER).is_none_or(|found| found != cluster),
        };
        is_asked.then(|| hash(&content()))
    }
}

impl Account {
    pub fn resources(&self, hashed: Hashed<'_>) -> Vec<Resource> {
        let roles = self.iam.all.values().map(|role| {
            let observed = &role.observed;
            Resource {
                hash: hashed.of(&observed.tags, || observed),
                for_edge: role.for_edge,
                ..resource(Kind::Role, &observed.name, &observed.arn, &observed.tags)
            }
        });
        let functions = self.lambda.all.values().map(|function| {
            let content = || {
                let versions = std::iter::once(&function.latest).chain(function.published.values());
                let versions: Vec<_> = versions
                    .map(|version| (version.number, &version.settings, &version.code_sha256))
                    .collect();
                (versions, &function.tags, &function.permissions)
            };
            Resource {
                hash: hashed.of(&function.tags, content),
                for_edge: function.for_edge,
                references: BTreeSet::from([function.latest.settings.role.clone()]),
                ..resource(Kind::Function, function.name(), &function.arn, &function.tags)
            }
        });
        let ip_sets = self.waf.ip_sets.values().map(|set| Resource {
            id: set.content.entity.id.clone(),
            hash: hashed.of(&set.tags, || (&set.content.addresses, &set.tags)),
            ..resource(
                Kind::IpSet,
                &set.content.entity.name,
                &set.content.entity.arn,
                &set.tags,
            )
        });
        let web_acls = self.waf.web_acls.values().map(|acl| Resource {
            id: acl.entity.id.clone(),
            hash: hashed.of(&acl.tags, || {
                let logging = self.waf.logging.get(&acl.entity.arn);
                (acl.document.to_string(), logging, &acl.tags)
            }),
            ..resource(Kind::WebAcl, &acl.entity.name, &acl.entity.arn, &acl.tags)
        });
        let distributions = self.cloudfront.all.values().map(|distribution| {
            let comment = xml::text_at(&distribution.wanted, "Comment").unwrap_or_default();
            let functions = distribution.functions();
            let certificates = distribution.client_certificates();
            let shows = !functions.is_empty() || distribution.sends_headers() || !certificates.is_empty();
            let mut references = functions;
            references.extend(certificates);
            references.extend(Some(distribution.web_acl()).filter(|arn| !arn.is_empty()));
            Resource {
                id: distribution.id.clone(),
                hash: hashed.of(&distribution.tags, || {
                    (xml::leaves(&distribution.wanted), &distribution.tags)
                }),
                shows,
                references,
                enabled: distribution.is_enabled(),
                ..resource(
                    Kind::Distribution,
                    &comment,
                    &distribution.arn,
                    &distribution.tags,
                )
            }
        });
        let keys = self.apis.keys.iter().map(|((region, id), key)| {
            let arn = format!("arn:aws:apigateway:{region}::/apikeys/{id}");
            Resource {
                id: id.clone(),
                hash: hashed.of(&key.tags, || key),
                ..resource(Kind::ApiKey, &key.name, &arn, &key.tags)
            }
        });
        let plans = self.apis.plans.iter().map(|((region, id), plan)| {
            let arn = format!("arn:aws:apigateway:{region}::/usageplans/{id}");
            Resource {
                id: id.clone(),
                hash: hashed.of(&plan.observed.tags, || (&plan.observed, &plan.keys)),
                ..resource(Kind::UsagePlan, &plan.observed.name, &arn, &plan.observed.tags)
            }
        });
        roles
            .chain(functions)
            .chain(keys)
            .chain(plans)
            .chain(ip_sets)
            .chain(web_acls)
            .chain(distributions)
            .chain(self.resources_of_shield(hashed))
            .chain(self.certificates(hashed))
            .chain(self.domain_names(hashed))
            .chain(self.truststore_objects(hashed))
            .chain(self.records(hashed))
            .collect()
    }

    fn resources_of_shield<'a>(&'a self, hashed: Hashed<'a>) -> impl Iterator<Item = Resource> + 'a {
        let protections = self.shield.all.values().map(move |found| {
            let content = &found.content;
            Resource {
                id: content.id.clone(),
                hash: hashed.of(&found.tags, || (content, &found.tags)),
                references: BTreeSet::from([content.resource_arn.clone()]),
                ..resource(Kind::Protection, &content.resource_arn, &content.arn, &found.tags)
            }
        });
        let health_checks = self.route53.all.values().map(move |found| {
            let content = &found.content;
            let arn = format!("arn:aws:route53:::healthcheck/{}", content.id);
            Resource {
                id: content.id.clone(),
                hash: hashed.of(&found.tags, || (&content.settings, &found.tags)),
                ..resource(Kind::HealthCheck, &content.reference, &arn, &found.tags)
            }
        });
        let alarms = self.cloudwatch.all.values().map(move |found| {
            let content = &found.content;
            Resource {
                hash: hashed.of(&found.tags, || (content, &found.tags)),
                ..resource(Kind::Alarm, &content.name, &content.arn, &found.tags)
            }
        });
        protections.chain(health_checks).chain(alarms)
    }

    fn certificates<'a>(&'a self, hashed: Hashed<'a>) -> impl Iterator<Item = Resource> + 'a {
        self.acm.all.values().map(move |found| Resource {
            id: found.arn.clone(),
            hash: hashed.of(&found.tags, || (&found.names, &found.imported, &found.tags)),
            ..resource(Kind::Certificate, &found.names.join(","), &found.arn, &found.tags)
        })
    }

    fn domain_names<'a>(&'a self, hashed: Hashed<'a>) -> impl Iterator<Item = Resource> + 'a {
        self.made_domains().map(move |((region, name), made, mappings)| {
            let content = || (&made.certificate_arn, &made.serving, &made.tags, mappings);
            Resource {
                hash: hashed.of(&made.tags, content),
                ..resource(Kind::DomainName, name, &arn_of(region, name), &made.tags)
            }
        })
    }

    fn truststore_objects(&self, hashed: Hashed<'_>) -> Vec<Resource> {
        let objects = self.truststores().into_iter();
        objects
            .map(|found| {
                let tags = found.tags();
                let arn = format!("arn:aws:s3:::{}/{}", found.bucket, found.key);
                Resource {
                    hash: hashed.of(&tags, || found.contents()),
                    ..resource(Kind::Truststore, found.key, &arn, &tags)
                }
            })
            .collect()
    }

    /// Records, with tags as their marks say; those that prove a certificate's names serve the whole account, and stay.
    fn records(&self, hashed: Hashed<'_>) -> Vec<Resource> {
        let mut found = Vec::new();
        for zone in self.route53.zones.values() {
            let records = zone.records.values().map(|(record, _)| record);
            let is_proof = |record: &&Record| {
                record
                    .values
                    .iter()
                    .any(|value| value.contains("acm-validations"))
            };
            for record in records.filter(|record| !is_proof(record)) {
                let name = marked_name(&record.name).unwrap_or_else(|| record.name.clone());
                let mark = (mark_name(&name), "TXT".to_owned(), String::new());
                let tags = zone
                    .records
                    .get(&mark)
                    .map(|(mark, _)| tags_of(mark))
                    .unwrap_or_default();
                let id = format!("{} {}", record.name, record.r#type);
                let arn = format!("arn:aws:route53:::hostedzone/{}/{id}", zone.head.id);
                found.push(Resource {
                    hash: hashed.of(&tags, || record),
                    ..resource(Kind::Record, &id, &arn, &tags)
                });
            }
        }
        found
    }

    /// Whether there is a web ACL, a function version or a client certificate of that ARN.
    pub fn exists(&self, arn: &str) -> bool {
        self.web_acl_by_arn(arn).is_some()
            || self.version_by_arn(arn).is_some()
            || self.client_certificate(arn).is_some()
    }
}

/// The owner that a mark names, as tags.
fn tags_of(mark: &Record) -> Tags {
    let text = mark.values.concat();
    let parts = text.trim_matches('"').split(',');
    parts
        .filter_map(|part| part.split_once('='))
        .filter(|(key, _)| key.starts_with("palisade.dev/"))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn resource(kind: Kind, name: &str, arn: &str, tags: &Tags) -> Resource {
    Resource {
        kind,
        id: name.to_owned(),
        name: name.to_owned(),
        arn: arn.to_owned(),
        tags: tags.clone(),
        for_edge: false,
        hash: None,
        references: BTreeSet::new(),
        enabled: true,
        shows: false,
    }
}

fn hash(content: &impl Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{content:?}").hash(&mut hasher);
    hasher.finish()
}
