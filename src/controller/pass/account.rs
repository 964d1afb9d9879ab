//! One pass over one `AwsAccount`: where it leads, whether it may, and who needs it.

use super::account_leftovers::{forget_regions, needed_for_leftovers, recall_regions};
use super::account_orphans::{Deletions, delete_orphans};
use super::account_settings::{Settings, settle};
use super::admission;
use super::again::{Again, Error, chain};
use super::context::Context;
use crate::api::{AwsAccount, AwsAccountStatus};
use crate::aws::cloud::CloudError;
use crate::aws::remedies::refused_action;
use crate::controller::accounts::{Reached, Trouble, passes_by_itself};
use crate::controller::engine::failures::whole;
use crate::controller::events::EventNote;
use crate::controller::events::addresses::address;
use crate::controller::kubernetes::status::{
    add_finalizer, apply_status_once, has_finalizer, remove_finalizer,
};
use crate::controller::watch::aws_accounts::{Account, is_for};
use crate::controller::watch::backoff::spread;
use crate::controller::watch::named;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls::rotation::imports_in_a_year;
use crate::domain::status::account::{
    CREDENTIALS_VALID, Pass, accepted, condition, credentials, status, used_by,
};
use crate::domain::status::conditions::holds;
use crate::domain::status::conditions::types::{ACCEPTED, READY};
use crate::domain::status::headroom::QUOTA_HEADROOM;
use crate::domain::status::orphans::orphans;
use crate::domain::tenancy::account::{self, assumption};
use crate::domain::tenancy::rivals::{Claim, Hold, first_of};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::controller::Action;
use kube::{Resource as _, ResourceExt as _};
use std::sync::Arc;
use std::time::Duration;

/// The conditions whose changes are told here.
const TOLD: &[&str] = &[CREDENTIALS_VALID, ACCEPTED, QUOTA_HEADROOM, READY];
/// What a person must mend is looked at this often all the same: a trust policy is mended where we do not see it.
const MENDED: Duration = Duration::from_mins(1);

/// Looks at `account` and does what is next.
///
/// # Errors
/// When a step failed; the account is looked at again after its backoff.
pub async fn reconcile(account: Arc<Account>, context: Arc<Context>) -> Result<Action, Error> {
    let (all, is_looked_after) = (context.watched.aws_accounts.all(), context.looks_after(&account));
    let is_there = |name: &str| all.iter().any(|other| other.name_any() == name);
    context.accounts.retain(is_there);
    match &account.0 {
        _ if !is_looked_after => Ok(Action::await_change()),
        Ok(readable) if readable.metadata.deletion_timestamp.is_some() => let_go(readable, &context).await,
        Ok(readable) => keep(readable, &context).await,
        Err(invalid) => {
            admission::report_malformed(&context, account.as_ref(), invalid).await;
            Err(Error::malformed(&invalid.error, &context))
        }
    }
}

/// Which of two `AwsAccount`s for one account comes first: one that is ready, as it is declared now, before others.
pub(super) fn claim(account: &AwsAccount) -> Claim {
    let created = account.metadata.creation_timestamp.as_ref();
    let status = account.status.as_ref();
    let is_ready = status.is_some_and(|status| holds(&status.conditions, account.metadata.generation, READY));
    Claim {
        hold: if is_ready { Hold::Accepted } else { Hold::Waiting },
        created: created.map(|time| time.0.to_string()).unwrap_or_default(),
        uid: account.uid().unwrap_or_default(),
        object: account.name_any(),
        stands: is_ready,
        is_leaving: account.metadata.deletion_timestamp.is_some(),
    }
}

/// What a pass finds out about an account.
struct Findings {
    identity: Option<(String, String)>,
    conditions: Vec<Condition>,
    /// Only a person can help, outside of Kubernetes.
    is_stuck: bool,
    /// What is one for all objects of the account; `None` where it was not looked at.
    settings: Option<Settings>,
}

async fn keep(account: &AwsAccount, context: &Context) -> Result<Action, Error> {
    if !has_finalizer::<AwsAccount>(&account.metadata) {
        let _place = context.place().await;
        let added = add_finalizer::<AwsAccount>(&context.client, &account.metadata).await;
        if let Err(error) = &added
            && error.is_refusal()
        {
            // Objects of other accounts do not wait for it.
            let why = format!("{}; see the controller's rights", chain(error));
            let rejection = account::not_ready(&account.name_any(), &why);
            note(account, None, Some(Trouble::Refused(rejection)), context);
        }
        // The write calls for the next pass.
        return Ok(added.map(|()| Action::await_change())?);
    }
    let asked = context.accounts.ask(account).await;
    let refusal = asked.as_ref().err().cloned();
    let engine = asked.as_ref().ok().map(|reached| Arc::clone(&reached.engine));
    let findings = findings(account, asked, context).await;
    let deletions = match engine {
        Some(engine) if !findings.is_stuck => Box::pin(delete_orphans(account, &engine, context)).await,
        _ => Deletions::default(),
    };
    let settings = findings.settings.as_ref();
    let waits = settings.and_then(|settings| settings.retry_after);
    let mended = findings.is_stuck.then_some(MENDED);
    let resync = context.settings.resync;
    let waits = waits.into_iter().chain(mended).chain(deletions.next);
    let next = waits.fold(resync, Duration::min);
    let failure = failure(refusal.as_ref(), settings, next);
    publish(account, findings, &deletions, None, context).await?;
    // Whoever dies before this is told the same once more.
    deletions.end(account, context).await?;
    failure.map_or_else(|| Ok(Action::requeue(spread(next))), Err)
}

