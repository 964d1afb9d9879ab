//! Inputs for tests: an API in its perimeter, as far as each test has it.

pub use super::declared_fixtures::{
    declared, declared_of, gate, owner, public_certificate, spec, spec_with, store, with, zone,
};

use super::Desired;
use super::comers::Comers;
use super::endpoint::{self, Mark, TAG_LOCK};
use super::inputs::{Asked, Distribution, Inputs, Seen};
use super::leaving::Leave;
use super::origin_domain::{self, AVAILABLE, Mapping};
use super::pair::Pair;
use crate::api::{MutualTlsStatus, OriginType, ProbeMethod};
use crate::domain::access::probe::{Known, Verdict, Way};
use crate::domain::edge::hosted_zone::Record;
use crate::domain::edge::names::ZoneSeen;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::{Pass, Seen as SeenOne, record};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// A client certificate.
pub const ARN: &str = "arn:aws:acm:us-east-1:111122223333:certificate/aaaaaaaa-0000";
/// Another.
pub const NEXT_ARN: &str = "arn:aws:acm:us-east-1:111122223333:certificate/bbbbbbbb-0000";
/// The public certificate of the origin's name.
pub const PUBLIC_ARN: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/cccccccc-0000";
/// API Gateway's own name for the custom domain name.
pub const TARGET: &str = "d-abc.execute-api.eu-north-1.amazonaws.com";
/// The hosted zone of that.
pub const TARGET_ZONE: &str = "Z3UWIKFBOOGXPP";
/// The CA of the first.
pub const CA: &str = "Y3VycmVudA==";
/// The CA of the pair in memory.
pub const PAIR_CA: &str = "bmV4dA==";

const NOW: i64 = 1_796_083_200;

/// So many days from now.
pub fn at(days: i64) -> Timestamp {
    Timestamp::from_second(NOW + days * 24 * 60 * 60).unwrap()
}

/// So many days.
pub fn days(days: u64) -> Duration {
    Duration::from_hours(days * 24)
}

/// What an object's inputs are made of.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Fixture {
    pub owner: Owner,
    pub desired: Desired,
    /// How many other objects share its certificate.
    pub shared_by_others: usize,
    /// Whether all of it is to go, and nothing of the spec is known.
    pub is_leaving: bool,
    pub seen: Seen,
    pub pass: Pass,
    pub is_read_due: bool,
    pub is_probe_due: bool,
    pub is_tried_at_once: bool,
    pub zone: Option<ZoneSeen>,
    pub distribution: Distribution,
    pub probes: BTreeMap<Way, Verdict>,
    pub asked: Option<Asked>,
    pub refused_by_plan: Option<String>,
    pub declared_stages: BTreeSet<String>,
    pub by_default_endpoint: Vec<String>,
    /// Whether the mode that takes the place locks the API; `None` where the spec names this one.
    pub leave: Option<bool>,
    /// Other objects whose lock hangs on the default endpoint being off.
    pub by_endpoint_off: Vec<String>,
    pub is_endpoint_asked: bool,
    pub is_distribution_read: bool,
    /// Whether objects of other clusters lead to other stages.
    pub is_endpoint_shared: bool,
    /// Whether the next lock is gone.
    pub is_undone: bool,
    pub remembered: Option<MutualTlsStatus>,
}

