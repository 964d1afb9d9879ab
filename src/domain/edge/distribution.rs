//! The CloudFront distribution.

use super::aliases::{served, with_names};
use super::cache_policies::Caveat;
use super::config::{Origin, Settings, sent_of, settings_of};
use super::document::{new_config, write_settings};
pub use super::listed::{Listed, listed};
use super::names::{TAG_ZONES, distribution_tags};
use super::xml::{self, Element};
use crate::domain::access::proof::{Proof, Sent};
use crate::domain::access::sending::sending;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::secret::Secret;
use crate::domain::kernel::tagging::{RowTags, name_taken, row_tags, tag_step_changes, tags_back};
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::plan::{self, Next, Step};
use crate::domain::shield::advanced::TAG_SHIELD;
use serde::Serialize;
use std::time::Duration;

/// CloudFront's limit on a comment.
const COMMENT_LIMIT: usize = 128;
/// Start of the comment of every distribution that Palisade makes, in any cluster.
pub const COMMENT_START: &str = "palisade ";
/// CloudFront needs minutes; one list call serves all that wait.
const DEPLOYING_RETRY: Duration = Duration::from_secs(20);
/// CloudFront's word for a configuration that is in force everywhere.
pub const DEPLOYED: &str = "Deployed";

/// What `GetDistribution` and the writing operations answer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Content {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    pub etag: String,
    /// `InProgress` or `Deployed`.
    pub status: String,
    /// The raw `DistributionConfig` element.
    pub config: Element,
}

/// A distribution as the lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its row.
    pub listed: Listed,
    /// Its tags, where the tagging service has them.
    pub tags: Option<Tags>,
}

/// A distribution as CloudFront has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Identity, state and raw configuration.
    pub content: Content,
    /// The distribution's tags.
    pub tags: Tags,
}

/// The distribution as it should be; function version and web ACL come with their kinds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// What we manage of the configuration, but for what other kinds put out.
    pub settings: Settings,
    /// The distribution's tags.
    pub tags: Tags,
    /// What is to be known of it, however well it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
}

/// One call that brings the distribution nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create {
        config: Element,
        tags: Tags,
    },
    Update {
        id: String,
        etag: String,
        config: Element,
    },
    Tag {
        arn: String,
        tags: Tags,
    },
    Untag {
        arn: String,
        keys: Vec<String>,
    },
    /// Takes a name over from another distribution of the account.
    MoveAlias {
        id: String,
        alias: String,
        from: String,
    },
    Delete {
        id: String,
        etag: String,
    },
}

/// The comment by which lists, which carry no tags, show whose a distribution is. The UID comes first and is never cut.
#[must_use]
pub fn comment(owner: &Owner) -> String {
    let full = format!("{COMMENT_START}{} {}/{}", owner.uid, owner.namespace, owner.name);
    full.chars().take(COMMENT_LIMIT).collect()
}

/// The caller reference of the owner's `n`-th distribution: repeating a creation whose answer was lost is refused by
/// CloudFront with the id of the distribution that it made.
#[must_use]
pub fn caller_reference(owner: &Owner, n: u32) -> String {
    format!("{}-{n}", owner.uid)
}

/// The caller reference, which CloudFront keeps for a distribution's life.
#[must_use]
pub fn reference_of(content: &Content) -> String {
    xml::text_at(&content.config, "CallerReference").unwrap_or_default()
}

/// The fields in which the distribution differs from what is wanted, tags apart.
#[must_use]
pub fn diff(wanted: &Settings, observed: &Observed) -> Vec<Change> {
    let mut found = settings_of(&observed.content.config);
    if wanted.uncached_errors.is_none() {
        found.uncached_errors = None;
    }
    changes_between(&found, wanted)
}

/// What should be set, with the outputs of other kinds; `None` while one is missing.
#[must_use]
pub fn wanted_settings(all: &DesiredAll, everything: &Everything) -> Option<Settings> {
    let sent = sending(all, everything)?;
    let settings = with_names(all.distribution.settings.clone(), served(all, everything));
    Some(Settings {
        signer_includes_body: sent.signs,
        signer_version_arn: if sent.signs {
            everything.version_arn(&all.function)?
        } else {
            String::new()
        },
        web_acl_arn: everything.web_acl_arn()?,
        origin: Origin {
            headers: sent.headers,
            ..settings.origin
        },
        ..settings
    })
}