/// What of a pass failed: what is tried again by itself before what needs a person, who is waited for until `next`.
fn failure(refusal: Option<&CloudError>, settings: Option<&Settings>, next: Duration) -> Option<Error> {
    let of = |failure: Failure, again| Error::Aws {
        reason: failure.reason.as_str(),
        message: failure.message,
        again,
    };
    if let Some(error) = refusal {
        let again = if passes_by_itself(error) {
            // All its objects wait for it.
            Again::Within(MENDED)
        } else {
            Again::After(next)
        };
        return Some(of(whole(error), again));
    }
    let failures = || settings.into_iter().flat_map(|settings| &settings.failures);
    let passing = failures().find(|failure| !failure.needs_person());
    let found = passing.map(|failure| (failure, Again::Later));
    let found = found.or_else(|| failures().next().map(|failure| (failure, Again::After(next))));
    found.map(|(failure, again)| of(failure.clone(), again))
}

async fn findings(account: &AwsAccount, asked: Result<Reached, CloudError>, context: &Context) -> Findings {
    let reached = match asked {
        Ok(reached) => reached,
        Err(error) => return unreached(account, &error, context),
    };
    let Reached { identity, engine } = &reached;
    recall_regions(account, &identity.account, context);
    let taken = taken(account, &identity.account, context);
    let is_stuck = taken.is_some();
    note(
        account,
        Some(reached.clone()),
        taken.clone().map(Trouble::Refused),
        context,
    );
    let mut conditions = vec![
        credentials(&identity.account, &identity.arn),
        accepted(taken.as_ref()),
    ];
    let mut settings = None;
    if !is_stuck {
        let users = context.users_of(&account.name_any());
        let specs = users.iter().filter_map(|user| Some(&user.0.as_ref().ok()?.spec));
        let imports = specs.map(imports_in_a_year).sum();
        let mut settled = settle(account, engine, imports).await;
        conditions.append(&mut settled.conditions);
        settings = Some(settled);
    }
    Findings {
        identity: Some((identity.account.clone(), identity.arn.clone())),
        conditions,
        is_stuck,
        settings,
    }
}

/// What there is to say when AWS did not take the credentials, or was not reached.
fn unreached(account: &AwsAccount, error: &CloudError, context: &Context) -> Findings {
    let is_stuck = !passes_by_itself(error);
    let found = if is_stuck {
        let (reason, message) = refused(account, error, context);
        let rejection = account::not_ready(&account.name_any(), &message);
        note(account, None, Some(Trouble::Refused(rejection)), context);
        condition(CREDENTIALS_VALID, Some(false), reason, message)
    } else {
        // An account that once answered is taken to answer again: its objects' own calls tell.
        let known = context.accounts.known(account);
        if known.is_none_or(|known| known.reached.is_none()) {
            note(account, None, Some(Trouble::Failed(error.clone())), context);
        }
        let failure = whole(error);
        condition(CREDENTIALS_VALID, None, failure.reason, failure.message)
    };
    Findings {
        identity: None,
        conditions: vec![found],
        is_stuck,
        settings: None,
    }
}

fn refused(account: &AwsAccount, error: &CloudError, context: &Context) -> (Reason, String) {
    let caller = &context.accounts.own().identity.arn;
    match assumption(&account.spec, context.accounts.cluster()) {
        Some(role) if error.code.starts_with("AccessDenied") => (
            Reason::RoleNotAssumable,
            account::untrusted(caller, &role, refused_action(error), &error.message),
        ),
        _ => {
            let failure = whole(error);
            (failure.reason, failure.message)
        }
    }
}

/// Why another `AwsAccount` stands for the same account, if one comes first.
fn taken(account: &AwsAccount, id: &str, context: &Context) -> Option<Rejection> {
    let all = context.watched.aws_accounts.all();
    let others = all.iter().filter(|other| context.looks_after(other));
    let others = others.filter_map(|other| other.0.as_ref().ok());
    let claims: Vec<Claim> = others
        .filter(|other| context.leads_to(other, id))
        .map(claim)
        .collect();
    let first = first_of(&claim(account), &claims)?;
    Some(account::taken(&account.name_any(), &first.object, id))
}

