//! What a read or a call changes in what is seen.

use crate::aws::cloud::CloudError;
use crate::aws::errors::ErrorKind;
use crate::domain;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::table::cause::Why;
use crate::domain::kernel::identity::{TAG_CLUSTER, TAG_UID, Tags};
use crate::domain::kernel::observing::{Never, Seen};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::tagging::TagCall;
use crate::domain::perimeter::observed::Observed;

/// What a read or a call teaches about one resource.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
#[allow(
    clippy::large_enum_variant,
    reason = "one is made of each answer, and taken in at once"
)]
pub enum Update {
    Role(Seen<domain::signer::role::Observed, domain::signer::role::Observed>),
    Function(Seen<domain::signer::function::Listed, domain::signer::function::Observed>),
    IpSet(
        String,
        Seen<domain::firewall::ip_set::Listed, domain::firewall::ip_set::Observed>,
    ),
    WebAcl(Seen<domain::firewall::web_acl::Listed, domain::firewall::web_acl::Observed>),
    Logging(Seen<domain::firewall::logging::Observed, domain::firewall::logging::Observed>),
    Distribution(Seen<domain::edge::distribution::Row, domain::edge::distribution::Observed>),
    ApiKey(Seen<Never, domain::access::credentials::api_key::Observed>),
    Authorizer(Seen<Never, domain::access::credentials::authorizer::Observed>),
    Access(Seen<Never, domain::access::authorization::Observed>),
    /// Our own health check.
    OwnCheck(Seen<domain::shield::health_check::Content, domain::shield::health_check::Observed>),
    /// The health check that the spec names.
    NamedCheck(Seen<domain::shield::health_check::Content, domain::shield::health_check::Observed>),
    /// The caller reference belongs to a deleted health check: take the next one.
    NextCheckReference,
    Protection(Seen<domain::shield::protection::Content, domain::shield::protection::Observed>),
    /// Like `Protection`, after its automatic response was switched: Shield changes the web ACL.
    Switched(Seen<domain::shield::protection::Content, domain::shield::protection::Observed>),
    Alarm(Seen<domain::shield::alarm::Content, domain::shield::alarm::Observed>),
    /// A certificate, by its ARN.
    Certificate(
        String,
        Seen<domain::edge::certificate::Listed, domain::edge::certificate::Observed>,
    ),
    /// ACM still sees this certificate, whichever it is, in use: let it be for now.
    CertificateStays(String),
    /// The request was answered with a certificate that is deleted: make another.
    NextCertificateRequest,
    /// A public certificate of the origin's name, by its ARN.
    OriginCertificate(
        String,
        Seen<
            domain::mutual_tls::origin_certificate::Listed,
            domain::mutual_tls::origin_certificate::Observed,
        >,
    ),
    /// The same, where a repeated request was answered with one that is deleted: make another.
    NextOriginCertificateRequest,
    Truststore(Seen<Never, domain::mutual_tls::truststore::Observed>),
    OriginDomain(
        Seen<domain::mutual_tls::origin_domain::Listed, domain::mutual_tls::origin_domain::Observed>,
    ),
    /// A client certificate was imported: it has taken the pair in memory. Whether it shuts out those before it.
    Imported(domain::mutual_tls::client_certificate::Observed, bool),
    /// A client certificate, by its ARN.
    ClientCertificate(
        String,
        Seen<
            domain::mutual_tls::client_certificate::Listed,
            domain::mutual_tls::client_certificate::Observed,
        >,
    ),
    Endpoint(Seen<Never, domain::mutual_tls::endpoint::Observed>),
    /// The same, where nothing was done: it was read to differ from what that was decided by.
    EndpointRead(Seen<Never, domain::mutual_tls::endpoint::Observed>),
    /// What of other clusters leads to other stages, as custom domain names tell, and what hangs on the default endpoint being off.
    EndpointOthers(domain::mutual_tls::doors::Others),
    /// Who comes by the default endpoint, as the list of distributions tells.
    EndpointComers(domain::mutual_tls::comers::Comers),
    /// A hosted zone, by its id.
    Zone(String, domain::edge::names::ZoneSeen),
    /// What leads viewers to the stage, with the hosted zones as they were read anew; `None` of one that could not be read.
    WaysIn(
        domain::access::asked::ways_in::WaysIn,
        Vec<(String, Option<domain::edge::names::ZoneSeen>)>,
    ),
    /// A batch of changes was made to the records of a hosted zone.
    Records(String, Vec<domain::edge::hosted_zone::RecordChange>),
    /// An alias was moved to the distribution.
    AliasMoved(
        String,
        Seen<domain::edge::distribution::Row, domain::edge::distribution::Observed>,
    ),
    /// What was to be read is gone from sight.
    Nothing,
    /// A route of the API asks for something else now; why, where that is how it was before.
    Route(domain::access::authorization::Route, Option<Why>),
    /// The API's resource policy is another now, as edited.
    Policy(serde_json::Value),
    /// The caller reference belongs to a deleted distribution: take the next one.
    NextReference,
    /// Tags of function, IP set, web ACL or distribution were written.
    Tagged(Id, TagCall),
    /// Lambda still needs this published version of the function: let it be for now.
    VersionStays(String),
}

