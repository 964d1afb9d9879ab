//! What decides and does for one account, without Kubernetes: passes over objects stand on this, and so do simulations.
//!
//! [`apply`] and [`cleanup`] (of what has [`departed`]) are the two passes; `former` tells whose resources a pass is about; [`preparations`] come between the lists and the plan, [`execute`] does what the plan says
//! (`carry_out`: all of it, or its reads alone), [`findings`] come after it; [`unproven`] looks after a cut-over that is under way, by what [`lock`] tells of the object,
//! `earlier_stage` after one at a stage that the spec named before, and `unproven_endpoint` after a default endpoint that is being
//! switched off: [`settled`] is what came of each. `standing` probes what no pass looks at, `unseen` tells what no pass has looked at for too long; `outcome` says what came of it all.
//!
//! `pricing_plan` reads in which flat-rate plan a distribution is, `policies` which of its policies send the viewer's Host on, `endpoint_comers` who comes by a default endpoint, `promotions`
//! what rules that count first have matched, `room` whether the account has room, `handing_over` who keeps what is handed over, `references`
//! what a rule names and is not there. `accept` looks at a spec before anything is built; `due`: how old what was done may be; `bounds`: how many passes do something at a time.
//!
//! [`sweep`] finishes what deletions leave, [`orphan_deletion`] takes down what no object owns once a person asks for that; [`plan_only`] says what a pass would do, `plan_of_class` what another spec would, and neither does anything; `found` reads what a spec is written from.
//!
//! What this process remembers of objects, until it ends: `phases` (of cut-overs), `unwritten` and `endpoint_marks` (marks of refusals that AWS did not take, with `endpoint_hanging` and `endpoint_touches`), [`generated_values`], `pairs` (of client certificates), `imports` (that status does not record), `partings` (from what distributions are marked for) and `proven` (which objects go on with what an earlier one of their name left).

pub(super) mod accept;
pub mod apply;
mod begun;
pub mod bounds;
mod carry_out;
pub mod cleanup;
pub mod departed;
mod due;
mod earlier_stage;
mod endpoint_comers;
mod endpoint_hanging;
mod endpoint_marks;
mod endpoint_touches;
pub mod execute;
mod execution;
pub(super) mod failures;
pub(super) mod findings;
mod former;
pub mod found;
pub mod generated_values;
mod handing_over;
mod imports;
pub mod lock;
mod not_yet;
pub mod orphan_deletion;
pub(super) mod other_doors;
pub(super) mod outcome;
mod pairs;
mod partings;
pub(super) mod phases;
mod plan_of_class;
pub mod plan_only;
mod policies;
pub(super) mod preparations;
mod pricing_plan;
mod promotions;
mod proven;
pub(super) mod references;
mod room;
pub mod settled;
mod standing;
pub mod subject;
pub mod sweep;
pub mod unproven;
mod unproven_endpoint;
mod unseen;
pub(super) mod unwritten;

use crate::api::{LOOK, ProtectedApi, ProtectedApiStatus};
use crate::aws::cloud::Cloud;
use crate::aws::layers::patient::Patient;
use crate::aws::layers::refusals::Refusals;
use crate::aws::readings::inventory::{Inventory, MaxAge};
use crate::aws::readings::name_lists::NameLists;
use crate::aws::readings::policies::Policies;
use crate::aws::readings::pricing_plans::PricingPlans;
use crate::aws::readings::shield_lists::ShieldLists;
use crate::controller::probes::Prober;
use crate::controller::process::regions::Regions;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::cost::prices::Prices;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{Owner, Tags, perimeter_uid};
use crate::domain::kernel::keeping::taken_over;
use crate::domain::kernel::planning::Wait;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::observed::{Due, Observed};
use crate::domain::perimeter::plan::{Plan, Step};
use crate::domain::tenancy::permissions::Tenancy;
use bounds::Bounds;
use due::{is_due, is_older, is_proven};
use endpoint_marks::EndpointMarks;
use generated_values::GeneratedValues;
use imports::Imports;
use jiff::Timestamp;
use kube::ResourceExt as _;
use pairs::Pairs;
use partings::Partings;
use phases::Phases;
use proven::Proven;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use sweep::counted::Counted;
use tokio::time::Instant;
use unwritten::UnwrittenMarks;

/// What probes leave in doubt is probed again so soon.
pub(super) const PROBE_RETRY: Duration = Duration::from_mins(1);

/// What the command line decides about AWS.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Options {
    pub resync: Duration,
    pub deep_resync: Duration,
    /// How often deployments are looked at, by one list call for all that wait.
    pub deployment_poll: Duration,
    /// How often the methods of each API are read.
    pub access_resync: Duration,
    pub tenancy: Tenancy,
    pub default_tags: Tags,
    pub permissions_boundary: Option<String>,
    /// What `status.cost` reckons with.
    pub prices: Prices,
}

