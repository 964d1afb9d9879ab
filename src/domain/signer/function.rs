//! The Lambda@Edge function that signs requests, and its published versions.

pub(in crate::domain) use super::settings::updated;
pub use super::settings::{Foreign, RUNTIME, Settings, settings};
pub use super::state::State;
pub(in crate::domain) use super::state::{failed, pending};
use super::versions::{surplus_version, wanted_version};
use crate::api::SigV4Spec;
use crate::domain::kernel::change::{Change, changes, changes_between};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, Pass, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Verb};
use crate::domain::kernel::tagging::{
    RowTags, TagCall, TagStep, name_taken, row_tags, tag_step_changes, tags_back,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Lambda's limit on a function's name.
pub const NAME_LIMIT: usize = 64;
/// Where functions of the edge are made: AWS replicates them from here.
pub const EDGE_REGION: &str = "us-east-1";

/// The configuration of a function's `$LATEST` or of a published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The function's name.
    pub name: String,
    /// ARN; of a version with its number.
    pub arn: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// What can be set.
    pub settings: Settings,
    /// Base64 of the package's SHA-256.
    pub code_sha256: String,
    /// Changes with each change of code or configuration.
    pub revision: String,
    /// Whether it can be invoked.
    pub state: State,
    /// Why it is not Active, in AWS's words.
    pub state_reason: Option<String>,
    /// Whether an update is still in progress.
    pub updating: bool,
}

/// A function as Lambda has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observed {
    /// The unpublished configuration.
    pub latest: Configuration,
    /// The function's tags.
    pub tags: Tags,
    /// Published versions, oldest first; empty as `GetFunction` answers it.
    pub versions: Vec<Configuration>,
}

/// What a function is made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Creation {
    /// The function's name.
    pub name: String,
    /// What can be set.
    pub settings: Settings,
    /// The package.
    #[serde(skip)]
    pub zip: Vec<u8>,
    /// Whether its first version is published at once.
    pub publish: bool,
    /// The function's tags.
    pub tags: Tags,
}

/// A function as the lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// The unpublished configuration.
    pub latest: Configuration,
    /// Its tags, where the tagging service has them.
    pub tags: Option<Tags>,
}

/// The function as it should be; the role's ARN comes with the role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The function's name.
    pub name: String,
    /// Base64 of the package's SHA-256.
    pub code_sha256: String,
    /// The package.
    #[serde(skip)]
    pub zip: Arc<[u8]>,
    /// The options that it was made with.
    #[serde(skip)]
    pub options: SigV4Spec,
    /// The function's tags.
    pub tags: Tags,
}

/// What the function needs of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs<'a> {
    /// Whose the function that was found is.
    pub whose: Ownership,
    /// ARN of its role, once that is known to be ours.
    pub role_arn: Option<&'a str>,
    /// Whether the role has its policy: a role without it would make a version that cannot sign.
    pub is_role_whole: bool,
    /// ARNs of the versions that the distribution asks for.
    pub associated: Vec<String>,
    /// ARN of the version that was chosen last.
    pub chosen: Option<&'a str>,
    /// Whether what the distribution asks for is in force everywhere.
    pub is_deployed: bool,
}

/// One call that brings the function nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create(Creation),
    UpdateSettings {
        settings: Settings,
        revision: String,
    },
    UpdateCode {
        zip: Vec<u8>,
        revision: String,
    },
    Publish {
        code_sha256: String,
    },
    /// Of a published version, by its number.
    DeleteVersion(String),
    Tag(TagCall),
}

/// What the function of `owner` should be, with the package made for its API.
#[must_use]
pub fn desired(owner: &Owner, zip: Arc<[u8]>, code_sha256: String, tags: &Tags) -> Desired {
    Desired {
        owner: owner.clone(),
        name: owner.resource_name(NAME_LIMIT),
        code_sha256,
        zip,
        options: SigV4Spec::default(),
        tags: tags.clone(),
    }
}

impl Desired {
    /// The same, of which it is known with which options its package was made.
    #[must_use]
    pub fn made_with(self, options: &SigV4Spec) -> Self {
        let options = options.clone();
        Self { options, ..self }
    }
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(desired: &Desired, found: &Observed, inputs: &Inputs<'_>, pass: &Pass) -> Vec<Change> {
    let Some(role_arn) = inputs.role_arn else {
        return vec![];
    };
    let wanted = settings(&desired.owner, role_arn);
    let latest = &found.latest.settings;
    if latest.are_as_wanted(&wanted, pass) {
        changes_between(latest, &wanted)
    } else {
        vec![]
    }
}

/// The change that `code_sha256` would be to the code of `latest`; empty where it is the same.
pub(in crate::domain) fn code_change(code_sha256: &str, latest: &Configuration) -> Vec<Change> {
    let code = |sha: &str| serde_json::json!({ "codeSha256": sha });
    changes(&code(&latest.code_sha256), &code(code_sha256))
}

/// What the function needs next.
#[must_use]
pub fn next(
    desired: &Desired,
    seen: &Seen<Listed, Observed>,
    inputs: &Inputs<'_>,
    pass: &Pass,
) -> Next<Action> {
    let id = Id::of(Kind::Function);
    let Some(role_arn) = inputs.role_arn else {
        return Next::Blocked(vec![Kind::Role]);
    };
    let wanted = settings(&desired.owner, role_arn);
    match pass.look(&id, &hash_with(desired, &wanted), seen) {
        Look::Verified(row) if inputs.chosen.is_some() => {
            match row_tags(row.tags.as_ref(), &desired.owner, &desired.tags) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => retag(desired, &row.latest.arn, changes, step),
            }
        }
        Look::Outdated(row) if may_update_unread(desired, &wanted, row) => {
            let changes = code_change(&desired.code_sha256, &row.latest);
            update_code(desired, &row.latest, changes)
        }
        Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent if !inputs.is_role_whole => Next::Blocked(vec![Kind::Role]),
        Look::Absent => {
            let creation = Creation {
                name: desired.name.clone(),
                settings: wanted,
                zip: desired.zip.to_vec(),
                publish: true,
                tags: desired.tags.clone(),
            };
            act(desired, Verb::Create, vec![], Action::Create(creation))
        }
        Look::Present(found) => next_of_present(desired, &wanted, found, inputs, pass),
    }
}

