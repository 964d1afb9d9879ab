//! The Route 53 health check of the protection: one that the spec names, or one of our own on a path of the perimeter.
//!
//! A reference `<uid>-<n>` tells ours from others' also in lists, which have no tags.

pub use super::health_check_named::{NAMED, hash_of_named, named, next_of_named};
use super::inputs::Inputs;
use crate::api::{CheckInterval, GROUP, GeoRestriction, HealthCheckSpec, ProtectedApiSpec};
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{TagStep, name_taken, tag_step_changes, tags_back};
use serde::{Deserialize, Serialize};

/// The type of ours.
pub const HTTPS: &str = "HTTPS";
/// Where Route 53's checkers are, by country: each of its Regions once.
const CHECKERS: [&str; 8] = ["US", "US", "US", "IE", "SG", "AU", "JP", "BR"];
/// Route 53 calls an endpoint healthy when more than 18 % of its checkers do.
const ENOUGH_CHECKERS: usize = 2;

/// Route 53's limit on a health check's tags, less the one for what is retained.
const MOST_TAGS: usize = 9;

/// What we manage of a health check.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Settings {
    pub domain: String,
    pub path: String,
    pub port: i32,
    pub sni: bool,
    /// Seconds; fixed at creation.
    pub interval: i32,
    pub failure_threshold: i32,
    pub disabled: bool,
    pub inverted: bool,
}

/// A health check, as lists and reads show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The health check's id.
    pub id: String,
    /// Its caller reference.
    pub reference: String,
    /// Changes with every update.
    pub version: i64,
    /// `HTTPS`, `CALCULATED` and the like; fixed at creation.
    pub r#type: String,
    /// What we manage.
    pub settings: Settings,
}

/// What Route 53's checkers say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// Enough of them reach it, or nobody can tell.
    Healthy,
    /// What most of them say.
    Unhealthy(String),
}

/// A health check with its tags and health.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// What lists show too.
    pub content: Content,
    /// The health check's tags.
    pub tags: Tags,
    /// Its health.
    pub health: Health,
}

/// The health check as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::large_enum_variant, reason = "there is one for each object")]
pub enum Desired {
    /// One that is there.
    Named(String),
    /// One of our own.
    #[serde(rename_all = "camelCase")]
    Made {
        /// Whose it is.
        owner: Owner,
        /// Without the domain, which the distribution puts out.
        settings: Settings,
        /// Why Route 53's checkers cannot get through, if they cannot, after the field that refuses them.
        #[serde(skip_serializing_if = "Option::is_none")]
        blocked: Option<(&'static str, String)>,
        /// Its tags.
        tags: Tags,
    },
}

/// One call that brings our health check nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create {
        reference: String,
        settings: Settings,
    },
    Update {
        id: String,
        version: i64,
        settings: Settings,
    },
    Tag {
        id: String,
        set: Tags,
        unset: Vec<String>,
    },
    Delete {
        id: String,
    },
}

/// What the spec wants.
#[must_use]
pub fn desired(
    spec: &ProtectedApiSpec,
    wanted: &HealthCheckSpec,
    owner: &Owner,
    tags: &Tags,
    are_checkers_known: bool,
) -> Desired {
    if let Some(id) = &wanted.id {
        return Desired::Named(id.clone());
    }
    let settings = Settings {
        path: wanted.path.clone().unwrap_or_default(),
        port: 443,
        sni: true,
        interval: match wanted.interval.unwrap_or_default() {
            CheckInterval::TenSeconds => 10,
            CheckInterval::ThirtySeconds => 30,
        },
        failure_threshold: wanted.failure_threshold.unwrap_or(3),
        ..Settings::default()
    };
    let distribution = spec.distribution.as_ref();
    let geo = distribution.and_then(|distribution| distribution.geo_restriction.as_ref());
    Desired::Made {
        owner: owner.clone(),
        settings,
        blocked: geo.and_then(checkers_blocked).or_else(|| {
            (!are_checkers_known).then(|| ("spec.webAcl.countries", CHECKERS_UNKNOWN.to_owned()))
        }),
        tags: limited(tags),
    }
}

