//! Certificates that objects share, for tests.

use super::key::Shared;
use crate::domain::edge::certificate::{self, Observed, PENDING, ProofRecord};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::mutual_tls::declared_fixtures::content;
use crate::domain::mutual_tls::object_fixtures::Fixture;

/// The certificate that objects share, and one alike.
pub const SHARED: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/dddddddd-0000";
pub const ALIKE: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/eeeeeeee-0000";
pub const NAME: &str = "a.origin.example.com";
pub const ELSEWHERE: &str = "beefbeef-0000";

/// An object that shares the certificate of its name, of which nothing is there.
pub fn world() -> Fixture {
    let mut world = Fixture::empty();
    world.desired.origin_domain = NAME.into();
    world.desired.shares_certificate = true;
    world
}

pub fn shared() -> Shared {
    Shared {
        region: "eu-north-1".into(),
        below: "origin.example.com".into(),
    }
}

pub fn tags() -> Tags {
    shared().tags(&Fixture::new().owner.cluster)
}

pub fn found(arn: &str) -> Observed {
    let mut found = content(arn);
    found.names = vec!["*.origin.example.com".into()];
    Observed {
        content: found,
        tags: tags(),
    }
}

pub fn pending(arn: &str) -> Observed {
    let mut found = found(arn);
    found.content.status = PENDING.into();
    found.content.proofs = vec![ProofRecord {
        name: "_a.origin.example.com".into(),
        value: "_b.acm-validations.aws".into(),
    }];
    found
}

pub fn having(mut world: Fixture, all: &[Observed]) -> Fixture {
    for found in all {
        let arn = found.content.arn.clone();
        let seen = Seen::Present(found.clone());
        world.seen.origin_certificates.insert(arn, seen);
    }
    world
}

pub fn listed(mut world: Fixture, arns: &[&str]) -> Fixture {
    for arn in arns {
        let row = certificate::Listed {
            arn: (*arn).into(),
            tags: Some(tags()),
        };
        let seen = Seen::Listed(Some(row));
        world.seen.origin_certificates.insert((*arn).into(), seen);
    }
    world
}

/// Status names it.
pub fn remembering(mut world: Fixture, arn: &str) -> Fixture {
    world.remembered.get_or_insert_default().shared_certificate_arn = Some(arn.into());
    world
}