impl Update {
    /// Writes what was learnt into `observed`.
    pub fn absorb_into(self, observed: &mut Observed) {
        match self {
            Self::Role(seen) => observed.role = seen,
            Self::Function(seen) => observed.function = seen,
            Self::IpSet(part, seen) => {
                observed.ip_sets.insert(part, seen);
            }
            Self::WebAcl(seen) => {
                observed.web_acl = seen;
                observed.expect_referred_ip_sets();
            }
            Self::Logging(seen) => observed.logging = seen,
            Self::Distribution(seen) => {
                observed.distribution = seen;
                observed.expect_shown_certificate();
            }
            Self::ApiKey(seen) => observed.api_key = seen,
            Self::Authorizer(seen) => observed.authorizer = seen,
            Self::Access(seen) => observed.access = seen,
            Self::OwnCheck(seen) => observed.shield.own_check = seen,
            Self::NamedCheck(seen) => observed.shield.named_check = seen,
            Self::NextCheckReference => observed.shield.reference += 1,
            Self::Protection(seen) => observed.shield.protection = seen,
            Self::Switched(seen) => {
                observed.shield.protection = seen;
                observed.shield.switched = true;
                overtaken(observed);
            }
            Self::Alarm(seen) => observed.shield.alarm = seen,
            Self::Certificate(arn, seen) => {
                observed.names.certificates.insert(arn, seen);
            }
            Self::CertificateStays(arn) => stays(observed, &arn),
            Self::NextCertificateRequest => observed.names.attempt += 1,
            Self::OriginCertificate(arn, seen) => {
                observed.mutual_tls.origin_certificates.insert(arn, seen);
            }
            Self::NextOriginCertificateRequest => observed.mutual_tls.attempt += 1,
            Self::Truststore(seen) => observed.mutual_tls.truststore = seen,
            Self::OriginDomain(seen) => observed.mutual_tls.domain = seen,
            Self::Imported(found, shuts_out_former) => imported(observed, found, shuts_out_former),
            Self::ClientCertificate(arn, seen) => {
                observed.mutual_tls.client_certificates.insert(arn, seen);
            }
            Self::Endpoint(seen) | Self::EndpointRead(seen) => {
                let is_on = |seen: &Seen<Never, domain::mutual_tls::endpoint::Observed>| {
                    seen.present().is_some_and(|found| !found.is_off)
                };
                // What was asked before it was switched on may have changed meanwhile.
                if is_on(&seen) && !is_on(&observed.mutual_tls.endpoint) {
                    observed.endpoint_shared = observed.endpoint_shared.filter(|is_shared| !is_shared);
                }
                observed.mutual_tls.endpoint = seen;
            }
            Self::EndpointOthers(others) => {
                observed.endpoint_shared = Some(others.are_there);
                observed.by_endpoint_off.extend(others.hanging);
            }
            Self::EndpointComers(comers) => observed.mutual_tls.comers = Some(comers),
            Self::Zone(zone, seen) => {
                observed.names.reread.insert(zone.clone());
                observed.names.zones.insert(zone, seen);
            }
            Self::WaysIn(ways_in, zones) => {
                if let Seen::Present(found) = &mut observed.access {
                    found.ways_in = Some(ways_in);
                }
                for (zone, seen) in zones {
                    observed.names.read_anew(zone, seen);
                }
            }
            Self::Records(zone, changes) => observed.names.wrote(&zone, &changes),
            Self::AliasMoved(alias, seen) => {
                observed.names.holders.remove(&alias);
                observed.distribution = seen;
                observed.expect_shown_certificate();
            }
            Self::Nothing => {}
            Self::Route(route, put_back) => changed(observed, &route, put_back),
            Self::Policy(policy) => {
                if let Seen::Present(found) = &mut observed.access {
                    found.policies.edited = policy;
                }
            }
            Self::NextReference => observed.reference += 1,
            Self::Tagged(id, call) => tagged(observed, &id, call),
            Self::VersionStays(version) => {
                if let Seen::Present(function) = &mut observed.function {
                    function.versions.retain(|known| known.version != version);
                }
            }
        }
    }

