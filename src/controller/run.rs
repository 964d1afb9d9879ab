//! From start to end: get ready, wait for the lead, pass over objects until told to stop.

use crate::aws::layers::finished::Calls;
use crate::controller::accounts::connect::{Connect, Terms};
use crate::controller::accounts::{Accounts, Reach};
use crate::controller::engine::Options;
use crate::controller::events::Events;
use crate::controller::fitting::{self, fitting, persistently};
use crate::controller::follow::{Writers, follow_all};
use crate::controller::kubernetes::cluster::cluster_uid;
use crate::controller::pass::context::{Context, Watched};
use crate::controller::pass::outlooks::Outlooks;
use crate::controller::pass::passes;
use crate::controller::probes::Prober;
use crate::controller::process::lease::{Candidate, Leadership, Lost};
use crate::controller::process::metrics::Metrics;
use crate::controller::process::server::{
    self, ACCOUNTS, CLASSES, CREDENTIALS, Health, ListenError, NAMESPACES, OBJECTS,
};
use crate::controller::process::settings::Settings;
use crate::controller::process::shutdown::Shutdown;
use crate::controller::watch::aws_accounts::{Account, AccountTriggers, AwsAccounts};
use crate::controller::watch::perimeter_classes::{Class, ClassTriggers, PerimeterClasses};
use crate::controller::watch::perimeter_plans::{PlanObject, PlanTriggers};
use crate::controller::watch::{self, Object, Triggers};
use crate::definitions::served::Unfit;
use futures::future::join4;
use kube::Client;
use kube::runtime::reflector::{self, ObjectRef};
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{info, warn};

/// With the longest call to AWS after it, within what the documentation promises: 45 s.
const STOPPING: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_secs(5);

/// What the controller works with.
pub struct Parts {
    /// The Kubernetes API.
    pub client: Client,
    /// How AWS is reached.
    pub aws: Arc<dyn Connect>,
    /// How probes are sent.
    pub prober: Arc<dyn Prober>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// Why the controller ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Another process may act now, so this one must not.
    #[error("no longer the leader, ending: {0}")]
    Lost(#[from] Lost),
    /// The API server has older definitions than it had, so what is written would be lost. Started anew, we wait for ours.
    #[error("the definitions were changed, ending: {0}")]
    Definitions(#[from] Unfit),
    /// A watch or a server ended, which none does.
    #[error("a background task ended; this is a bug in Palisade")]
    Background,
    /// Told twice to stop.
    #[error("ended at once, with calls to AWS under way; the Lease is left to expire")]
    NotStopped,
}

/// Runs the controller until it is told to stop.
///
/// # Errors
/// When it must end by itself: an address is taken, or the lead is lost.
pub async fn run(settings: Settings, parts: Parts) -> Result<(), RunError> {
    let mut background = JoinSet::new();
    let started = start(settings, parts, &mut background).await?;
    let health = Arc::clone(&started.health);
    tokio::select! {
        result = ticking(&health, Box::pin(work(started))) => result,
        _ = background.join_next() => Err(RunError::Background),
    }
}

/// Does `work`, and tells `health` so for as long as this task goes round.
async fn ticking<T>(health: &Health, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = ticks.tick() => health.tick(),
        }
    }
}