/// One AWS account, as all passes over objects share it.
pub struct Engine {
    /// AWS.
    pub cloud: Arc<dyn Cloud>,
    /// The same, which knows what it refused last.
    refusals: Arc<Refusals>,
    /// The account-wide lists.
    pub inventory: Arc<Inventory>,
    /// The lists that serve Shield Advanced.
    pub shield: Arc<ShieldLists>,
    /// The hosted zones that have records of ours.
    pub names: Arc<NameLists>,
    /// The account's flat-rate pricing plans.
    pub plans: Arc<PricingPlans>,
    /// The account's own policies that distributions name.
    pub policies: Arc<Policies>,
    /// What the command line decides.
    pub options: Options,
    /// UID of the cluster's kube-system namespace.
    pub cluster: String,
    /// The account's id.
    pub account: String,
    /// How probes are sent.
    pub prober: Arc<dyn Prober>,
    /// When each object was probed, by UID; forgotten with the process.
    pub(super) probed: Mutex<HashMap<String, Instant>>,
    /// What each object's annotation said that asks for a look, when one was taken, by UID; forgotten with the process.
    pub(super) looked: Mutex<HashMap<String, String>>,
    /// How many passes do something at a time, here and in all other accounts.
    pub(super) bounds: Arc<Bounds>,
    /// In which Regions objects of any account have, or had, something of mutual TLS.
    pub(super) regions: Arc<Regions>,
    /// Which objects have a cut-over under way, as far as this process knows.
    pub(super) phases: Phases,
    /// Marks of cut-overs that could not be written to AWS.
    pub(super) unwritten: UnwrittenMarks,
    /// The same of default endpoints.
    endpoint_marks: EndpointMarks,
    /// Secret values that will be needed next.
    generated_values: GeneratedValues,
    /// Client certificates that will be needed next.
    pairs: Pairs,
    /// Client certificates that were imported, and that status does not record yet.
    imports: Imports,
    /// Whose former UIDs tags in AWS have proven.
    proven: Proven,
    /// Who asks no more for what the distribution is marked for.
    partings: Partings,
    /// What no object owns, as the sweeper counted it last.
    unowned: Counted,
}

/// A call that AWS answered.
#[derive(Debug, Clone)]
pub struct Done {
    /// What was done.
    pub step: Step,
}

/// What a pass came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The status to write.
    pub status: ProtectedApiStatus,
    /// What is left to do.
    pub plan: Plan,
    /// What was done.
    pub done: Vec<Done>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Why the spec was not acted upon.
    pub rejection: Option<Rejection>,
    /// When to look again, if nothing failed.
    pub requeue: Duration,
    /// A lock is neither proven nor put back: when to look at it again, whatever failed.
    pub in_doubt: Option<Duration>,
    /// Deletion: nothing is left but condemned or retained resources, and the object may go.
    pub finished: bool,
}

impl Engine {
    /// An engine whose inventory has read nothing yet.
    #[must_use]
    pub fn new(
        cloud: Arc<dyn Cloud>,
        prober: Arc<dyn Prober>,
        options: Options,
        cluster: String,
        account: String,
    ) -> Self {
        let refusals = Arc::new(Refusals::new(cloud));
        let cloud = Arc::clone(&refusals) as Arc<dyn Cloud>;
        let inventory = Arc::new(Inventory::new(Arc::clone(&cloud), cluster.clone()));
        let shield = Arc::new(ShieldLists::new(Arc::clone(&cloud)));
        let names = Arc::new(NameLists::new(Arc::clone(&cloud)));
        let plans = Arc::new(PricingPlans::new(Arc::clone(&cloud)));
        let policies = Arc::new(Policies::new(Arc::clone(&cloud)));
        Self {
            cloud,
            refusals,
            inventory,
            shield,
            names,
            plans,
            policies,
            options,
            cluster,
            account,
            prober,
            probed: Mutex::default(),
            looked: Mutex::default(),
            bounds: Arc::default(),
            regions: Arc::default(),
            phases: Phases::default(),
            unwritten: UnwrittenMarks::default(),
            endpoint_marks: EndpointMarks::default(),
            generated_values: GeneratedValues::default(),
            pairs: Pairs::default(),
            imports: Imports::default(),
            proven: Proven::default(),
            partings: Partings::default(),
            unowned: Counted::default(),
        }
    }

    /// This engine, with places that it shares with others.
    #[must_use]
    pub fn bounded_by(self, bounds: Arc<Bounds>) -> Self {
        Self { bounds, ..self }
    }

    /// This engine, which knows Regions with others.
    #[must_use]
    pub fn remembering(self, regions: Arc<Regions>) -> Self {
        Self { regions, ..self }
    }

