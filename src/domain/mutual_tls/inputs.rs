//! What is seen of this mode's resources, and what is needed of others.

use super::client_certificate::seen as client_certificate;
use super::comers::Comers;
use super::desired::Desired;
use super::door::Door;
use super::endpoint::seen as endpoint;
use super::leaving::Leave;
use super::origin_domain::seen as origin_domain;
use super::pair::Pair;
use super::truststore_object;
use crate::api::{ImportedCertificateStatus, MutualTlsStatus, ProbeMethod};
use crate::domain::access::probe::{Known, Verdict, Way};
use crate::domain::edge::certificate;
use crate::domain::edge::names::ZoneSeen;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::{Never, Pass, Seen as SeenOne};
use crate::domain::kernel::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};

/// What is seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// What the spec declares, also of an object that goes: it says where to look for what no list shows. `None` where nobody knows.
    pub declared: Option<Desired>,
    /// The tags of the API's Region could not be read: nothing is decided.
    pub is_unread: bool,
    /// Whether those tags were asked for what stands of another mode than the spec's, of which status tells nothing.
    pub is_sought: bool,
    /// Public certificates that were requested for the origin's name, by ARN.
    pub origin_certificates: BTreeMap<String, SeenOne<certificate::Listed, certificate::Observed>>,
    /// Which request for one is the next: ACM answers a repeated one with what it made before.
    pub attempt: u32,
    /// The truststore: no list shows it.
    pub truststore: SeenOne<Never, truststore_object::Observed>,
    /// The custom domain name, as the tagging service lists it and as it was read.
    pub domain: SeenOne<origin_domain::Listed, origin_domain::Observed>,
    /// Client certificates, by ARN.
    pub client_certificates:
        BTreeMap<String, SeenOne<client_certificate::Listed, client_certificate::Observed>>,
    /// Client certificates that this process imported, and that status did not record when the pass began.
    pub imported: Vec<ImportedCertificateStatus>,
    /// The default endpoint: no list shows it.
    pub endpoint: SeenOne<Never, endpoint::Observed>,
    /// The next certificate, should one be needed: in memory, the same until it is imported.
    pub pair: Option<Pair>,
    /// Other custom domain names and distributions that lead to the stage, as far as they were read in this pass.
    pub doors: Option<Vec<Door>>,
    /// Who comes by the default endpoint, as far as it was read in this pass.
    pub comers: Option<Comers>,
}

/// The distribution, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Distribution {
    /// Its ARN, once there is one.
    pub arn: Option<String>,
    /// The name of its origin as configured, where that was read.
    pub origin: Option<String>,
    /// ARN of the certificate that it shows to its origin, as configured: `None` where that is not known, `Some(None)` where it
    /// shows none.
    pub shows: Option<Option<String>>,
    /// Whether its configuration is in force everywhere.
    pub is_deployed: bool,
    /// Whether there is none, and none is known of.
    pub is_absent: bool,
}

/// What past the perimeter is asked for, as a viewer would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: ProbeMethod,
    /// The path as a viewer writes it.
    pub path: String,
    /// Headers of the team's own.
    pub headers: Vec<(String, Secret)>,
    /// What is known of the route, by which answers are read.
    pub known: Known,
}

/// What is seen, and what is needed of others.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Inputs<'a> {
    /// Whose it is.
    pub owner: &'a Owner,
    /// What is declared; `None` where all is to go.
    pub desired: Option<&'a Desired>,
    /// What is seen.
    pub seen: &'a Seen,
    /// What the pass knows.
    pub pass: &'a Pass,
    /// Whether what no list shows is to be read, whatever was verified before.
    pub is_read_due: bool,
    /// Whether probes are due.
    pub is_probe_due: bool,
    /// Whether a person has asked for a look: what was refused is tried again at once.
    pub is_tried_at_once: bool,
    /// The declared hosted zone, where it was read.
    pub zone: Option<&'a ZoneSeen>,
    /// The distribution.
    pub distribution: Distribution,
    /// What probes of this pass proved.
    pub probes: &'a BTreeMap<Way, Verdict>,
    /// What probes past the perimeter ask for; `None` where no method may be asked.
    pub asked: Option<Asked>,
    /// Whether methods ask for a secret value besides. The default endpoint refuses whoever shows none, so it is proven to be off with it.
    pub asks_for_value: bool,
    /// Whether the mode before goes on, and viewers are served by it.
    pub is_after_another_mode: bool,
    /// Why the flat-rate pricing plan of the distribution takes no client certificate, where it is in such a plan.
    pub refused_by_plan: Option<String>,
    /// Stages of the same API that other objects declare.
    pub declared_stages: &'a BTreeSet<String>,
    /// Other objects of the same API whose viewers may come by its default endpoint, for people.
    pub by_default_endpoint: &'a [String],
    /// How many other objects of the cluster share the certificate that this one shares.
    pub shared_by_others: usize,
    /// What is needed to leave the mode; `None` where the spec names it.
    pub leave: Option<Leave<'a>>,
    /// What status remembers.
    pub remembered: Option<&'a MutualTlsStatus>,
}