async fn work(mut started: Started) -> Result<(), RunError> {
    let shutdown = started.parts.shutdown.clone();
    let (context, compared) = tokio::select! {
        (context, compared) = prepare(&started) => (Arc::new(context), compared),
        () = shutdown.requested() => return Ok(()),
    };
    let mut candidate = started.settings.lease.clone().map(|lease| {
        Candidate::new(
            context.client.clone(),
            &context.settings.instance,
            lease,
            context.leadership.clone(),
        )
        .reporting_to(Arc::clone(&started.health))
        .remembering(Arc::clone(context.accounts.regions()))
    });
    tokio::select! {
        () = elected(candidate.as_mut()) => {}
        unfit = fitting::lost(&context.client, &started.health) => return Err(unfit.into()),
        () = discard(&mut started.called_for) => {}
        () = discard(&mut started.called_for_accounts) => {}
        () = discard(&mut started.called_for_classes) => {}
        () = discard(&mut started.called_for_plans) => {}
        () = shutdown.requested() => return Ok(()),
    }
    context.metrics.set_leader(true);
    let watched = &context.watched;
    watched.account_triggers.each(&watched.aws_accounts.all());
    watched.triggers.each(&watched.objects.state());
    watched.class_triggers.each(&watched.classes.all());
    watched.plan_triggers.each(&watched.plans.state());
    let called_for = CalledFor {
        objects: started.called_for,
        accounts: started.called_for_accounts,
        classes: started.called_for_classes,
        plans: started.called_for_plans,
    };
    let ended = tokio::select! {
        lost = kept(candidate.as_mut()) => return Err(RunError::Lost(lost)),
        ended = until_stopped(&context, called_for, &started.calls, (&started.health, compared)) => ended,
        () = shutdown.forced() => return Err(RunError::NotStopped),
    };
    if let Some(candidate) = candidate
        && let Err(error) = candidate.release().await
    {
        warn!(%error, "the Lease is left to expire");
    }
    ended.map_err(RunError::Definitions)
}

/// What [`work`] stands on; watches and servers go on in the background.
struct Started {
    settings: Settings,
    parts: Parts,
    health: Arc<Health>,
    calls: Calls,
    watched: Watched,
    called_for: UnboundedReceiver<ObjectRef<Object>>,
    called_for_accounts: UnboundedReceiver<ObjectRef<Account>>,
    called_for_classes: UnboundedReceiver<ObjectRef<Class>>,
    called_for_plans: UnboundedReceiver<ObjectRef<PlanObject>>,
}

/// What passes are called for over.
struct CalledFor {
    objects: UnboundedReceiver<ObjectRef<Object>>,
    accounts: UnboundedReceiver<ObjectRef<Account>>,
    classes: UnboundedReceiver<ObjectRef<Class>>,
    plans: UnboundedReceiver<ObjectRef<PlanObject>>,
}

async fn start(settings: Settings, parts: Parts, background: &mut JoinSet<()>) -> Result<Started, RunError> {
    let (objects, object_writer) = reflector::store();
    let (namespaces, namespace_writer) = reflector::store();
    let (triggers, called_for) = Triggers::new();
    let (aws_accounts, writing_accounts) = AwsAccounts::new();
    let (account_triggers, called_for_accounts) = AccountTriggers::new();
    let (classes, writing_classes) = PerimeterClasses::new();
    let (class_triggers, called_for_classes) = ClassTriggers::new();
    let (plans, plan_writer) = reflector::store();
    let (plan_triggers, called_for_plans) = PlanTriggers::new();
    let health = Arc::new(Health::new(settings.lease.is_some()));
    let watched = Watched {
        objects,
        claims: watch::Claims::default(),
        namespaces,
        triggers,
        aws_accounts,
        account_triggers,
        classes,
        class_triggers,
        plans,
        plan_triggers,
        backoff: Arc::default(),
    };

    if let Some(address) = settings.health_addr {
        let listener = server::listen("--health-addr", address).await?;
        background.spawn(server::serve(listener, server::health_routes(health.clone())));
    }
    if let Some(address) = settings.metrics_addr {
        let listener = server::listen("--metrics-addr", address).await?;
        let (objects, accounts) = (watched.objects.clone(), watched.aws_accounts.clone());
        let routes = server::metrics_routes(parts.metrics.clone(), objects, accounts);
        background.spawn(server::serve(listener, routes));
    }
    let writers = Writers {
        objects: object_writer,
        namespaces: namespace_writer,
        accounts: writing_accounts,
        classes: writing_classes,
        plans: plan_writer,
    };
    follow_all(&settings, &parts.client, watched.clone(), writers, background);
    Ok(Started {
        settings,
        parts,
        health,
        calls: Calls::default(),
        watched,
        called_for,
        called_for_accounts,
        called_for_classes,
        called_for_plans,
    })
}