/// Without the list no rule can let them through.
const CHECKERS_UNKNOWN: &str = "spec.webAcl.countries would refuse Route 53's health checkers, and the addresses to let through \
     cannot be read: allow route53:GetCheckerIpRanges (statement of `palisade iam-policy --shield`), or leave healthCheck.path \
     out. Everything but the health check goes on";

/// Our own tags, and of the others as many as there is room for.
fn limited(tags: &Tags) -> Tags {
    let (ours, others): (Tags, Tags) = tags
        .clone()
        .into_iter()
        .partition(|(key, _)| key.starts_with(GROUP));
    let room = MOST_TAGS.saturating_sub(ours.len());
    ours.into_iter().chain(others.into_iter().take(room)).collect()
}

/// CloudFront refuses by country before the web ACL is asked, so no rule of ours lets anyone through there.
fn checkers_blocked(geo: &GeoRestriction) -> Option<(&'static str, String)> {
    let lists =
        |codes: &Option<Vec<String>>, country: &str| codes.iter().flatten().any(|code| code == country);
    let passes = |country: &&&str| match &geo.allow {
        Some(_) => lists(&geo.allow, country),
        None => !lists(&geo.block, country),
    };
    (CHECKERS.iter().filter(passes).count() < ENOUGH_CHECKERS).then(|| {
        let why = "spec.distribution.geoRestriction refuses Route 53's health checkers (they are in US, IE, SG, AU, JP and BR), so \
         a check of spec.shield.healthCheck.path can never be healthy: restrict countries by spec.webAcl.countries, \
         which lets them through, or leave healthCheck out";
        ("spec.distribution.geoRestriction", why.to_owned())
    })
}

/// Type and interval cannot be changed.
pub(super) fn must_go(wanted: &Settings, found: &Content) -> bool {
    found.r#type != HTTPS || found.settings.interval != wanted.interval
}

/// What our own health check needs next.
#[must_use]
pub fn next(declared: Option<&Desired>, own: &Seen<Content, Observed>, inputs: &Inputs<'_>) -> Next<Action> {
    let Some(Desired::Made {
        owner,
        settings,
        blocked,
        tags,
    }) = declared
    else {
        return removal(own, inputs);
    };
    let Some(settings) = with_domain(settings, inputs) else {
        return Next::Blocked(vec![Kind::Distribution]);
    };
    if inputs.is_unsubscribed {
        return Next::Done;
    }
    if let Some((field, why)) = blocked {
        return Next::Problem(problem("", Reason::HealthCheckersBlocked, why.clone()).about(*field));
    }
    let hash = hash_with(declared, &settings);
    match inputs.pass.look(&Id::of(Kind::HealthCheck), &hash, own) {
        Look::Verified(row) if inputs.has_associated(&row.id) => Next::Done,
        Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
        // Before, nobody would answer it.
        Look::Absent if !inputs.is_deployed || inputs.target.is_none() => {
            Next::Blocked(vec![Kind::Distribution])
        }
        Look::Absent => {
            let reference = caller_reference(owner, inputs.reference);
            act(
                &reference.clone(),
                Verb::Create,
                vec![],
                Action::Create { reference, settings },
            )
        }
        Look::Present(found) => next_of_present(owner, &settings, tags, inputs, found),
    }
}

fn next_of_present(
    owner: &Owner,
    settings: &Settings,
    tags: &Tags,
    inputs: &Inputs<'_>,
    found: &Observed,
) -> Next<Action> {
    let content = &found.content;
    // One that was made a moment ago has no tags yet, and is known by its reference too.
    if inputs.whose.health_check == Ownership::Foreign {
        let id = Id::of(Kind::HealthCheck);
        return Next::Problem(name_taken(id, "Route 53 health check", &content.id, owner));
    }
    if must_go(settings, content) {
        return going(inputs, found);
    }
    if inputs.whose.health_check == Ownership::Stripped {
        let (changes, missing) = tags_back(&found.tags, tags);
        return retag(&content.id, changes, TagStep::Set(missing));
    }
    let changes = changes_between(&content.settings, settings);
    if !changes.is_empty() && !is_left_to_aws(settings, found, inputs) {
        let action = Action::Update {
            id: content.id.clone(),
            version: content.version,
            settings: settings.clone(),
        };
        return act(&content.id, Verb::Update, changes, action);
    }
    match tag_step_changes(&found.tags, tags) {
        Some((changes, step)) => retag(&content.id, changes, step),
        None => Next::Done,
    }
}

