//! What the command line and the environment decide.

use crate::controller::probes::Endpoint;
use crate::domain::cost::prices::Prices;
use crate::domain::kernel::identity::Tags;
use std::net::SocketAddr;
use std::time::Duration;

/// Settings of the controller.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What this process is called in the Lease and in events: the pod's name.
    pub instance: String,
    /// How often every object is looked at without cause.
    pub resync: Duration,
    /// How often every object is read in full.
    pub deep_resync: Duration,
    /// How often deployments are looked at, by one list call for all that wait.
    pub deployment_poll: Duration,
    /// How often the methods of each API are read.
    pub access_resync: Duration,
    /// How often condemned functions and roles are tried.
    pub sweep: Duration,
    /// Whether Namespaces say what their objects may name.
    pub tenancy: Tenancy,
    /// Tags on every AWS resource, below those of the object.
    pub default_tags: Tags,
    /// ARN of the permissions boundary of every role made.
    pub permissions_boundary: Option<String>,
    /// What objects are said to cost by.
    pub prices: Prices,
    /// Where all probes go; to the hosts themselves where absent.
    pub probe_endpoint: Option<Endpoint>,
    /// The one namespace that is watched; all where absent.
    pub namespace: Option<String>,
    /// Leader election; absent where this process is the only one by declaration.
    pub lease: Option<LeaseSettings>,
    /// Where metrics are served.
    pub metrics_addr: Option<SocketAddr>,
    /// Where the probes of liveness and readiness are served.
    pub health_addr: Option<SocketAddr>,
    /// Whether Kubernetes events are written.
    pub emit_events: bool,
    /// Where the documentation's site is; conditions name no address where absent.
    pub docs_url: Option<String>,
}

/// Who decides what a namespace's objects may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum Tenancy {
    /// Annotations of the Namespace, written by the platform team.
    Enforced,
    /// Nobody: objects may name anything. For clusters of one team.
    Open,
}

/// The Lease and its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseSettings {
    /// The Lease's namespace; the client's own where absent.
    pub namespace: Option<String>,
    /// The Lease's name.
    pub name: String,
    /// How long a Lease counts after its last renewal.
    pub duration: Duration,
    /// How often the leader renews it.
    pub renew: Duration,
    /// How soon a failed attempt is repeated, and how often a candidate looks.
    pub retry: Duration,
}

impl From<Tenancy> for crate::domain::tenancy::permissions::Tenancy {
    fn from(tenancy: Tenancy) -> Self {
        match tenancy {
            Tenancy::Enforced => Self::Enforced,
            Tenancy::Open => Self::Open,
        }
    }
}
