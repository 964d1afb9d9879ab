//! The account-wide settings of Shield Advanced: emergency contacts, proactive engagement, and what the Shield Response Team
//! (SRT) may do.
//!
//! ```text
//! spec ─▶ desired ─┐
//! status ──────────┼─▶ plan ─▶ one call a setting ─▶ settled (what is remembered)
//! AWS ─▶ observed ─┘                                 verdicts
//! ```
//!
//! These settings carry no tags. Whether a difference is an edit of the spec or somebody else's work is known by a fingerprint in
//! status of what was declared when AWS was last seen to have it: see [`standing::standing`].

pub mod contact;
pub mod plan;
pub mod srt;
pub mod standing;

use crate::api::AccountShieldSpec;
use crate::domain::kernel::hash;
use contact::Contact;
use jiff::Timestamp;
use srt::RoleSeen;
use std::collections::BTreeSet;

/// Something that AWS has once an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Setting {
    EmergencyContacts,
    ProactiveEngagement,
    SrtRole,
    SrtLogBuckets,
}

impl Setting {
    /// All settings, in the order in which they are looked at.
    pub const ALL: [Self; 4] = [
        Self::EmergencyContacts,
        Self::ProactiveEngagement,
        Self::SrtRole,
        Self::SrtLogBuckets,
    ];

    /// The key of its fingerprint in status.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::EmergencyContacts => "emergencyContacts",
            Self::ProactiveEngagement => "proactiveEngagement",
            Self::SrtRole => "srtRole",
            Self::SrtLogBuckets => "srtLogBuckets",
        }
    }

    /// The field that declares it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::EmergencyContacts => "spec.shield.emergencyContacts",
            Self::ProactiveEngagement => "spec.shield.proactiveEngagement",
            Self::SrtRole => "spec.shield.srtAccess.roleArn",
            Self::SrtLogBuckets => "spec.shield.srtAccess.logBuckets",
        }
    }
}

/// What is declared; what is not is never written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desired {
    /// Whom the team writes to and calls.
    pub contacts: Option<Vec<Contact>>,
    /// Whether the team calls by itself.
    pub engagement: Option<bool>,
    /// The role of the team.
    pub srt_role: Option<String>,
    /// Buckets that the team may read.
    pub buckets: Option<BTreeSet<String>>,
    /// Another text here is another wish to have the rest written.
    pub overwrite: Option<String>,
}

/// What `spec` declares. `overwrite` is the annotation [`crate::api::OVERWRITE_SETTINGS`].
#[must_use]
pub fn desired(spec: &AccountShieldSpec, overwrite: Option<&str>) -> Desired {
    let contacts = spec.emergency_contacts.as_ref();
    let srt = spec.srt_access.as_ref();
    let buckets = srt.and_then(|srt| srt.log_buckets.as_ref());
    Desired {
        contacts: contacts.map(|contacts| contacts.iter().map(Contact::from).collect()),
        engagement: spec.proactive_engagement,
        srt_role: srt.map(|srt| srt.role_arn.clone()),
        buckets: buckets.map(|buckets| buckets.iter().cloned().collect()),
        overwrite: overwrite.map(ToOwned::to_owned),
    }
}

impl Desired {
    /// Fingerprint of what is wanted of a setting; `None` where it is not declared.
    #[must_use]
    pub fn fingerprint(&self, setting: Setting) -> Option<String> {
        let wish = match setting {
            Setting::EmergencyContacts => contact::fingerprint(self.contacts.as_ref()?),
            Setting::ProactiveEngagement => hash::short(&self.engagement?),
            Setting::SrtRole => hash::short(self.srt_role.as_ref()?),
            Setting::SrtLogBuckets => hash::short(self.buckets.as_ref()?),
        };
        Some(hash::short(&(wish, &self.overwrite)))
    }
}

/// What AWS has; `None` where it was not read, since nobody asked or since it could not be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// Whether the account is subscribed to Shield Advanced.
    pub subscribed: Option<bool>,
    /// What is known of the subscription, where there is one.
    pub subscription: Option<Subscription>,
    /// Whom the team writes to and calls.
    pub contacts: Option<Vec<Contact>>,
    /// What the team may do.
    pub srt: Option<SrtSeen>,
    /// What IAM says of the role that is declared.
    pub role: Option<RoleSeen>,
    /// How many protections have a health check.
    pub checked_protections: Option<usize>,
    /// AWS said that nobody has ever given the details of proactive engagement.
    pub details_missing: bool,
}

/// A subscription to Shield Advanced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscription {
    /// When it ends or is renewed.
    pub ends: Option<Timestamp>,
    /// Whether it is renewed then.
    pub renews: bool,
    /// Whether the team calls by itself.
    pub engagement: Engagement,
    /// How many distributions may be protected.
    pub protections: Option<i64>,
}

/// Whether the Shield Response Team calls by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engagement {
    /// Nobody ever asked for it.
    #[default]
    Never,
    /// It does not.
    Disabled,
    /// AWS works on the request.
    Pending,
    /// It does.
    Enabled,
}

impl Engagement {
    /// Whether it was asked for.
    #[must_use]
    pub fn is_on(self) -> bool {
        matches!(self, Self::Pending | Self::Enabled)
    }

    /// As status has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Never | Self::Disabled => "Disabled",
            Self::Pending => "Pending",
            Self::Enabled => "Enabled",
        }
    }
}

/// What the Shield Response Team may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SrtSeen {
    /// ARN of its role.
    pub role: Option<String>,
    /// Buckets that it may read.
    pub buckets: BTreeSet<String>,
}
