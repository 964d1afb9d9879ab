//! A controller as it comes, but that it neither listens nor competes for a Lease.

use palisade::controller::process::settings::{Settings, Tenancy};
use palisade::domain::cost::prices::Prices;
use std::collections::BTreeMap;
use std::time::Duration;

pub fn settings() -> Settings {
    Settings {
        instance: "test".into(),
        resync: Duration::from_mins(10),
        deep_resync: Duration::from_hours(24),
        access_resync: Duration::from_hours(1),
        sweep: Duration::from_mins(10),
        deployment_poll: Duration::from_secs(15),
        tenancy: Tenancy::Open,
        default_tags: BTreeMap::new(),
        permissions_boundary: None,
        prices: Prices::default(),
        probe_endpoint: None,
        namespace: None,
        lease: None,
        metrics_addr: None,
        health_addr: None,
        emit_events: true,
        docs_url: None,
    }
}
