//! Which names the distribution is to have now, and how one moves here from another distribution of the account.

use super::certificate_next;
use super::config::{Origin, Settings};
use super::conflict::{Conflict, MOVE_ACROSS};
use super::distribution::{Action, COMMENT_START, Listed};
use super::elsewhere::{Held, held};
use super::inputs::Inputs;
use super::names::{Holder, Names};
use crate::domain::access::asked::ways_in::with_path;
use crate::domain::access::probing::Passage;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Step, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A move is told so long before.
const NOTICE: Duration = Duration::from_secs(5);
/// When it is looked again whether viewers get through.
const LATER: Duration = Duration::from_mins(1);

/// Who has just `alias`, of all whose names are in its way: an overlapping wildcard goes on beside it.
#[must_use]
pub fn unlisted_holder(alias: &str, conflicts: Vec<Conflict>) -> Option<Holder> {
    let conflict = conflicts.into_iter().find(|conflict| conflict.domain == alias)?;
    Some(Holder {
        id: conflict.id.clone(),
        arn: String::new(),
        object: None,
        origins: vec![],
        unlisted: Some(conflict),
    })
}

/// The names that the distribution is to have now: the declared ones, but for those that another distribution still has, or may
/// have, and those that are to be taken over and of which CloudFront was not asked yet who has them.
/// While no certificate for them is issued, those that it has.
#[must_use]
pub fn served(settings: &Settings, inputs: &Inputs<'_>) -> Names {
    let certificate_arn = match inputs.desired.and_then(|names| names.certificate.as_ref()) {
        None => settings.certificate_arn.clone(),
        Some(wanted) => match certificate_next::issued(wanted, inputs) {
            Some(arn) => Some(arn),
            None => return inputs.distribution.names().unwrap_or_default(),
        },
    };
    let takes_over = inputs.desired.is_some_and(|names| names.take_over);
    let own = inputs.distribution.names().unwrap_or_default().aliases;
    let aliases = settings.aliases.iter();
    let free = aliases.filter(|alias| !inputs.seen.holders.contains_key(*alias));
    let is_known = |alias: &String| {
        !inputs.seen.are_holders_unknown && (!takes_over || inputs.seen.asked.contains(alias))
    };
    let known = free.filter(|alias| own.contains(*alias) || is_known(alias));
    Names {
        aliases: known.cloned().collect(),
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
/// moved, or a person is asked. The API's first lock comes after that: the other distribution may stand before it, too.
///
/// Nothing is moved while the distribution or the lock of the API is busy; `passage` tells whether viewers get through. `origin`
/// is the object's own: of a distribution that puts another path before its viewers' nothing is moved, since they would ask for
/// what is not there.
pub fn next_all(
    inputs: &Inputs<'_>,
    origin: &Origin,
    is_busy: bool,
    passage: &mut dyn FnMut() -> Passage,
) -> Vec<Next<Action>> {
    let mut all = Vec::new();
    let Some(names) = inputs.desired.filter(|_| !inputs.seen.are_holders_unknown) else {
        return all;
    };
    let Held { moving, aside, stuck } = held(names, inputs.seen, origin);
    if !stuck.is_empty() {
        all.push(in_use(&stuck));
    }
    if !aside.is_empty() {
        all.push(kept_for_their_path(&aside, origin));
    }
    let (Some((alias, holder)), Some(target)) = (moving.first(), inputs.distribution.id()) else {
        return all;
    };
    let names = inputs.distribution.names();
    let has_certificate = names.is_some_and(|names| names.certificate_arn.is_some());
    if is_busy || !has_certificate {
        return all;
    }
    match passage() {
        Passage::Open => {}
        Passage::Asked => return all,
        Passage::Closed(why) => {
            all.push(kept(alias, holder, target, &why));
            return all;
        }
    }
    all.push(if inputs.seen.is_move_told {
        move_here(alias, holder, target)
    } else {
        Next::Wait(Wait {
            id: id(),
            reason: Reason::AliasMoves,
            message: format!(
                "{alias} is about to be moved from distribution {} of this account to {target}, as \
                 spec.distribution.takeOverAliases asks",
                holder.id
            ),
            retry_after: NOTICE,
        })
    });
    all
}

fn move_here(alias: &str, holder: &Holder, target: &str) -> Next<Action> {
    Next::Act(Box::new(Step {
        id: id(),
        name: target.to_owned(),
        verb: Verb::Update,
        changes: vec![Change {
            path: "aliases".to_owned(),
            from: Value::Null,
            to: json!(alias),
        }],
        action: Action::MoveAlias {
            id: target.to_owned(),
            alias: alias.to_owned(),
            from: holder.id.clone(),
        },
    }))
}

/// Viewers go on asking for the paths that they know.
fn kept_for_their_path(kept: &[(&String, &Holder)], origin: &Origin) -> Next<Action> {
    let told = |(alias, holder): &(&String, &Holder)| {
        let path = holder.other_path(origin).unwrap_or_default();
        format!(
            "{alias} stays with distribution {} of this account, whose origin has {} where this one's has {}: its viewers would \
             ask for paths that are not there. To keep their paths, {}: the name is moved then, and those who come through this \
             distribution already must ask for the same paths",
            holder.id,
            path_words(path),
            path_words(&origin.path),
            with_path(path)
        )
    };
    Next::Problem(Problem {
        id: id(),
        reason: Reason::AliasKept,
        field: None,
        message: kept.iter().map(told).collect::<Vec<_>>().join("; "),
        remedy: None,
        stands: true,
        retry_after: None,
    })
}

fn path_words(path: &str) -> String {
    if path.is_empty() {
        "no path".to_owned()
    } else {
        format!("path {path}")
    }
}

/// Viewers who reach the API through the other distribution are not led to one that does not let them in.
fn kept(alias: &str, holder: &Holder, target: &str, why: &str) -> Next<Action> {
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

fn in_use(stuck: &[(&String, &Holder)]) -> Next<Action> {
    let told = |(alias, holder): &(&String, &Holder)| match (&holder.unlisted, &holder.object) {
        (Some(conflict), _) => format!("{alias} is an alias of {}: {MOVE_ACROSS}", conflict.words()),
        (None, Some(object)) => format!(
            "{alias} is an alias of distribution {}, which Palisade made for {object} and which serves it: leave it there and \
             take it out of these aliases, or have that object give it up",
            holder.id
        ),
        (None, None) => format!(
            "{alias} is an alias of distribution {} of this account: have it moved here without a gap, with \
             spec.distribution.takeOverAliases: true",
            holder.id
        ),
    };
    Next::Problem(Problem {
        id: id(),
        reason: Reason::AliasInUse,
        field: Some("spec.distribution.aliases".to_owned()),
        message: format!(
            "spec.distribution.aliases: {}",
            stuck.iter().map(told).collect::<Vec<_>>().join("; ")
        ),
        remedy: None,
        stands: true,
        retry_after: None,
    })
}

/// The aliases, as a part of the distribution.
#[must_use]
pub fn id() -> Id {
    Id {
        kind: Kind::Distribution,
        part: "aliases".to_owned(),
    }
}

/// Of all distributions of the account, those that have one of `aliases`, but for `own`.
#[must_use]
pub fn holders<'a>(
    all: impl Iterator<Item = &'a Listed>,
    own: Option<&str>,
    aliases: &BTreeSet<&String>,
) -> BTreeMap<String, Holder> {
    // A staging copy answers by the names of what it was copied from.
    let others = all.filter(|row| own != Some(row.id.as_str()) && !row.is_staging);
    others
        .flat_map(|row| row.aliases.iter().map(move |alias| (alias, row)))
        .filter(|(alias, _)| aliases.contains(alias))
        .map(|(alias, row)| (alias.clone(), holder(row)))
        .collect()
}

fn holder(row: &Listed) -> Holder {
    Holder {
        id: row.id.clone(),
        arn: row.arn.clone(),
        object: row.comment.strip_prefix(COMMENT_START).map(ToOwned::to_owned),
        origins: row.origins.clone(),
        unlisted: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::known::SeenDistribution;
    use super::super::names::{Desired, Seen};
    use super::*;
    use crate::domain::kernel::identity::Owner;
    use crate::domain::kernel::observing::Pass;

    #[test]
    fn a_name_is_not_asked_for_while_it_is_not_known_who_has_it() {
        let owner = Owner {
            cluster: "c".into(),
            uid: "u".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            taken: None,
        };
        let aliases: BTreeSet<String> = ["api.example.com".to_owned()].into();
        let desired = Desired {
            owner: owner.clone(),
            aliases: aliases.clone(),
            zone: None,
            certificate: None,
            take_over: false,
        };
        let settings = Settings {
            aliases: aliases.clone(),
            ..Settings::default()
        };
        let asked_for = |are_holders_unknown: bool| {
            let seen = Seen {
                are_holders_unknown,
                ..Seen::default()
            };
            let inputs = Inputs {
                owner: &owner,
                desired: Some(&desired),
                seen: &seen,
                pass: &Pass::default(),
                distribution: &SeenDistribution::default(),
                domain_name: None,
                remembered_zones: &[],
                remembered_certificate: None,
            };
            served(&settings, &inputs).aliases
        };
        assert_eq!(asked_for(false), aliases);
        assert_eq!(asked_for(true), BTreeSet::new());
    }

    #[test]
    fn who_has_just_the_name_is_in_its_way_and_an_overlapping_wildcard_is_not() {
        let conflict = |domain: &str| Conflict {
            domain: domain.to_owned(),
            is_tenant: true,
            id: "****2x9GhoK0".to_owned(),
            account: "******789012".to_owned(),
        };
        let found = unlisted_holder(
            "api.example.com",
            vec![conflict("*.example.com"), conflict("api.example.com")],
        );
        let words = found
            .and_then(|holder| holder.unlisted)
            .map(|found| found.words());
        assert_eq!(
            words.as_deref(),
            Some("distribution tenant ****2x9GhoK0 of account ******789012")
        );
        assert_eq!(
            unlisted_holder("api.example.com", vec![conflict("*.example.com")]),
            None
        );
    }
}
