//! What no object owns goes because a person asked for that, by an annotation of the `AwsAccount`: who may write it is whoever runs the
//! cluster. What came of it is written into status first, then the entry is taken off.

use super::context::Context;
use super::others::{sees_all, uids_of};
use crate::api::{
    AwsAccount, DELETE_ORPHANS, OrphanDeletionState as State, OrphanDeletionStatus, PerimeterPlan,
    ProtectedApi,
};
use crate::controller::engine::Engine;
use crate::controller::engine::orphan_deletion::{Asked, Progress};
use crate::controller::events::EventNote;
use crate::controller::kubernetes::search::first_of;
use crate::controller::kubernetes::status::{WriteError, change_annotation};
use crate::controller::watch::named;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::orphan_deletion::{Kept, Traces, knows};
use crate::domain::status::orphan_deletions::{Came, gone, is_answered, told_of, wished, without, written};
use crate::domain::status::orphans::known_of;
use crate::domain::tenancy::permissions::ALLOWED_PERIMETERS;
use jiff::{SignedDuration, Timestamp};
use kube::api::ApiResource;
use kube::{Resource as _, ResourceExt as _};
use serde_json::Value;
use std::time::Duration;

/// So many at a time: each reads the account's lists.
const AT_A_TIME: usize = 2;
/// What was written is gone on with.
const SOON: Duration = Duration::from_secs(1);
/// What failed is tried again.
const LATER: Duration = Duration::from_mins(1);

/// What came of an account's wishes.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    /// `status.orphanDeletions`; `None` where nothing is asked for.
    pub status: Option<Vec<OrphanDeletionStatus>>,
    /// What a person would want to know.
    pub notes: Vec<EventNote>,
    /// The annotation as it is, and as it is to be.
    ended: Option<(String, Option<String>)>,
    /// When to look again.
    pub next: Option<Duration>,
}

/// Goes on with what the annotation asks for, a few UIDs at a time.
pub(super) async fn delete_orphans(account: &AwsAccount, engine: &Engine, context: &Context) -> Deletions {
    let before = account.status.clone().unwrap_or_default();
    let annotation = account.annotations().get(DELETE_ORPHANS);
    if annotation.is_none() && before.orphan_deletions.is_empty() {
        return Deletions::default();
    }
    let text = annotation.map(String::as_str).unwrap_or_default();
    let mut all = Deletions::default();
    let (now, uids) = (Timestamp::now(), wished(text));
    let known = |uid: &str| told_of(&before.orphan_deletions, uid);
    // An entry that could not be taken off asks for nothing more.
    let (mut ended, mut asking): (Vec<String>, Vec<String>) =
        uids.iter().cloned().partition(|uid| is_answered(known(uid)));
    if asking.len() > AT_A_TIME {
        // Nobody waits for those that AWS refuses.
        let minute = usize::try_from(now.as_second() / 60).unwrap_or_default();
        let first = minute % asking.len();
        asking.rotate_left(first);
        all.next = Some(LATER);
    }
    let counted = engine.unowned_since(now);
    let mut came = Vec::new();
    for uid in asking.iter().take(AT_A_TIME) {
        let known = known(uid);
        let was = known.filter(|known| known.state == State::Deleting);
        let begun = was.and_then(|was| Some((was.since.parse().ok()?, was.parts.as_slice())));
        let counted = known_of(uid, &before.orphans, &counted);
        let asked = Asked {
            uid,
            sees_all: sees_all(context),
            known: &counted,
            begun,
            settled_after: SignedDuration::try_from(context.settings.sweep).unwrap_or(SignedDuration::MAX),
            now,
        };
        let progress = progress(&asked, engine, context).await;
        let (next, is_over) = match &progress {
            Progress::Agreed(_) => (SOON, false),
            Progress::Awaits(_, again) => (*again, false),
            Progress::Failed(_) => (LATER, false),
            Progress::Gone | Progress::Kept(_) => (SOON, true),
        };
        all.next = Some(all.next.map_or(next, |known| known.min(next)));
        if is_over {
            ended.push(uid.clone());
        }
        let told = came_of(progress, &asked);
        if known.is_none_or(|known| (known.state, &known.message) != (told.state, &told.message)) {
            all.notes.extend(note(uid, &told));
        }
        came.push((uid.clone(), told));
    }
    all.status = Some(written(&before.orphan_deletions, &uids, came, now));
    // An annotation that names nobody goes, too.
    let is_over = !ended.is_empty() || uids.is_empty();
    all.ended = annotation
        .filter(|_| is_over)
        .map(|annotation| (annotation.clone(), without(annotation, &ended)));
    all
}

