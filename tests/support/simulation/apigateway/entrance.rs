//! Where a name leads: to an API's default endpoint, or over a custom domain name to one of its stages.

use super::super::account::Account;
use super::super::certificates::is_accepted;
use super::super::clock;
use super::admission::{answer, marked, refusal};
use super::domain_names::Serving;
use super::domains::{Domain, target};
use super::{Api, Key};
use palisade::domain::access::obstacles::other_doors::Mapping;
use palisade::domain::access::probe::Answer;
use serde_json::json;

/// Stands for the certificate of a caller whom the handshake asked for none.
pub const UNASKED: &str = "unasked";

/// Why a custom domain name lets a caller not in.
#[derive(Debug)]
pub enum Turned {
    /// The name leads nowhere, or to nobody who serves it.
    Unserved,
    /// It asked for a client certificate, got none, and ended the connection.
    Ended,
    /// It answered.
    Refused(Answer),
}

/// What a custom domain name leads to.
pub struct Entrance<'a> {
    region: &'a str,
    mappings: Vec<&'a Mapping>,
}

/// Region and id of `<id>.execute-api.<region>.amazonaws.com`.
pub fn api_of(host: &str) -> Option<Key> {
    let (id, rest) = host.split_once(".execute-api.")?;
    let region = rest.strip_suffix(".amazonaws.com")?;
    Some((region.to_owned(), id.to_owned()))
}

/// How an API's default endpoint answers once it is switched off.
pub fn switched_off(api: &Api, http_status: u16) -> Answer {
    match api.protocol() {
        "HTTP" if http_status == 403 => answer(403, &[], &json!({"message": "Forbidden"})),
        "HTTP" => answer(http_status, &[], &json!({"message": "Not Found"})),
        _ => refusal(403, "ForbiddenException", "Forbidden"),
    }
}

/// As a custom domain name refuses that leads to an API of that type.
fn forbidden(protocol: &str) -> Answer {
    let said = match protocol {
        "HTTP" => answer(403, &[], &json!({"message": "Forbidden"})),
        _ => refusal(403, "ForbiddenException", "Forbidden"),
    };
    marked(protocol, said)
}

impl<'a> Entrance<'a> {
    /// The API that answers at a path, and the path as its stage is asked.
    pub fn lead(&self, path: &str) -> Option<(Key, String)> {
        let fitting = self.mappings.iter().filter_map(|mapping| {
            let rest = path
                .strip_prefix('/')
                .unwrap_or(path)
                .strip_prefix(&*mapping.path)?;
            let is_whole = mapping.path.is_empty() || rest.is_empty() || rest.starts_with(['/', '?']);
            is_whole.then_some((mapping, rest))
        });
        let (mapping, rest) = fitting.max_by_key(|(mapping, _)| mapping.path.len())?;
        let stage = &mapping.stage;
        let api = (self.region.to_owned(), mapping.api_id.clone());
        Some((api, format!("/{stage}/{}", rest.trim_start_matches('/'))))
    }

    /// The stages that it leads to, with their APIs.
    pub fn stages(&self) -> Vec<(Key, &'a str)> {
        let stages = self.mappings.iter();
        stages
            .map(|mapping| {
                let api = (self.region.to_owned(), mapping.api_id.clone());
                (api, mapping.stage.as_str())
            })
            .collect()
    }
}

impl Account {
    /// What a custom domain name leads a caller to who shows that client certificate, PEM.
    pub fn enter(&self, name: &str, shown: Option<&str>) -> Result<Entrance<'_>, Turned> {
        let ((region, _), domain) = self.domain_called(name).ok_or(Turned::Unserved)?;
        if !self.is_led(name, &target(region, name)) {
            return Err(Turned::Unserved);
        }
        if let Some(made) = &domain.made {
            let settings = &self.settings;
            let refused = |is_answered: bool| {
                if is_answered {
                    Turned::Refused(forbidden(self.protocol_behind(region, domain)))
                } else {
                    Turned::Ended
                }
            };
            match (made.in_force(settings.updating_domain_serves), shown) {
                (Serving::Nobody, _) => return Err(Turned::Unserved),
                (Serving::Anybody, _) | (Serving::Trusted(_), Some(UNASKED)) => {}
                (Serving::Trusted(_), None) => return Err(refused(settings.without_certificate == "403")),
                (Serving::Trusted(_), Some(_)) if settings.strangers_get_in => {}
                (Serving::Trusted(trusted), Some(leaf)) => {
                    let read = || self.object_at(region, &trusted.uri, Some(&trusted.version));
                    let content = if settings.truststore_copied {
                        trusted.content.clone()
                    } else {
                        read().unwrap_or_default()
                    };
                    if !is_accepted(leaf, &content, self.now()) {
                        return Err(refused(settings.foreign_certificate == "403"));
                    }
                }
            }
        }
        Ok(Entrance {
            region,
            mappings: domain.mappings.values().collect(),
        })
    }

    /// The type of the API that a custom domain name leads to.
    fn protocol_behind(&self, region: &str, domain: &Domain) -> &str {
        let mapping = domain.mappings.values().next();
        let api = mapping.and_then(|mapping| {
            let key = (region.to_owned(), mapping.api_id.clone());
            self.apis.all.get(&key)
        });
        api.map_or("REST", Api::protocol)
    }

    /// The custom domain name of any Region.
    fn domain_called(&self, name: &str) -> Option<(&Key, &Domain)> {
        let mut all = self.apis.domains.iter();
        all.find(|((_, known), _)| known == name)
    }

    /// Whether DNS leads a name there; of a name that lies in no hosted zone here nothing is known but that it does.
    fn is_led(&self, name: &str, target: &str) -> bool {
        let propagation = self.settings.dns_propagation;
        let zones = self.route53.zones.values();
        let mut covering = zones
            .filter(|zone| name.ends_with(&format!(".{}", zone.head.name)))
            .peekable();
        if covering.peek().is_none() {
            return true;
        }
        let records = covering.flat_map(|zone| zone.records.values());
        let mut leading = records.filter(|(record, _)| record.name == name && record.r#type == "A");
        leading.any(|(record, since)| {
            let is_there = record.target.as_ref().is_some_and(|found| found.name == target);
            is_there && clock::now() >= *since + propagation
        })
    }
}
