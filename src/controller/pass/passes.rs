//! Passes over what is called for, each in a task of its own.

use super::again::{Error, after_failure};
use super::context::Context;
use super::reconcile::reconcile;
use crate::controller::process::metrics;
use crate::controller::watch::aws_accounts::Account;
use crate::controller::watch::backoff::AFTER_FAILURE;
use crate::controller::watch::perimeter_classes::Class;
use crate::controller::watch::perimeter_plans::PlanObject;
use crate::controller::watch::{Object, named};
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, stream};
use kube::runtime::controller::{Action, Config, applier};
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Resource, ResourceExt as _};
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tracing::{Instrument as _, Span, error, field, info_span};

/// Many objects may call for one account, or for one class, at a time.
const GATHERED: Duration = Duration::from_millis(200);

/// Whoever asks for many plans at a time waits: what stands is looked after meanwhile.
const PLANS: u16 = 4;

type Reconcile<K> = fn(Arc<K>, Arc<Context>) -> BoxFuture<'static, Result<Action, Error>>;

/// Passes over the objects that are called for; ends when told to stop and all passes under way have ended.
pub async fn over_objects(context: Arc<Context>, called_for: UnboundedReceiver<ObjectRef<Object>>) {
    let store = context.watched.objects.clone();
    over(
        context,
        store,
        called_for,
        Config::default(),
        |object, context| reconcile(object, context).boxed(),
    )
    .await;
}

/// The same over the `AwsAccount`s.
pub async fn over_accounts(context: Arc<Context>, called_for: UnboundedReceiver<ObjectRef<Account>>) {
    let store = context.watched.aws_accounts.store();
    let config = Config::default().debounce(GATHERED);
    over(context, store, called_for, config, |account, context| {
        super::account::reconcile(account, context).boxed()
    })
    .await;
}

/// The same over the `PerimeterClass`es.
pub async fn over_classes(context: Arc<Context>, called_for: UnboundedReceiver<ObjectRef<Class>>) {
    let store = context.watched.classes.store();
    let config = Config::default().debounce(GATHERED);
    over(context, store, called_for, config, |class, context| {
        super::perimeter_class::reconcile(class, context).boxed()
    })
    .await;
}

/// The same over the `PerimeterPlan`s.
pub async fn over_plans(context: Arc<Context>, called_for: UnboundedReceiver<ObjectRef<PlanObject>>) {
    let store = context.watched.plans.clone();
    let config = Config::default().concurrency(PLANS);
    over(context, store, called_for, config, |plan, context| {
        super::perimeter_plan::reconcile(plan, context).boxed()
    })
    .await;
}

async fn over<K>(
    context: Arc<Context>,
    store: Store<K>,
    mut called_for: UnboundedReceiver<ObjectRef<K>>,
    config: Config,
    reconcile: Reconcile<K>,
) where
    K: Resource<DynamicType = ()> + Clone + Send + Sync + 'static,
{
    let shutdown = context.shutdown.clone();
    let queue = stream::poll_fn(move |cx| called_for.poll_recv(cx))
        .map(Ok::<_, Infallible>)
        .take_until(async move { shutdown.requested().await });
    let never = |_: Arc<K>, error: &Infallible, _: Arc<Context>| match *error {};
    applier(
        move |object, context| pass(object, context, reconcile),
        never,
        context,
        store,
        Box::pin(queue),
        config,
    )
    // What there is to say, `pass` has said; an object that is gone needs nothing.
    .for_each(|_| ready(()))
    .await;
}

/// One pass, in a task of its own: another core may run it, and a panic stays with its object.
fn pass<K>(
    object: Arc<K>,
    context: Arc<Context>,
    reconcile: Reconcile<K>,
) -> BoxFuture<'static, Result<Action, Infallible>>
where
    K: Resource<DynamicType = ()> + Send + Sync + 'static,
{
    let span = info_span!("pass", object = named(object.as_ref()), outcome = field::Empty);
    async move {
        let began = Instant::now();
        let uid = object.uid().unwrap_or_default();
        let mut task = JoinSet::new();
        task.spawn(reconcile(object, Arc::clone(&context)).in_current_span());
        let (outcome, action) = match task.join_next().await {
            Some(Ok(Ok(action))) => {
                context.watched.backoff.succeeded(&uid);
                (metrics::OK, action)
            }
            Some(Ok(Err(error))) => (
                error.category(),
                after_failure(&error, &uid, &context.watched.backoff),
            ),
            Some(Err(panic)) => {
                let retry_in = context.watched.backoff.failed(&uid, AFTER_FAILURE);
                error!(%panic, ?retry_in, "this is a bug in Palisade");
                (metrics::PANIC, Action::requeue(retry_in))
            }
            None => (metrics::OK, Action::await_change()),
        };
        // After the last line: none shows it.
        Span::current().record("outcome", outcome);
        context.metrics.reconciled(outcome, began.elapsed());
        Ok(action)
    }
    .instrument(span)
    .boxed()
}