    /// Whether AWS did what was asked.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !matches!(
            self,
            Self::NextReference
                | Self::NextCheckReference
                | Self::NextCertificateRequest
                | Self::NextOriginCertificateRequest
                | Self::CertificateStays(_)
                | Self::EndpointRead(_)
                | Self::VersionStays(_)
        )
    }
}

/// Where not even a distribution is known.
const UNNAMED: &str = "a resource that ACM does not name";

/// By what a certificate is used ACM's refusal does not tell: most likely still by the distribution that had it.
fn stays(observed: &mut Observed, arn: &str) {
    let user = observed.distribution_arn().unwrap_or(UNNAMED).to_owned();
    let mutual_tls = &mut observed.mutual_tls;
    if let Some(Seen::Present(found)) = observed.names.certificates.get_mut(arn) {
        found.content.in_use_by.push(user);
    } else if let Some(Seen::Present(found)) = mutual_tls.origin_certificates.get_mut(arn) {
        found.content.in_use_by.push(user);
    } else if let Some(Seen::Present(found)) = mutual_tls.client_certificates.get_mut(arn) {
        found.content.in_use_by.push(user);
    }
}

/// What was imported is recorded, and known from now on.
fn imported(
    observed: &mut Observed,
    found: domain::mutual_tls::client_certificate::Observed,
    shuts_out_former: bool,
) {
    let at = observed.pass.at;
    let record = domain::mutual_tls::client_certificate::imported(&found, shuts_out_former, at);
    let seen = &mut observed.mutual_tls;
    seen.pair = None;
    seen.imported.push(record);
    seen.client_certificates
        .insert(found.content.arn.clone(), Seen::Present(found));
}

/// What was read of the web ACL is older than Shield's change of it: only its row counts from now on.
fn overtaken(observed: &mut Observed) {
    if let Seen::Present(acl) = &observed.web_acl {
        observed.web_acl = Seen::Listed(Some(domain::firewall::web_acl::Listed {
            entity: acl.content.entity.clone(),
            tags: Some(acl.tags.clone()),
        }));
    }
}

/// Takes in a route that was changed; several of them are changed side by side.
fn changed(observed: &mut Observed, route: &domain::access::authorization::Route, put_back: Option<Why>) {
    if let Seen::Present(found) = &mut observed.access {
        found.put_back = put_back.or(found.put_back.take());
        if found.stage.auto_deploy && !matches!(found.deployed, Deployed::Outdated(_)) {
            // It is deployed without us, and a little later.
            found.deployed = Deployed::Outdated(found.stage.deployment.clone());
        }
        found
            .routes
            .iter_mut()
            .filter(|known| known.id == route.id && known.key == route.key)
            .for_each(|known| {
                known.authorization.clone_from(&route.authorization);
            });
    }
}