/// What the distribution needs next.
#[must_use]
pub fn next(all: &DesiredAll, everything: &Everything) -> Next {
    let desired = &all.distribution;
    let Some(wanted) = wanted_settings(all, everything) else {
        return Next::Blocked(inputs(all, everything));
    };
    // One update for all that changes: a version that is being prepared is waited for.
    let is_associated = wanted.signer_version_arn.is_empty()
        || everything
            .associated_versions()
            .contains(&wanted.signer_version_arn);
    if !is_associated && crate::domain::signer::function::next(&all.function, everything) != Next::Done {
        return Next::Blocked(vec![Kind::Function]);
    }
    let tags = distribution_tags(&desired.tags, all, everything);
    match everything.look(
        &Id::of(Kind::Distribution),
        &hash_with(desired, &wanted),
        &everything.distribution,
    ) {
        Look::Verified(row) => match row_tags(row.tags.as_ref(), &desired.owner, &tags) {
            RowTags::Right => unmark(&tags, everything, &row.listed.id, &row.listed.arn)
                .unwrap_or_else(|| deployed(&row.listed.status)),
            RowTags::Unknown => Next::Read,
            RowTags::Wrong(changes, step) => retag(&row.listed.id, &row.listed.arn, changes, step),
        },
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent => {
            let reference = caller_reference(&desired.owner, everything.reference);
            let action = Action::Create {
                config: new_config(&reference, &wanted),
                tags,
            };
            act(&comment(&desired.owner), Verb::Create, vec![], action)
        }
        Look::Present(found) => next_of_present(desired, &tags, &wanted, found, everything),
    }
}

/// The kinds whose outputs are missing.
fn inputs(all: &DesiredAll, everything: &Everything) -> Vec<Kind> {
    if sending(all, everything).is_some() {
        return vec![Kind::Function, Kind::WebAcl];
    }
    match all.access.proof {
        Proof::Header(_) => vec![Kind::Authorizer],
        Proof::Key | Proof::Signature => vec![Kind::ApiKey],
    }
}

/// Hash of everything that is wanted of the distribution; `None` while its inputs are missing.
#[must_use]
pub fn hash_of(all: &DesiredAll, everything: &Everything) -> Option<String> {
    Some(hash_with(&all.distribution, &wanted_settings(all, everything)?))
}

/// Which values headers carry is not known from a row, so it does not count.
fn hash_with(desired: &Desired, wanted: &Settings) -> String {
    let mut wanted = wanted.clone();
    wanted
        .origin
        .headers
        .values_mut()
        .for_each(|value| *value = Secret::new(""));
    desired_hash(&(&desired.owner, wanted))
}