    /// AWS, called again for a moment where that may help.
    pub(super) fn patient(&self) -> Patient<'_> {
        Patient(self.cloud.as_ref())
    }

    /// The owner that `object`'s resources are named and tagged after, as its status has it: before anything is done under a UID that
    /// is not the object's own, `former` has that proven.
    #[must_use]
    pub fn owner(&self, object: &ProtectedApi) -> Owner {
        Owner {
            cluster: self.cluster.clone(),
            namespace: object.namespace().unwrap_or_default(),
            name: object.name_any(),
            uid: perimeter_uid(object).unwrap_or_default().to_owned(),
            taken: taken_over(object),
        }
    }

    /// How old the lists may be for an object: the newer ones where it waits for a deployment.
    pub(super) fn max_age(&self, awaits_deployment: bool) -> MaxAge {
        let all = self.options.resync.mul_f64(0.95);
        MaxAge {
            // A little less than the interval, so that whoever comes next reads anew and the others share it.
            distributions: if awaits_deployment {
                self.options.deployment_poll.mul_f64(0.75).min(all)
            } else {
                all
            },
            others: all,
        }
    }

    /// When to look again at an object with this plan and what was probed.
    pub(super) fn requeue(&self, plan: &Plan, observed: Option<&Observed>) -> Duration {
        let after = |wait: &Wait| match wait.reason {
            Reason::Deploying => self.options.deployment_poll,
            _ => wait.retry_after,
        };
        let waits = plan.waits.iter().map(after);
        let problems = plan.problems.iter().filter_map(|problem| problem.retry_after);
        let is_proven = |(way, verdict): (&Way, &Verdict)| match way {
            // What no probe can prove is not proven by asking more often.
            Way::Viewer => matches!(
                verdict,
                Verdict::Reached { .. } | Verdict::KeyMissing { .. } | Verdict::AuthorizerFirst { .. }
            ),
            Way::Direct | Way::Next | Way::Origin | Way::Certificate => !verdict.is_passing(),
            // They can only disprove.
            Way::Stranger | Way::Fronted => true,
        };
        let doubt = observed
            .is_some_and(|observed| !observed.probes.iter().all(is_proven))
            .then_some(PROBE_RETRY);
        waits
            .chain(problems)
            .chain(doubt)
            .min()
            .unwrap_or(self.options.resync)
            .min(self.options.resync)
    }

    /// Whether `status` is due for a full read: once in `deep_resync`, spread over the objects by UID.
    pub(super) fn is_deep_read_due(
        &self,
        owner: &Owner,
        status: &ProtectedApiStatus,
        now: Timestamp,
    ) -> bool {
        is_due(
            status.verified_at.as_deref(),
            self.options.deep_resync,
            owner,
            now,
        )
    }

    /// What is due for an object besides: probes with each resync and each generation, the API's routes more seldom.
    pub(super) fn due(
        &self,
        owner: &Owner,
        status: &ProtectedApiStatus,
        is_new: bool,
        now: Timestamp,
    ) -> Due {
        let read = status.access.as_ref().map(|access| access.verified_at.as_str());
        let probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        let since = probed.get(&owner.uid).map(Instant::elapsed);
        let interval = if is_proven(status) {
            self.options.resync.mul_f64(0.9)
        } else {
            PROBE_RETRY.mul_f64(0.9).min(self.options.resync)
        };
        Due {
            access: is_due(read, self.options.access_resync, owner, now),
            probes: is_new || since.is_none_or(|since| since > interval),
            lock: false,
            overdue: is_older(read, self.options.access_resync + self.options.resync, now),
        }
    }

    /// Remembers that an object was probed now.
    pub(super) fn note_probes(&self, owner: &Owner) {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        probed.insert(owner.uid.clone(), Instant::now());
    }

    /// Whether the object's annotation asks for a look that was not taken yet.
    pub(super) fn is_look_wanted(&self, owner: &Owner, object: &ProtectedApi) -> bool {
        let asked = object.annotations().get(LOOK);
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| looked.get(&owner.uid) != Some(asked))
    }

    /// Remembers that the look was taken that the object's annotation asks for.
    pub(super) fn note_look(&self, owner: &Owner, object: &ProtectedApi) {
        if let Some(asked) = object.annotations().get(LOOK) {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            looked.insert(owner.uid.clone(), asked.clone());
        }
    }

    /// Forgets an object that is gone.
    pub(super) fn forget(&self, owner: &Owner) {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        probed.remove(&owner.uid);
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.remove(&owner.uid);
        self.phases.forget(&owner.uid);
        self.unwritten.forget(&owner.uid);
        self.endpoint_marks.forget_object(&owner.uid);
        self.generated_values.forget(&owner.uid);
        self.pairs.forget(&owner.uid);
        self.imports.forget(&owner.uid);
        self.proven.forget(&owner.uid);
        self.partings.keep(&owner.uid, |_| false);
    }
}