/// Whether the row alone tells that new code is all that the function needs.
fn may_update_unread(desired: &Desired, wanted: &Settings, row: &Listed) -> bool {
    let is_ours = !matches!(
        row_tags(row.tags.as_ref(), &desired.owner, &desired.tags),
        RowTags::Unknown
    );
    is_ours && row.latest.settings == *wanted && row.latest.code_sha256 != desired.code_sha256
}

/// Hash of everything that is wanted of the function; `None` while the role is missing.
#[must_use]
pub fn hash_of(desired: &Desired, inputs: &Inputs<'_>) -> Option<String> {
    Some(hash_with(desired, &settings(&desired.owner, inputs.role_arn?)))
}

fn hash_with(desired: &Desired, wanted: &Settings) -> String {
    desired_hash(&(&desired.name, &desired.code_sha256, wanted))
}

fn next_of_present(
    desired: &Desired,
    wanted: &Settings,
    found: &Observed,
    inputs: &Inputs<'_>,
    pass: &Pass,
) -> Next<Action> {
    match inputs.whose {
        Ownership::Foreign => {
            let id = Id::of(Kind::Function);
            let name = &found.latest.name;
            return Next::Problem(name_taken(id, "Lambda function", name, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            return retag(desired, &found.latest.arn, changes, TagStep::Set(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let version = wanted_version(desired, wanted, found, inputs, pass);
    if let Some(next) = next_version(desired, wanted, found, version, pass) {
        return next;
    }
    if let Some((changes, step)) = tag_step_changes(&found.tags, &desired.tags) {
        return retag(desired, &found.latest.arn, changes, step);
    }
    match version.and_then(|version| surplus_version(version, found, inputs)) {
        Some(surplus) => {
            let action = Action::DeleteVersion(surplus.version.clone());
            act(desired, Verb::Delete, vec![], action)
        }
        None => Next::Done,
    }
}

fn retag(desired: &Desired, arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(arn, step));
    act(desired, Verb::Update, changes, action)
}

fn next_version(
    desired: &Desired,
    wanted: &Settings,
    found: &Observed,
    version: Option<&Configuration>,
    pass: &Pass,
) -> Option<Next<Action>> {
    let latest = &found.latest;
    let settings = if latest.settings.are_as_wanted(wanted, pass) {
        vec![]
    } else {
        changes_between(&latest.settings, wanted)
    };
    let busy = latest.state == State::Pending || latest.updating;
    if let Some(version) = version {
        match version.state {
            State::Failed => return Some(Next::Problem(failed(Kind::Function, version))),
            _ if version.updating => return Some(pending(Kind::Function, &version.arn)),
            State::Pending => return Some(pending(Kind::Function, &version.arn)),
            State::Active | State::Inactive | State::Unknown => {}
        }
        // The version is what serves; the unpublished side is mended so that the next publication starts right.
        if settings.is_empty() && latest.code_sha256 == desired.code_sha256 {
            return None;
        }
    }
    if latest.state == State::Failed && latest.code_sha256 == desired.code_sha256 {
        return Some(Next::Problem(failed(Kind::Function, latest)));
    }
    if busy {
        return Some(pending(Kind::Function, &latest.arn));
    }
    if !settings.is_empty() {
        let action = Action::UpdateSettings {
            settings: updated(wanted, &latest.settings),
            revision: latest.revision.clone(),
        };
        return Some(act(desired, Verb::Update, settings, action));
    }
    let changes = code_change(&desired.code_sha256, latest);
    if changes.is_empty() {
        let action = Action::Publish {
            code_sha256: desired.code_sha256.clone(),
        };
        return Some(act(desired, Verb::Update, vec![], action));
    }
    Some(update_code(desired, latest, changes))
}

fn update_code(desired: &Desired, latest: &Configuration, changes: Vec<Change>) -> Next<Action> {
    let action = Action::UpdateCode {
        zip: desired.zip.to_vec(),
        revision: latest.revision.clone(),
    };
    act(desired, Verb::Update, changes, action)
}

fn act(desired: &Desired, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::Function), &desired.name, verb, changes, action)
}

impl Observed {
    /// Takes in an answer of Lambda: of the function itself, or of a version.
    pub fn absorb(&mut self, answer: Configuration) {
        if answer.version == LATEST {
            self.latest = answer;
        } else if let Some(known) = self
            .versions
            .iter_mut()
            .find(|known| known.version == answer.version)
        {
            *known = answer;
        } else {
            self.versions.push(answer);
        }
    }
}

/// Lambda's name of the unpublished function.
pub const LATEST: &str = "$LATEST";

impl Fingerprint for Listed {
    fn fingerprint(&self) -> String {
        fingerprint(&self.latest)
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        fingerprint(&self.latest)
    }
}

/// Without the revision, which changes by itself when an update is done.
fn fingerprint(latest: &Configuration) -> String {
    hash::short(&(&latest.code_sha256, &latest.settings))
}