fn next_of_present(
    desired: &Desired,
    tags: &Tags,
    wanted: &Settings,
    found: &Observed,
    everything: &Everything,
) -> Next {
    let content = &found.content;
    match everything.owns(found) {
        Ownership::Foreign => {
            let id = Id::of(Kind::Distribution);
            let what = "CloudFront distribution";
            return Next::Problem(name_taken(id, what, &content.id, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, tags);
            return retag(&content.id, &content.arn, changes, Ok(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let is_taken_over = is_of_firewall_manager(&settings_of(&content.config).web_acl_arn);
    let mut wanted = wanted.clone();
    if is_taken_over {
        wanted.web_acl_arn = settings_of(&content.config).web_acl_arn;
    }
    let changes = diff(&wanted, found);
    if !changes.is_empty() && !is_left_to_aws(&changes, &wanted, found, everything) {
        let mut config = content.config.clone();
        write_settings(&mut config, &wanted);
        let action = Action::Update {
            id: content.id.clone(),
            etag: content.etag.clone(),
            config,
        };
        return act(&content.id, Verb::Update, changes, action);
    }
    if is_taken_over {
        return Next::Problem(managed_elsewhere(&wanted.web_acl_arn));
    }
    match tag_step_changes(&found.tags, tags) {
        Some((changes, step)) => retag(&content.id, &content.arn, changes, step),
        None => {
            unmark(tags, everything, &content.id, &content.arn).unwrap_or_else(|| deployed(&content.status))
        }
    }
}

/// Whether the differences may be left as AWS made them. Of headers only the names are remembered, and a secret value must
/// always be the one that the API takes.
fn is_left_to_aws(changes: &[Change], wanted: &Settings, found: &Observed, everything: &Everything) -> bool {
    let is_of_headers = |change: &Change| change.path.starts_with("origin.headers");
    if changes.iter().any(is_of_headers) {
        return false;
    }
    let mut config = found.content.config.clone();
    write_settings(&mut config, wanted);
    everything.is_what_came_of(&Id::of(Kind::Distribution), &settings_of(&config))
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(all: &DesiredAll, everything: &Everything, found: &Observed) -> Vec<Change> {
    let Some(wanted) = wanted_settings(all, everything) else {
        return vec![];
    };
    let mut changes = diff(&wanted, found);
    if !is_left_to_aws(&changes, &wanted, found, everything) {
        changes.clear();
    }
    changes
}

/// Start of the names of web ACLs that Firewall Manager associates by itself.
const FIREWALL_MANAGER: &str = "/webacl/FMManagedWebACLV2";

fn is_of_firewall_manager(web_acl_arn: &str) -> bool {
    web_acl_arn.contains(FIREWALL_MANAGER)
}

/// Two writers would undo each other's work for ever.
fn managed_elsewhere(web_acl_arn: &str) -> Problem {
    Problem {
        id: Id::of(Kind::Distribution),
        reason: Reason::ManagedElsewhere,
        message: format!(
            "Firewall Manager has put its web ACL {web_acl_arn} in place of this object's, and is not fought: take the \
             distribution out of the policy's scope, and this object's web ACL is put back"
        ),
        stands: false,
        retry_after: None,
    }
}

/// Takes the marks of Shield and of hosted zones away once nothing of it is declared or left.
fn unmark(tags: &Tags, everything: &Everything, id: &str, arn: &str) -> Option<Next> {
    let is_left = |key: &str| {
        let found = everything.distribution_tags();
        found.is_some_and(|found| found.contains_key(key)) && !tags.contains_key(key)
    };
    let mut stale = Vec::new();
    if is_left(TAG_SHIELD) && everything.shield.is_gone() {
        stale.push(TAG_SHIELD.to_owned());
    }
    if is_left(TAG_ZONES) {
        stale.push(TAG_ZONES.to_owned());
    }
    (!stale.is_empty()).then(|| retag(id, arn, vec![], Err(stale)))
}

fn retag(id: &str, arn: &str, changes: Vec<Change>, step: Result<Tags, Vec<String>>) -> Next {
    let arn = arn.to_owned();
    let action = match step {
        Ok(tags) => Action::Tag { arn, tags },
        Err(keys) => Action::Untag { arn, keys },
    };
    act(id, Verb::Update, changes, action)
}

fn deployed(status: &str) -> Next {
    if status == DEPLOYED {
        return Next::Done;
    }
    Next::Wait(Wait {
        id: Id::of(Kind::Distribution),
        reason: Reason::Deploying,
        message:
            "CloudFront carries the configuration to its edge locations; this usually takes 3 to 10 minutes"
                .to_owned(),
        retry_after: DEPLOYING_RETRY,
    })
}

fn act(name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next {
    Next::Act(Box::new(Step {
        id: Id::of(Kind::Distribution),
        name: name.to_owned(),
        verb,
        changes,
        action: plan::Action::Distribution(action),
    }))
}

impl Observed {
    /// What it sends of ours, as configured.
    #[must_use]
    pub fn sent(&self) -> Sent {
        sent_of(&self.content.config)
    }

    /// Whether the configuration is in force everywhere.
    #[must_use]
    pub fn is_deployed(&self) -> bool {
        self.content.status == DEPLOYED
    }
}

impl Fingerprint for Row {
    fn fingerprint(&self) -> String {
        hash::short(&(&self.listed.id, &self.listed.etag))
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&(&self.content.id, &self.content.etag))
    }
}