impl Fixture {
    /// A REST API before which nothing stands yet.
    pub fn new() -> Self {
        let known = Known::nothing_of(OriginType::Rest);
        Self {
            desired: Desired {
                certificate_arn: Some(PUBLIC_ARN.into()),
                ..declared()
            },
            owner: owner(),
            is_leaving: false,
            shared_by_others: 0,
            seen: Seen {
                domain: SeenOne::Absent,
                comers: Some(Comers::Known(vec![])),
                ..Seen::default()
            },
            pass: Pass {
                at: at(0),
                ..Pass::default()
            },
            is_read_due: false,
            is_probe_due: false,
            is_tried_at_once: false,
            zone: None,
            distribution: Distribution::default(),
            probes: BTreeMap::new(),
            asked: Some(Asked {
                method: ProbeMethod::Get,
                path: "/pets".into(),
                headers: vec![],
                known,
            }),
            refused_by_plan: None,
            declared_stages: BTreeSet::new(),
            by_default_endpoint: vec![],
            leave: None,
            by_endpoint_off: vec![],
            is_endpoint_asked: true,
            is_distribution_read: true,
            is_endpoint_shared: false,
            is_undone: false,
            remembered: None,
        }
    }

    /// An object that requests its own certificate, of which nothing was read but its zone, which is empty; its distribution shows no
    /// certificate.
    pub fn empty() -> Self {
        let mut empty = Self {
            desired: declared(),
            seen: Seen::default(),
            pass: Pass::default(),
            distribution: Distribution {
                arn: Some("arn:aws:cloudfront::111122223333:distribution/E1".into()),
                shows: Some(None),
                is_deployed: true,
                ..Distribution::default()
            },
            asked: None,
            ..Self::new()
        };
        empty.put_zone(vec![]);
        empty
    }

    /// The declared zone has these records.
    pub fn put_zone(&mut self, records: Vec<Record>) {
        self.zone = Some(ZoneSeen::Found(Arc::new(zone(records))));
    }