/// Remembers what came of asking. Where that is news, it matters to those who use the account, and to others for the same.
fn note(account: &AwsAccount, reached: Option<Reached>, trouble: Option<Trouble>, context: &Context) {
    if context.accounts.remember(account, reached, trouble) {
        wake(account, context);
    }
}

fn wake(account: &AwsAccount, context: &Context) {
    let name = account.name_any();
    let guarded = kube::core::DeserializeGuard(Ok(account.clone()));
    let users = context
        .watched
        .objects
        .state_filter(|object| is_for(&guarded, object));
    context.watched.triggers.each(&users);
    let all = context.watched.aws_accounts.all();
    context
        .watched
        .account_triggers
        .each(all.iter().filter(|other| other.name_any() != name));
}

async fn let_go(account: &AwsAccount, context: &Context) -> Result<Action, Error> {
    if !has_finalizer::<AwsAccount>(&account.metadata) {
        return Ok(Action::await_change());
    }
    let users = context.users_of(&account.name_any());
    let users: Vec<String> = users.iter().map(|user| named(user.as_ref())).collect();
    let often = context.settings.sweep.min(context.settings.resync);
    let held = match used_by(&users) {
        Some(why) => Some((why, often)),
        None => needed_for_leftovers(account, context).await,
    };
    let Some((held_by, next)) = held else {
        remove_finalizer::<AwsAccount>(&context.client, &account.metadata).await?;
        context.accounts.forget(&account.name_any());
        forget_regions(account, context);
        wake(account, context);
        return Ok(Action::await_change());
    };
    // Clean-up needs it meanwhile.
    let asked = context.accounts.ask(account).await;
    let findings = findings(account, asked, context).await;
    publish(account, findings, &Deletions::default(), Some(held_by), context).await?;
    Ok(Action::requeue(next.min(often)))
}

/// Writes the status and tells what is new in it.
async fn publish(
    account: &AwsAccount,
    findings: Findings,
    deletions: &Deletions,
    held_by: Option<String>,
    context: &Context,
) -> Result<(), Error> {
    let none = AwsAccountStatus::default();
    let previous = account.status.as_ref().unwrap_or(&none);
    let mut failures = findings.settings.iter().flat_map(|settings| &settings.failures);
    let is_stuck = findings.is_stuck || failures.any(Failure::needs_person);
    let pass = Pass {
        generation: account.metadata.generation,
        identity: findings.identity,
        objects: context.users_of(&account.name_any()).len(),
        held_by,
        is_stuck,
        previous,
        now: Timestamp::now(),
    };
    let mut status = status(&pass, findings.conditions);
    let mut news = notes(previous, &status);
    if let Some(settings) = findings.settings {
        (status.shield, status.quotas) = (settings.shield, settings.quotas);
        news.extend(settings.notes);
        if let Some(unowned) = settings.unowned {
            let told = orphans(&unowned, &previous.orphans, pass.now);
            (status.orphans, status.orphans_left_out) = told;
        }
    }
    if let Some(told) = &deletions.status {
        status.orphan_deletions.clone_from(told);
    }
    news.extend(deletions.notes.iter().cloned());
    address(&mut status.conditions, context.settings.docs_url.as_deref());
    let _place = context.place().await;
    let about = account.object_ref(&());
    context.events.publish_all(&about, news).await;
    Ok(apply_status_once(&context.client, account, &status).await?)
}

/// An event for each condition whose status or reason is new; what is well from the start is told by `Ready` alone. What is
/// new in the account's settings, a look at them tells.
fn notes(before: &AwsAccountStatus, after: &AwsAccountStatus) -> Vec<EventNote> {
    let was = |is: &Condition| {
        let mut conditions = before.conditions.iter();
        conditions.find(|before| before.type_ == is.type_)
    };
    let is_news = |is: &&Condition| match was(is) {
        Some(was) => (&was.status, &was.reason) != (&is.status, &is.reason),
        None => is.status != "True" || is.type_ == READY,
    };
    let note = |is: &Condition| {
        let (reason, message) = (
            Reason::parse(&is.reason)?,
            format!("{}: {}", is.type_, is.message),
        );
        Some(match is.status.as_str() {
            "True" => EventNote::normal(reason, "Look", message),
            _ => EventNote::warning(reason, "Look", message),
        })
    };
    // `Ready` repeats what another condition says, but for what it alone knows.
    let is_repetition =
        |is: &&Condition| is.type_ == READY && is.status != "True" && is.reason != Reason::InUse.as_str();
    let is_told_here = |is: &&Condition| TOLD.contains(&is.type_.as_str());
    let news = after.conditions.iter().filter(is_told_here).filter(is_news);
    news.filter(|is| !is_repetition(is)).filter_map(note).collect()
}