fn came_of(progress: Progress, asked: &Asked<'_>) -> Came {
    let parts = asked.begun.map(|(_, parts)| parts.to_vec()).unwrap_or_default();
    let under_way = if asked.begun.is_some() {
        State::Deleting
    } else {
        State::Asked
    };
    let (state, message, parts) = match progress {
        Progress::Agreed(parts) => (State::Deleting, "it was looked at, and goes".to_owned(), parts),
        Progress::Awaits(message, _) => (under_way, message, parts),
        Progress::Failed(failure) => (under_way, failure.message, parts),
        Progress::Gone => (State::Deleted, gone(&parts), parts),
        Progress::Kept(kept) => (State::Kept, kept.to_string(), parts),
    };
    Came {
        state,
        message,
        parts,
    }
}

impl Deletions {
    /// Takes off the annotation what is over, once status says what came of it.
    ///
    /// # Errors
    /// When the API server refuses it, or others changed the annotation meanwhile.
    pub(super) async fn end(&self, account: &AwsAccount, context: &Context) -> Result<(), WriteError> {
        let Some((before, value)) = &self.ended else {
            return Ok(());
        };
        let change = (before.as_str(), value.as_deref());
        let _place = context.place().await;
        change_annotation::<AwsAccount>(&context.client, &account.metadata, DELETE_ORPHANS, change).await?;
        // What was condemned is tried, and what is left counted.
        context.sweep_soon.notify_one();
        Ok(())
    }
}

async fn progress(asked: &Asked<'_>, engine: &Engine, context: &Context) -> Progress {
    if !is_uid(asked.uid) {
        return Progress::Kept(Kept::NoUid);
    }
    let traces = match engine.traces_of_orphan(asked).await {
        Ok(traces) => traces,
        Err(failure) => return Progress::Failed(failure),
    };
    // Watches may lag: whoever is about to have something deleted asks the API server itself.
    match listed_claimant(&traces, context).await {
        Ok(Some(claimant)) => return Progress::Kept(Kept::Claimed(claimant)),
        Ok(None) => {}
        Err(error) => {
            let message = format!("the objects of the cluster could not be listed: {error}");
            return Progress::Awaits(message, LATER);
        }
    }
    engine
        .delete_orphan(asked, || watched_claimants(&traces, context))
        .await
}

/// As Kubernetes makes them: nothing else is compared with names and comments.
fn is_uid(text: &str) -> bool {
    let is_fitting = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c) || c == '-';
    text.len() == 36 && text.chars().all(is_fitting)
}

/// An object that knows the UID, by lists of the API server.
async fn listed_claimant(traces: &Traces, context: &Context) -> Result<Option<String>, kube::Error> {
    if !sees_all(context) {
        return Ok(None);
    }
    let kinds = [
        ApiResource::erase::<ProtectedApi>(&()),
        ApiResource::erase::<PerimeterPlan>(&()),
    ];
    for kind in &kinds {
        let is_such = |object: &Value| knows(object, traces);
        if let Some(found) = first_of(&context.client, kind, is_such).await? {
            return Ok(Some(format!("{} {found}", kind.kind)));
        }
    }
    let namespaces = context.watched.namespaces.state();
    let permits = namespaces.iter().find(|namespace| {
        let permitted = namespace.annotations().get(ALLOWED_PERIMETERS);
        permitted.is_some_and(|permitted| permitted.contains(&traces.uid))
    });
    Ok(permits.map(|namespace| {
        format!(
            "Namespace {} (annotation {ALLOWED_PERIMETERS})",
            namespace.name_any()
        )
    }))
}

/// The objects that know the UID, as the watch has them now: of one that cannot be read its names tell.
fn watched_claimants(traces: &Traces, context: &Context) -> Vec<String> {
    let all = context.watched.objects.state();
    let claims = all.iter().filter(|object| {
        let is_it = uids_of(object).any(|known| known == traces.uid);
        let (metadata, readable) = (object.meta(), object.0.as_ref().ok());
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (namespace, name) = (text(&metadata.namespace), text(&metadata.name));
        let status = readable.and_then(|object| object.status.as_ref());
        let distribution = status.and_then(|status| status.distribution.as_ref());
        let arn = distribution.map(|distribution| distribution.arn.as_str());
        let takes_over = readable.and_then(|object| object.spec.take_over.as_ref());
        is_it
            || takes_over.is_some_and(|wanted| wanted.uid == traces.uid)
            || traces.are_of(&namespace, &name, arn)
    });
    claims
        .map(|object| format!("ProtectedApi {}", named(object.as_ref())))
        .collect()
}

fn note(uid: &str, came: &Came) -> Option<EventNote> {
    let message = format!("What is left of UID {uid}: {}", came.message);
    match came.state {
        State::Asked => None,
        State::Deleting => Some(EventNote::normal(Reason::Deleting, "DeleteOrphan", message)),
        State::Deleted => Some(EventNote::normal(Reason::Deleted, "DeleteOrphan", message)),
        State::Kept => Some(EventNote::warning(Reason::OrphanKept, "DeleteOrphan", message)),
    }
}