    /// What the functions of this mode are given.
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            owner: &self.owner,
            desired: (!self.is_leaving).then_some(&self.desired),
            seen: &self.seen,
            pass: &self.pass,
            is_read_due: self.is_read_due,
            is_probe_due: self.is_probe_due,
            is_tried_at_once: self.is_tried_at_once,
            zone: self.zone.as_ref(),
            distribution: self.distribution.clone(),
            probes: &self.probes,
            asked: self.asked.clone(),
            asks_for_value: self.leave.is_some(),
            is_after_another_mode: false,
            refused_by_plan: self.refused_by_plan.clone(),
            declared_stages: &self.declared_stages,
            by_default_endpoint: &self.by_default_endpoint,
            shared_by_others: self.shared_by_others,
            leave: self.leave.map(|is_ready| Leave {
                is_ready,
                is_open: false,
                others: &self.by_endpoint_off,
                is_asked: self.is_endpoint_asked,
                is_distribution_read: self.is_distribution_read,
                is_shared: self.is_endpoint_shared,
                deployment: Some("dep1"),
                is_undone: self.is_undone,
            }),
            remembered: self.remembered.as_ref(),
        }
    }

    /// A certificate, PEM.
    pub fn pem(body: &str) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")
    }

    /// A pair whose CA has this body.
    pub fn pair(ca: &str) -> Pair {
        Pair {
            ca: Self::pem(ca),
            leaf: Self::pem(&format!("bGVhZg{ca}")),
            key: Secret::new("a key"),
            serial: "0a".into(),
            made_at: at(0),
        }
    }

    /// With the truststore as it was read.
    pub fn with_truststore(mut self, version: &str, cas: &[&str]) -> Self {
        self.seen.truststore = SeenOne::Present(store(version, cas));
        self
    }

    /// With the custom domain name as it should be, and as it was read.
    pub fn with_domain(mut self, version: &str) -> Self {
        self.seen.domain = SeenOne::Present(self.domain(version));
        let remembered = self.remembered.get_or_insert_default();
        remembered.truststore_version = Some(version.to_owned());
        remembered.verified_truststore_version = Some(version.to_owned());
        remembered.origin_certificate_arn = Some(PUBLIC_ARN.to_owned());
        self
    }

    /// The custom domain name as it should be.
    pub fn domain(&self, version: &str) -> origin_domain::Observed {
        let gate = &self.desired.gate;
        origin_domain::Observed {
            content: origin_domain::Content {
                name: self.desired.origin_domain.clone(),
                status: AVAILABLE.to_owned(),
                status_message: None,
                endpoint_type: "REGIONAL".into(),
                security_policy: "TLS_1_2".into(),
                certificate_arn: Some(PUBLIC_ARN.into()),
                truststore_uri: Some(self.desired.truststore_uri()),
                truststore_version: Some(version.to_owned()),
                warnings: vec![],
                target: Some(TARGET.into()),
                target_zone: Some(TARGET_ZONE.into()),
                routing_mode: "API_MAPPING_ONLY".into(),
            },
            mappings: vec![Mapping {
                id: "m1".into(),
                key: String::new(),
                api_id: gate.api_id.clone(),
                stage: gate.stage.clone(),
            }],
            tags: self.desired.tags.clone(),
            changed_at: None,
        }
    }

    /// The custom domain name, to be changed.
    pub fn domain_mut(&mut self) -> &mut origin_domain::Observed {
        match &mut self.seen.domain {
            SeenOne::Present(found) => found,
            _ => panic!("it was not read"),
        }
    }

    /// With a row of the custom domain name that was verified before.
    pub fn with_verified_domain(mut self, version: &str) -> Self {
        let row = origin_domain::Listed {
            arn: origin_domain::arn_of(&self.desired),
            tags: Some(self.desired.tags.clone()),
        };
        let line = record(&origin_domain::hash_of(&self.desired), &row);
        self.pass.recorded.insert(Id::of(Kind::OriginDomain).key(), line);
        self.seen.domain = SeenOne::Listed(Some(row));
        let remembered = self.remembered.get_or_insert_default();
        remembered.truststore_version = Some(version.to_owned());
        remembered.verified_truststore_version = Some(version.to_owned());
        remembered.origin_certificate_arn = Some(PUBLIC_ARN.to_owned());
        remembered.target = Some(TARGET.into());
        remembered.target_zone = Some(TARGET_ZONE.into());
        self
    }

    /// With a distribution that is deployed and shows this certificate.
    pub fn with_distribution(mut self, shows: &str) -> Self {
        self.distribution = Distribution {
            arn: Some("arn:aws:cloudfront::111122223333:distribution/E1".into()),
            origin: Some(self.desired.origin_domain.clone()),
            shows: Some(Some(shows.to_owned())),
            is_deployed: true,
            is_absent: false,
        };
        self
    }

    /// With all that the switch waits for.
    pub fn ready() -> Self {
        Self::new()
            .with_truststore("v1", &[CA])
            .with_certificate(ARN, CA, at(-1), at(119))
            .with_domain("v1")
            .with_distribution(ARN)
    }

    /// With the default endpoint as it was read.
    pub fn with_endpoint(mut self, is_off: bool) -> Self {
        self.seen.endpoint = SeenOne::Present(endpoint::Observed {
            is_off,
            deployment: Some("dep1".into()),
            auto_deploy: false,
            stages: vec![self.desired.gate.stage.clone()],
            description: String::new(),
            security_policy: None,
            endpoint_access_mode: None,
            published_at: None,
            switched_off: None,
            rests: false,
        });
        self
    }

    /// The default endpoint, to be changed.
    pub fn endpoint_mut(&mut self) -> &mut endpoint::Observed {
        match &mut self.seen.endpoint {
            SeenOne::Present(found) => found,
            _ => panic!("it was not read"),
        }
    }

    /// With this mark at the custom domain name.
    pub fn with_mark(mut self, mark: &Mark) -> Self {
        let tag = (TAG_LOCK.to_owned(), mark.tag());
        self.domain_mut().tags.extend([tag]);
        self
    }

    /// Some time later, in another pass.
    pub fn later(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap();
        self.pass.at = self.pass.at.checked_add(by).unwrap();
        self.probes.clear();
        if let SeenOne::Present(found) = &mut self.seen.endpoint {
            found.published_at = None;
            found.switched_off = None;
        }
    }
}
