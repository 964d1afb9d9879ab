//! An object of this mode, and what is seen of it, for tests.

use super::desired::desired;
use super::inputs::Distribution;
use super::{Desired, Inputs, Seen, client_certificate, origin_certificate, origin_domain, truststore};
use crate::api::{MutualTlsStatus, ProtectedApiSpec};
use crate::domain::access::asked::{Gate, gate as gate_of};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::edge::certificate::{Content, ISSUED};
use crate::domain::edge::hosted_zone::{Head, Record, Zone};
use crate::domain::edge::names::ZoneSeen;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Pass;
use crate::domain::kernel::secret::Secret;
use crate::domain::mutual_tls::pair::Pair;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const CLIENT: &str = "arn:aws:acm:us-east-1:111122223333:certificate/c1";
pub const ORIGIN: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/o1";
pub const TARGET: &str = "d-a1b2c3.execute-api.eu-north-1.amazonaws.com";
pub const TARGET_ZONE: &str = "Z3UWIKFBOOGXPP";

pub fn owner() -> Owner {
    Owner {
        cluster: "c0ffee00-0000".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: "12345678-aaaa".into(),
    }
}

/// The object's spec, where `access` and `rest` are lines of YAML within spec.access and spec.
pub fn spec_with(origin: &str, access: &str, rest: &str) -> ProtectedApiSpec {
    let yaml = format!(
        "origin: {{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, {origin}}}\n\
         access: {{mode: MutualTls, mutualTls: {{hostedZoneId: Z1, originDomain: origin.example.com, \
         truststoreBucket: truststores{access}}}}}\n{rest}"
    );
    serde_yaml::from_str(&yaml).unwrap()
}

pub fn spec() -> ProtectedApiSpec {
    spec_with("type: REST, stage: prod, path: /prod", "", "")
}

pub fn gate() -> Gate {
    gate_of(&spec().origin)
}

pub fn declared_of(spec: &ProtectedApiSpec) -> Desired {
    desired(spec, &owner(), &gate_of(&spec.origin), None, &owner().tags()).unwrap()
}

pub fn declared() -> Desired {
    declared_of(&spec())
}

/// A zone of `example.com` with these records.
pub fn zone(records: Vec<Record>) -> Zone {
    let head = Head {
        id: "Z1".into(),
        name: "example.com".into(),
        is_private: false,
    };
    Zone::new(head, records)
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One certificate as a PEM file has it.
pub fn pem(body: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")
}

fn content(arn: &str, names: &[&str]) -> Content {
    Content {
        arn: arn.into(),
        status: ISSUED.into(),
        failure: None,
        proofs: vec![],
        in_use_by: vec![],
        not_before: Some(at("2026-01-01T00:00:00Z")),
        is_for_clients: false,
        requested_at: None,
        not_after: None,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// A client certificate whose CA has that body.
pub fn client(arn: &str, ca: &str) -> client_certificate::Observed {
    let mut tags = owner().tags();
    tags.insert(super::TAG_SERVES.into(), super::SERVES_CLIENT.into());
    client_certificate::Observed {
        content: Content {
            is_for_clients: true,
            ..content(arn, &["origin.example.com"])
        },
        leaf: pem("leaf"),
        ca: pem(ca),
        tags,
    }
}

/// The public certificate of the origin's name, issued.
pub fn certificate() -> origin_certificate::Observed {
    let wanted = origin_certificate::wanted(&declared()).unwrap();
    origin_certificate::Observed {
        content: content(ORIGIN, &["origin.example.com"]),
        tags: wanted.tags,
    }
}

/// The custom domain name, in service, with that version of the truststore.
pub fn domain(version: &str) -> origin_domain::Observed {
    let desired = declared();
    origin_domain::Observed {
        content: origin_domain::Content {
            name: desired.origin_domain.clone(),
            status: origin_domain::AVAILABLE.into(),
            status_message: None,
            endpoint_type: "REGIONAL".into(),
            security_policy: "TLS_1_2".into(),
            certificate_arn: Some(ORIGIN.into()),
            truststore_uri: Some(desired.truststore_uri()),
            truststore_version: Some(version.into()),
            warnings: vec![],
            target: Some(TARGET.into()),
            target_zone: Some(TARGET_ZONE.into()),
            routing_mode: "API_MAPPING_ONLY".into(),
        },
        mappings: vec![],
        tags: desired.tags,
        changed_at: None,
    }
}

/// The truststore with CAs of these bodies.
pub fn store(version: &str, cas: &[&str]) -> truststore::Observed {
    let cas: Vec<String> = cas.iter().map(|ca| pem(ca)).collect();
    truststore::Observed {
        version: Some(version.into()),
        content: Some(cas.join("\n")),
        is_versioned: true,
        region: "eu-north-1".into(),
    }
}

pub fn pair(ca: &str) -> Pair {
    Pair {
        ca: pem(ca),
        leaf: pem("next leaf"),
        key: Secret::new("key"),
        serial: "01".into(),
        made_at: at("2026-02-01T00:00:00Z"),
    }
}

/// All that the rooms of this mode look at.
pub struct World {
    pub owner: Owner,
    pub desired: Option<Desired>,
    pub seen: Seen,
    pub pass: Pass,
    pub zone: Option<ZoneSeen>,
    pub distribution: Distribution,
    pub probes: BTreeMap<Way, Verdict>,
    pub declared_stages: BTreeSet<String>,
    pub remembered: Option<MutualTlsStatus>,
}

impl World {
    /// Nothing is there but an empty zone, and a distribution that shows no certificate.
    pub fn new() -> Self {
        Self {
            owner: owner(),
            desired: Some(declared()),
            seen: Seen::default(),
            pass: Pass::default(),
            zone: Some(ZoneSeen::Found(Arc::new(zone(vec![])))),
            distribution: Distribution {
                arn: Some("arn:aws:cloudfront::111122223333:distribution/E1".into()),
                shows: Some(None),
                is_deployed: true,
                ..Distribution::default()
            },
            probes: BTreeMap::new(),
            declared_stages: BTreeSet::new(),
            remembered: None,
        }
    }

    pub fn put_zone(&mut self, records: Vec<Record>) {
        self.zone = Some(ZoneSeen::Found(Arc::new(zone(records))));
    }

    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            owner: &self.owner,
            desired: self.desired.as_ref(),
            seen: &self.seen,
            pass: &self.pass,
            is_read_due: false,
            is_probe_due: false,
            is_tried_at_once: false,
            zone: self.zone.as_ref(),
            distribution: self.distribution.clone(),
            probes: &self.probes,
            asked: None,
            asks_for_value: false,
            declared_stages: &self.declared_stages,
            remembered: self.remembered.as_ref(),
        }
    }
}

/// Tags with one more.
pub fn with(mut tags: Tags, key: &str, value: &str) -> Tags {
    tags.insert(key.into(), value.into());
    tags
}