fn retag(id: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let (set, unset) = match step {
        TagStep::Set(set) => (set, vec![]),
        TagStep::Remove(unset) => (Tags::new(), unset),
    };
    let action = Action::Tag {
        id: id.to_owned(),
        set,
        unset,
    };
    act(id, Verb::Update, changes, action)
}

fn is_left_to_aws(wanted: &Settings, found: &Observed, inputs: &Inputs<'_>) -> bool {
    let id = Id::of(Kind::HealthCheck);
    let part = &found.content.settings;
    inputs.pass.is_what_came_of(&id, found, part, wanted)
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(declared: Option<&Desired>, found: &Observed, inputs: &Inputs<'_>) -> Vec<Change> {
    let Some(Desired::Made { settings, .. }) = declared else {
        return vec![];
    };
    match with_domain(settings, inputs) {
        Some(wanted) if is_left_to_aws(&wanted, found, inputs) => {
            changes_between(&found.content.settings, &wanted)
        }
        _ => vec![],
    }
}

/// What is left to do until no health check of the owner's own is left.
#[must_use]
pub fn removal(own: &Seen<Content, Observed>, inputs: &Inputs<'_>) -> Next<Action> {
    let found = match own {
        Seen::Absent => return Next::Done,
        Seen::Listed(None) if !inputs.known.health_check => return Next::Done,
        Seen::Listed(_) => return Next::Read,
        Seen::Present(found) => found,
    };
    match inputs.whose.health_check {
        Ownership::Ours | Ownership::Retained | Ownership::Stripped => going(inputs, found),
        Ownership::Condemned | Ownership::Foreign => Next::Done,
    }
}

/// A health check in use is not deleted.
fn going(inputs: &Inputs<'_>, found: &Observed) -> Next<Action> {
    let id = found.content.id.clone();
    if inputs.has_associated(&id) {
        return Next::Blocked(vec![Kind::Protection]);
    }
    act(&id.clone(), Verb::Delete, vec![], Action::Delete { id })
}

/// Hash of what is wanted of our own health check; `None` while it is not wanted, or its inputs are missing.
#[must_use]
pub fn hash_of(declared: Option<&Desired>, inputs: &Inputs<'_>) -> Option<String> {
    match declared? {
        Desired::Made { settings, .. } => Some(hash_with(declared, &with_domain(settings, inputs)?)),
        Desired::Named(_) => None,
    }
}

/// Tags are in no list, so they are part of it.
fn hash_with(declared: Option<&Desired>, settings: &Settings) -> String {
    desired_hash(&(declared, settings))
}

fn with_domain(settings: &Settings, inputs: &Inputs<'_>) -> Option<Settings> {
    Some(Settings {
        domain: inputs.asked_name?.to_owned(),
        ..settings.clone()
    })
}

/// The caller reference of the owner's `n`-th health check; Route 53 refuses those of deleted ones for days.
#[must_use]
pub fn caller_reference(owner: &Owner, n: u32) -> String {
    format!("{}-{n}", owner.uid)
}

/// Whether a health check with this reference was made for `owner`.
#[must_use]
pub fn is_of(owner: &Owner, reference: &str) -> bool {
    let number = reference
        .strip_prefix(&owner.uid)
        .and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

pub(super) fn problem(part: &str, reason: Reason, message: String) -> Problem {
    Problem {
        id: Id {
            kind: Kind::HealthCheck,
            part: part.to_owned(),
        },
        reason,
        field: None,
        message,
        remedy: None,
        stands: true,
        retry_after: None,
    }
}

fn act(name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::HealthCheck), name, verb, changes, action)
}

impl Fingerprint for Content {
    fn fingerprint(&self) -> String {
        hash::short(&(&self.id, self.version))
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        self.content.fingerprint()
    }
}
