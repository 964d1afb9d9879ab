//! An object of this mode, as its spec declares it, and single resources of it, for tests.

use super::desired::desired;
use super::object_fixtures::{Fixture, PUBLIC_ARN, at};
use super::{Desired, origin_certificate, truststore};
use crate::api::ProtectedApiSpec;
use crate::domain::access::asked::{Gate, gate as gate_of};
use crate::domain::edge::certificate;
use crate::domain::edge::hosted_zone::{Head, Record, Zone};
use crate::domain::kernel::identity::{Owner, Tags};

pub fn owner() -> Owner {
    Owner {
        cluster: "c0ffee00-0000".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: "12345678-aaaa".into(),
        taken: None,
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

/// What [`spec`] declares: its certificate is requested.
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

/// The public certificate of the origin's name, issued.
pub fn public_certificate() -> origin_certificate::Observed {
    let wanted = origin_certificate::wanted(&declared()).unwrap();
    origin_certificate::Observed {
        content: certificate::Content {
            not_after: None,
            names: vec!["origin.example.com".into()],
            ..content(PUBLIC_ARN)
        },
        tags: wanted.tags,
    }
}

/// The truststore with CAs of these bodies.
pub fn store(version: &str, cas: &[&str]) -> truststore::Observed {
    let cas: Vec<String> = cas.iter().map(|ca| Fixture::pem(ca)).collect();
    truststore::Observed {
        version: Some(version.into()),
        content: Some(cas.join("\n")),
        bucket: truststore::Bucket::Fit,
        region: "eu-north-1".into(),
    }
}

/// Tags with one more.
pub fn with(mut tags: Tags, key: &str, value: &str) -> Tags {
    tags.insert(key.into(), value.into());
    tags
}

/// An issued certificate of a day's age.
pub fn content(arn: &str) -> certificate::Content {
    certificate::Content {
        arn: arn.to_owned(),
        status: certificate::ISSUED.into(),
        failure: None,
        proofs: vec![],
        in_use_by: vec![],
        not_before: Some(at(-1)),
        is_for_clients: false,
        requested_at: None,
        not_after: Some(at(119)),
        names: vec![],
    }
}
