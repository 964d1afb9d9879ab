//! Which names the distribution is to have now, and how one moves here from another distribution of the account.

use super::certificate;
use super::config::Settings;
use super::distribution::Action;
use super::names::Holder;
use crate::domain::access::probing::{Passage, passage};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::plan::{self, Next, Plan, Step};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// A move is told so long before.
const NOTICE: Duration = Duration::from_secs(5);
/// When it is looked again whether viewers get through.
const LATER: Duration = Duration::from_mins(1);

/// Names and what proves them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// The aliases.
    pub aliases: BTreeSet<String>,
    /// The certificate for them.
    pub certificate_arn: Option<String>,
}

/// The names that the distribution is to have now: the declared ones, but for those that another distribution still has.
/// While no certificate for them is issued, those that it has.
#[must_use]
pub fn served(all: &DesiredAll, everything: &Everything) -> Names {
    let settings = &all.distribution.settings;
    let names = all.names.as_ref();
    let certificate_arn = match names.and_then(|names| names.certificate.as_ref()) {
        None => settings.certificate_arn.clone(),
        Some(wanted) => match certificate::issued(wanted, everything) {
            Some(arn) => Some(arn),
            None => return everything.distribution_names().unwrap_or_default(),
        },
    };
    let is_free = |alias: &&String| !everything.names.holders.contains_key(*alias);
    Names {
        aliases: settings.aliases.iter().filter(is_free).cloned().collect(),
        certificate_arn,
    }
}

/// `settings` with these names.
#[must_use]
pub fn with_names(settings: Settings, names: Names) -> Settings {
    let has_certificate = names.certificate_arn.is_some();
    Settings {
        aliases: names.aliases,
        certificate_arn: names.certificate_arn,
        minimum_tls_version: settings.minimum_tls_version.filter(|_| has_certificate),
        ..settings
    }
}

/// What becomes of the names that other distributions have: once ours is deployed and viewers get through it, they are
/// moved, or a person is asked.
pub fn next_all(all: &DesiredAll, everything: &Everything, plan: &mut Plan) {
    let Some(names) = &all.names else {
        return;
    };
    let is_busy = plan.concerns(Kind::Distribution) || plan.is_busy_with(Kind::Access);
    let held = everything.names.holders.iter();
    let held = held.filter(|(alias, _)| names.aliases.contains(*alias));
    let (moving, stuck): (Vec<_>, Vec<_>) =
        held.partition(|(_, holder)| names.take_over && holder.object.is_none());
    if !stuck.is_empty() {
        plan.add(id(), in_use(&stuck));
    }
    let (Some((alias, holder)), Some(target)) = (moving.first(), everything.distribution_id()) else {
        return;
    };
    let has_certificate = everything
        .distribution_names()
        .is_some_and(|names| names.certificate_arn.is_some());
    if is_busy || !has_certificate {
        return;
    }
    match passage(all, everything, plan) {
        Passage::Open => {}
        Passage::Asked => return,
        Passage::Closed(why) => return plan.add(id(), kept(alias, holder, target, &why)),
    }
    if !everything.names.is_move_told {
        plan.add(
            id(),
            Next::Wait(Wait {
                id: id(),
                reason: Reason::AliasMoves,
                message: format!(
                    "{alias} is about to be moved from distribution {} of this account to {target}, as \
                     spec.distribution.takeOverAliases asks",
                    holder.id
                ),
                retry_after: NOTICE,
            }),
        );
        return;
    }
    plan.add(
        id(),
        Next::Act(Box::new(Step {
            id: id(),
            name: target.to_owned(),
            verb: Verb::Update,
            changes: vec![Change {
                path: "aliases".to_owned(),
                from: Value::Null,
                to: json!(alias),
            }],
            action: plan::Action::Distribution(Action::MoveAlias {
                id: target.to_owned(),
                alias: (*alias).clone(),
                from: holder.id.clone(),
            }),
        })),
    );
}

/// Viewers who reach the API through the other distribution are not led to one that does not let them in.
fn kept(alias: &str, holder: &Holder, target: &str, why: &str) -> Next {
    Next::Wait(Wait {
        id: id(),
        reason: Reason::AliasKept,
        message: format!(
            "{alias} stays with distribution {} of this account until viewers get through {target}: {why}",
            holder.id
        ),
        retry_after: LATER,
    })
}

fn in_use(stuck: &[(&String, &Holder)]) -> Next {
    let told = |(alias, holder): &(&String, &Holder)| match &holder.object {
        Some(object) => format!(
            "{alias} is an alias of distribution {}, which Palisade made for {object} and which serves it: leave it there and \
             take it out of these aliases, or have that object give it up",
            holder.id
        ),
        None => format!(
            "{alias} is an alias of distribution {} of this account: have it moved here without a gap, with \
             spec.distribution.takeOverAliases: true",
            holder.id
        ),
    };
    Next::Problem(Problem {
        id: id(),
        reason: Reason::AliasInUse,
        message: format!(
            "spec.distribution.aliases: {}",
            stuck.iter().map(told).collect::<Vec<_>>().join("; ")
        ),
        stands: true,
        retry_after: None,
    })
}

fn id() -> Id {
    Id {
        kind: Kind::Distribution,
        part: "aliases".to_owned(),
    }
}