/// The list of tags lags behind: what was written is remembered.
fn tagged(observed: &mut Observed, id: &Id, call: TagCall) {
    let tags = match id.kind {
        Kind::Function => change_tags(
            &mut observed.function,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &call,
        ),
        Kind::IpSet => observed.ip_sets.get_mut(&id.part).map_or_else(Tags::new, |seen| {
            change_tags(seen, |row| &mut row.tags, |found| &mut found.tags, &call)
        }),
        Kind::WebAcl => change_tags(
            &mut observed.web_acl,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &call,
        ),
        Kind::Distribution if is_being_adopted(observed, &call) => {
            let found = observed.adoption.found.as_mut();
            found.map_or_else(Tags::new, |found| {
                call.change(&mut found.tags);
                found.tags.clone()
            })
        }
        Kind::Distribution => change_tags(
            &mut observed.distribution,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &call,
        ),
        Kind::Certificate => {
            let certificates = &mut observed.names.certificates;
            certificates.get_mut(&call.arn).map_or_else(Tags::new, |seen| {
                change_tags(seen, |row| &mut row.tags, |found| &mut found.tags, &call)
            })
        }
        Kind::OriginCertificate => {
            let certificates = &mut observed.mutual_tls.origin_certificates;
            certificates.get_mut(&call.arn).map_or_else(Tags::new, |seen| {
                change_tags(seen, |row| &mut row.tags, |found| &mut found.tags, &call)
            })
        }
        Kind::ClientCertificate => {
            let certificates = &mut observed.mutual_tls.client_certificates;
            certificates.get_mut(&call.arn).map_or_else(Tags::new, |seen| {
                change_tags(seen, |row| &mut row.tags, |found| &mut found.tags, &call)
            })
        }
        Kind::OriginDomain => change_tags(
            &mut observed.mutual_tls.domain,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &call,
        ),
        // A role's tags are part of its row; logging, records, truststore and endpoint have none; those of what lets the perimeter
        // in, and of Shield's kinds, are in no list.
        Kind::Role
        | Kind::Logging
        | Kind::ApiKey
        | Kind::Authorizer
        | Kind::Access
        | Kind::OriginRecords
        | Kind::Truststore
        | Kind::Endpoint
        | Kind::HealthCheck
        | Kind::Protection
        | Kind::Alarm
        | Kind::Records => return,
    };
    observed.tagged.insert(call.arn, tags);
}

/// Whether the tags are those of a distribution that is not the object's yet.
fn is_being_adopted(observed: &Observed, call: &TagCall) -> bool {
    let found = observed.adoption.found.as_ref();
    found.is_some_and(|found| found.content.arn == call.arn)
}

/// "Not found" as an answer.
pub(super) fn found<T>(answer: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Changes the tags of a resource, whether it was read or only its row is known; answers them as they are now.
fn change_tags<L, T>(
    seen: &mut Seen<L, T>,
    row: fn(&mut L) -> &mut Option<Tags>,
    full: fn(&mut T) -> &mut Tags,
    call: &TagCall,
) -> Tags {
    let tags = match seen {
        Seen::Present(found) => full(found),
        Seen::Listed(Some(listed)) => row(listed).get_or_insert_default(),
        Seen::Listed(None) | Seen::Absent => return Tags::new(),
    };
    call.change(tags);
    tags.clone()
}

/// Tags that the lists have, if they name an owner: lists of tags may lag, so missing ones are not believed.
pub(super) fn listed_tags(tags: Option<&Tags>) -> Option<Tags> {
    tags.filter(|tags| tags.contains_key(TAG_CLUSTER) && tags.contains_key(TAG_UID))
        .cloned()
}
