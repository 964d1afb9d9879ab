//! What Shield Advanced does for one object: a protection of its distribution, a health check and an alarm.
//!
//! ```text
//! distribution (tagged) ─┬▶ protection ─▶ automatic response
//!                        ├▶ health check ─▶ (healthy) ─▶ associated with the protection
//!                        └▶ alarm
//! ```

use super::automatic_response::Wanted;
use super::{alarm, health_check, protection};
use crate::api::{ProtectedApiSpec, ShieldSpec};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen as SeenOne;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::desired::Facts;
use serde::Serialize;

/// On the distribution, from before anything of Shield's is made for it: by this alone a teardown knows what to look for.
pub const TAG_SHIELD: &str = "palisade.dev/shield";

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
pub struct Seen {
    /// Whether the account is subscribed to Shield Advanced; `None` where nobody asked.
    pub subscribed: Option<bool>,
    /// The protection of the distribution, whoever made it.
    pub protection: SeenOne<protection::Content, protection::Observed>,
    /// The health check that was made for the object.
    pub own_check: SeenOne<health_check::Content, health_check::Observed>,
    /// The health check that the spec names.
    pub named_check: SeenOne<health_check::Content, health_check::Observed>,
    /// Id of the health check that the spec names.
    pub named_id: Option<String>,
    /// The alarm on attacks.
    pub alarm: SeenOne<alarm::Content, alarm::Observed>,
    /// Which `CallerReference` a new health check takes: the earlier ones belong to deleted ones.
    pub reference: u32,
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

    /// Whether the lists were read and show nothing that was made for the object.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let gone = |is_listed: bool| self.subscribed.is_some() && !is_listed;
        gone(matches!(
            self.protection,
            SeenOne::Listed(Some(_)) | SeenOne::Present(_)
        )) && gone(matches!(
            self.own_check,
            SeenOne::Listed(Some(_)) | SeenOne::Present(_)
        )) && gone(matches!(
            self.alarm,
            SeenOne::Listed(Some(_)) | SeenOne::Present(_)
        ))
    }

    /// Whether the protection has this health check.
    #[must_use]
    pub fn has_associated(&self, health_check: &str) -> bool {
        self.protection_content()
            .is_some_and(|found| found.health_checks.contains(health_check))
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
pub fn desired(spec: &ProtectedApiSpec, shield: &ShieldSpec, facts: &Facts, tags: &Tags) -> Desired {
    let (owner, account) = (&facts.owner, facts.account.as_str());
    let are_checkers_known = facts.checkers.is_some();
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
