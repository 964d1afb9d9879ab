//! What Shield Advanced does for one object: a protection of its distribution, a health check and an alarm.
//!
//! ```text
//! distribution (tagged) ─┬▶ protection ─▶ automatic response
//!                        ├▶ health check ─▶ (healthy) ─▶ associated with the protection
//!                        └▶ alarm
//! ```

use super::automatic_response::Wanted;
use super::health_check_wanted::{WantedCheck, wanted};
use super::inputs::Inputs;
use super::protection_response::is_rule_awaited;
use super::{alarm, health_check, protection};
use crate::api::{ProtectedApiSpec, ShieldSpec};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen as SeenOne;
use crate::domain::kernel::planning::{Id, Kind, Next};
use serde::Serialize;

/// The kinds of resources that serve Shield.
pub const KINDS: [Kind; 3] = [Kind::HealthCheck, Kind::Protection, Kind::Alarm];

/// What should exist.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// The protection of the distribution.
    pub protection: protection::Desired,
    /// The health check, if one is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check: Option<health_check::Desired>,
    /// The alarm, if one is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm: Option<alarm::Desired>,
}

/// What is seen.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Seen {
    /// Whether the account is subscribed to Shield Advanced; `None` where nobody asked.
    pub subscribed: Option<bool>,
    /// The protection of the distribution, whoever made it.
    pub protection: SeenOne<protection::Content, protection::Observed>,
    /// The health check that was made for the object.
    pub own_check: SeenOne<health_check::Content, health_check::Observed>,
    /// Besides that one, lists show others that were made for the object: each goes in its turn.
    pub has_more_checks: bool,
    /// The health check that the spec names.
    pub named_check: SeenOne<health_check::Content, health_check::Observed>,
    /// Id of the health check that the spec names.
    pub named_id: Option<String>,
    /// The alarm on attacks.
    pub alarm: SeenOne<alarm::Content, alarm::Observed>,
    /// Which `CallerReference` a new health check takes: the earlier ones belong to deleted ones.
    pub reference: u32,
    /// What they lack does not exist: they were read again, long after the object may have made something.
    pub settled: bool,
    /// The controller may not read the lists.
    pub is_denied: bool,
    /// Whether the automatic response was switched in this pass: what was seen of the web ACL is older.
    pub switched: bool,
}

impl Seen {
    /// Whether nothing may be made or changed, since the account is not subscribed.
    #[must_use]
    pub fn is_unsubscribed(&self) -> bool {
        self.subscribed == Some(false)
    }

    /// Whether nothing is left that was made for the object.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let is_there = matches!(self.protection, SeenOne::Listed(Some(_)) | SeenOne::Present(_))
            || matches!(self.own_check, SeenOne::Listed(Some(_)) | SeenOne::Present(_))
            || matches!(self.alarm, SeenOne::Listed(Some(_)) | SeenOne::Present(_));
        self.subscribed.is_some() && self.settled && !is_there && !self.has_more_checks
    }

    /// The protection, as far as lists show it.
    #[must_use]
    pub fn protection_content(&self) -> Option<&protection::Content> {
        match &self.protection {
            SeenOne::Present(found) => Some(&found.content),
            SeenOne::Listed(row) => row.as_ref(),
            SeenOne::Absent => None,
        }
    }
}

/// What `spec.shield` wants.
#[must_use]
pub fn desired(
    spec: &ProtectedApiSpec,
    shield: &ShieldSpec,
    (owner, account): (&Owner, &str),
    are_checkers_known: bool,
    tags: &Tags,
) -> Desired {
    Desired {
        protection: protection::Desired {
            owner: owner.clone(),
            name: owner.resource_name(protection::NAME_LIMIT),
            response: shield.automatic_response.as_ref().map(Wanted::of),
            tags: tags.clone(),
        },
        health_check: shield
            .health_check
            .as_ref()
            .map(|wanted| health_check::desired(spec, wanted, owner, tags, are_checkers_known)),
        alarm: shield
            .ddos_alarm
            .as_ref()
            .map(|wanted| alarm::desired(wanted, owner, account, tags)),
    }
}

/// What is declared and seen, with what it needs of others: what each of it needs next.
#[derive(Debug, Clone)]
pub struct Composed<'a> {
    /// What is declared; `None`: nothing is to be left.
    pub declared: Option<&'a Desired>,
    /// What is seen.
    pub seen: &'a Seen,
    /// What it needs of others.
    pub inputs: Inputs<'a>,
}

impl<'a> Composed<'a> {
    fn health_check(&self) -> Option<&'a health_check::Desired> {
        self.declared?.health_check.as_ref()
    }

    fn protection(&self) -> Option<&'a protection::Desired> {
        self.declared.map(|declared| &declared.protection)
    }

    fn alarm(&self) -> Option<&'a alarm::Desired> {
        self.declared?.alarm.as_ref()
    }

    fn wanted_check(&self) -> WantedCheck<'a> {
        let (named, own) = (&self.seen.named_check, &self.seen.own_check);
        wanted(self.health_check(), named, own)
    }

    /// What our own health check needs next.
    #[must_use]
    pub fn next_of_health_check(&self) -> Next<health_check::Action> {
        health_check::next(self.health_check(), &self.seen.own_check, &self.inputs)
    }

    /// What the health check that the spec names needs next.
    #[must_use]
    pub fn next_of_named_check(&self) -> Next<health_check::Action> {
        health_check::next_of_named(self.health_check(), &self.seen.named_check, &self.inputs)
    }

    /// What the protection needs next.
    #[must_use]
    pub fn next_of_protection(&self) -> Next<protection::Action> {
        let check = self.wanted_check();
        protection::next(self.protection(), &self.seen.protection, check, &self.inputs)
    }

    /// What the alarm needs next.
    #[must_use]
    pub fn next_of_alarm(&self) -> Next<alarm::Action> {
        alarm::next(self.alarm(), &self.seen.alarm, &self.inputs)
    }

    /// Hash of what is wanted of one of Shield's resources; `None` while its inputs are missing or nothing is wanted.
    #[must_use]
    pub fn hash_of(&self, id: &Id) -> Option<String> {
        match id.kind {
            Kind::HealthCheck if *id == health_check::named() => {
                health_check::hash_of_named(self.health_check())
            }
            Kind::HealthCheck => health_check::hash_of(self.health_check(), &self.inputs),
            Kind::Protection => protection::hash_of(self.protection(), self.wanted_check(), &self.inputs),
            Kind::Alarm => alarm::hash_of(self.alarm(), &self.inputs),
            _ => None,
        }
    }

    /// The differences of our own health check that our last write did not remove.
    #[must_use]
    pub fn left_of_health_check(&self, found: &health_check::Observed) -> Vec<Change> {
        health_check::left(self.health_check(), found, &self.inputs)
    }

    /// Whether Shield's rule is looked for in vain in the web ACL.
    #[must_use]
    pub fn is_rule_awaited(&self) -> bool {
        is_rule_awaited(self.protection(), self.seen.protection_content(), &self.inputs)
    }
}