/// Waits for all that a pass needs, whether leader or not; and tells when the definitions were compared, which may be long before.
async fn prepare(started: &Started) -> (Context, Instant) {
    let Started {
        settings,
        parts,
        health,
        ..
    } = started;
    let leadership = if settings.lease.is_some() {
        Leadership::standby()
    } else {
        Leadership::unelected()
    };
    let terms = Terms {
        leadership: leadership.clone(),
        calls: started.calls.clone(),
    };
    let (cluster, (identity, cloud), compared) = tokio::join!(
        persistently("reading the UID of Namespace kube-system", || cluster_uid(
            &parts.client
        )),
        async {
            let (identity, cloud) = persistently("asking AWS who we are", || parts.aws.connect(&terms)).await;
            info!(account = identity.account, arn = identity.arn, "AWS credentials");
            health.has(CREDENTIALS);
            (identity, cloud)
        },
        async {
            // The writers live in the background for as long as we do.
            let _ = started.watched.objects.wait_until_ready().await;
            health.has(OBJECTS);
            let compared = fitting(&parts.client, health).await;
            let _ = started.watched.namespaces.wait_until_ready().await;
            health.has(NAMESPACES);
            started.watched.aws_accounts.known().await;
            health.has(ACCOUNTS);
            started.watched.classes.known().await;
            health.has(CLASSES);
            compared
        },
    );
    let reach = Reach {
        aws: Arc::clone(&parts.aws),
        terms,
        prober: Arc::clone(&parts.prober),
        options: options(settings),
        cluster,
        bounds: Arc::default(),
        regions: Arc::default(),
    };
    let events = if settings.emit_events {
        Events::new(parts.client.clone(), &settings.instance)
    } else {
        Events::disabled()
    };
    let context = Context {
        client: parts.client.clone(),
        settings: settings.clone(),
        accounts: Accounts::new(reach, identity, cloud),
        metrics: Arc::clone(&parts.metrics),
        events,
        watched: started.watched.clone(),
        writes: Context::places(),
        leadership,
        outlooks: Outlooks::default(),
        sweep_soon: Notify::new(),
        shutdown: parts.shutdown.clone(),
    };
    (context, compared)
}

fn options(settings: &Settings) -> Options {
    Options {
        resync: settings.resync,
        deep_resync: settings.deep_resync,
        deployment_poll: settings.deployment_poll,
        access_resync: settings.access_resync,
        tenancy: settings.tenancy.into(),
        default_tags: settings.default_tags.clone(),
        permissions_boundary: settings.permissions_boundary.clone(),
        prices: settings.prices.clone(),
    }
}

async fn elected(candidate: Option<&mut Candidate>) {
    if let Some(candidate) = candidate {
        candidate.acquire().await;
    }
}

async fn kept(candidate: Option<&mut Candidate>) -> Lost {
    match candidate {
        Some(candidate) => candidate.keep().await,
        None => pending().await,
    }
}

/// A standby's triggers are not kept: once it leads it passes over all objects.
async fn discard<T>(called_for: &mut UnboundedReceiver<T>) {
    while called_for.recv().await.is_some() {}
}

/// Works until told to stop, or the definitions keep no longer what we write, which they did when they were `compared`; ends when no
/// call to AWS is under way, and none begins any more.
///
/// When told to stop, passes get a moment to come to their end. Then they are left where they are, as in a crash: the next leader goes on.
async fn until_stopped(
    context: &Arc<Context>,
    called_for: CalledFor,
    calls: &Calls,
    (health, compared): (&Health, Instant),
) -> Result<(), Unfit> {
    let working = async {
        fitting::still_kept(&context.client, health, compared).await?;
        let passes = join4(
            passes::over_objects(Arc::clone(context), called_for.objects),
            passes::over_accounts(Arc::clone(context), called_for.accounts),
            passes::over_classes(Arc::clone(context), called_for.classes),
            passes::over_plans(Arc::clone(context), called_for.plans),
        );
        tokio::select! {
            _ = passes => Ok(()),
            () = crate::controller::pass::sweeper::run(context) => Ok(()),
            unfit = fitting::lost(&context.client, health) => Err(unfit),
        }
    };
    let ended = tokio::select! {
        ended = working => ended,
        () = async {
            context.shutdown.requested().await;
            tokio::time::sleep(STOPPING).await;
        } => Ok(()),
    };
    // For good: a pass that is being left must not begin another.
    std::mem::forget(calls.ended().await);
    ended
}
