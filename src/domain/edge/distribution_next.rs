//! What the distribution needs next.

use super::aliases::{served, with_names};
use super::config::{Origin, Settings, settings_of};
use super::distribution::{
    Action, DEPLOYED, Desired, Observed, Row, TAG_SHIELD, caller_reference, comment, diff, is_made_for,
};
use super::document::{new_config, write_settings};
use super::inputs::Inputs as NamesInputs;
use super::known::SeenDistribution;
use super::names::{TAG_ZONES, ZoneSeen};
use super::places::{api_origin, kept};
use super::unsigned::policies_meanwhile;
use super::xml::Element;
use crate::domain::access::proof::Sent;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::{Ownership, TAG_ADOPTED, Tags};
use crate::domain::kernel::keeping::{TAG_CLAIMED_BY, TAG_OFFERED_TO};
use crate::domain::kernel::observing::{Look, Pass, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::secret::Secret;
use crate::domain::kernel::tagging::{
    RowTags, TagCall, TagStep, name_taken, row_tags, tag_step_changes, tags_back,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// When a distribution was adopted whose mark somebody took away. The present time would make each such difference a new one, so that
/// nobody were told of a fight.
const UNKNOWN_TIME: &str = "unknown";
/// CloudFront needs minutes; one list call serves all that wait.
const DEPLOYING_RETRY: Duration = Duration::from_secs(20);

/// What the distribution needs of others.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// What its names need, and what is seen of it.
    pub names: NamesInputs<'a>,
    /// What it should send to the API; the kinds that this waits for, where it is not known.
    pub sent: Result<Sent, Vec<Kind>>,
    /// Where it leads in place of what is declared, and the client certificate that it shows there: mutual TLS. The kinds that this
    /// waits for, where it is not known.
    pub origin: Result<Option<ShownOrigin>, Vec<Kind>>,
    /// ARN of the function version that signs, once it is published.
    pub version_arn: Option<String>,
    /// Whether the function is as wanted.
    pub is_function_done: bool,
    /// ARN of the web ACL, once that is known to be ours.
    pub web_acl_arn: Option<String>,
    /// Whose the distribution that was found is.
    pub whose: Ownership,
    /// Which caller reference a new distribution takes.
    pub reference: u32,
    /// Whether nothing is left that serves Shield.
    pub is_shield_gone: bool,
}

/// An origin that a client certificate is shown to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownOrigin {
    /// Its name.
    pub domain_name: String,
    /// What comes before a viewer's path.
    pub path: String,
    /// ARN of the certificate.
    pub certificate_arn: String,
}

impl<'a> Inputs<'a> {
    fn seen(&self) -> &'a SeenDistribution {
        self.names.distribution
    }

    fn pass(&self) -> &'a Pass {
        self.names.pass
    }
}

/// What should be set, with the outputs of other kinds; `None` while one is missing.
#[must_use]
pub fn wanted_settings(desired: &Desired, inputs: &Inputs<'_>) -> Option<Settings> {
    let sent = inputs.sent.clone().ok()?;
    let shown = inputs.origin.clone().ok()?;
    let settings = &desired.settings;
    let settings = with_names(settings.clone(), served(settings, &inputs.names));
    let settings = policies_meanwhile(settings, desired, inputs.seen(), sent.signs);
    Some(Settings {
        signer_includes_body: sent.signs,
        signer_version_arn: if sent.signs {
            inputs.version_arn.clone()?
        } else {
            String::new()
        },
        web_acl_arn: inputs.web_acl_arn.clone()?,
        origin: origin(settings.origin, sent.headers, shown),
        ..settings
    })
}

fn origin(declared: Origin, headers: BTreeMap<String, Secret>, shown: Option<ShownOrigin>) -> Origin {
    let origin = Origin { headers, ..declared };
    match shown {
        None => origin,
        Some(shown) => Origin {
            domain_name: shown.domain_name,
            path: shown.path,
            client_certificate_arn: Some(shown.certificate_arn),
            ..origin
        },
    }
}

/// What the distribution needs next.
#[must_use]
pub fn next(desired: &Desired, inputs: &Inputs<'_>) -> Next<Action> {
    let Some(wanted) = wanted_settings(desired, inputs) else {
        let missing = inputs.sent.clone().err().or_else(|| inputs.origin.clone().err());
        return Next::Blocked(missing.unwrap_or_else(|| vec![Kind::Function, Kind::WebAcl]));
    };
    // One update for all that changes: a version that is being prepared is waited for.
    let is_associated = wanted.signer_version_arn.is_empty()
        || inputs.seen().functions().contains(&wanted.signer_version_arn);
    if !is_associated && !inputs.is_function_done {
        return Next::Blocked(vec![Kind::Function]);
    }
    let tags = distribution_tags(desired, inputs);
    match inputs.pass().look(
        &Id::of(Kind::Distribution),
        &hash_with(desired, &wanted),
        inputs.seen(),
    ) {
        // Whether it is to bear the mark, only the distribution itself tells.
        Look::Verified(row) if is_unmarked(desired, row) => Next::Read,
        Look::Verified(row) => match row_tags(row.tags.as_ref(), &desired.owner, &tags) {
            RowTags::Right => unmark(&tags, inputs, &row.listed.id, &row.listed.arn)
                .unwrap_or_else(|| deployed(&row.listed.status)),
            RowTags::Unknown => Next::Read,
            RowTags::Wrong(changes, step) => retag(&row.listed.id, &row.listed.arn, changes, step),
        },
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent => {
            // One that stood before its object is never made anew: another one would have another address.
            if let Some(id) = &desired.adopts {
                return Next::Problem(adopted_one_is_gone(id));
            }
            let reference = caller_reference(&desired.owner, inputs.reference);
            let action = Action::Create {
                config: new_config(&reference, &wanted),
                tags,
            };
            act(&comment(&desired.owner), Verb::Create, vec![], action)
        }
        Look::Present(found) => next_of_present(desired, &tags, &wanted, found, inputs),
    }
}

/// Hash of everything that is wanted of the distribution; `None` while its inputs are missing.
#[must_use]
pub fn hash_of(desired: &Desired, inputs: &Inputs<'_>) -> Option<String> {
    Some(hash_with(desired, &wanted_settings(desired, inputs)?))
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
    inputs: &Inputs<'_>,
) -> Next<Action> {
    let content = &found.content;
    match inputs.whose {
        Ownership::Foreign => {
            let id = Id::of(Kind::Distribution);
            let what = "CloudFront distribution";
            return Next::Problem(name_taken(id, what, &content.id, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, tags);
            return retag(&content.id, &content.arn, changes, TagStep::Set(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let is_taken_over = is_of_firewall_manager(&settings_of(&content.config).web_acl_arn);
    let mut wanted = fitted(desired, wanted, found);
    if is_taken_over {
        wanted.web_acl_arn = settings_of(&content.config).web_acl_arn;
    }
    let changes = diff(&wanted, found);
    if !changes.is_empty() && !is_left_to_aws(&changes, &wanted, found, inputs.pass()) {
        let config = written(desired, &wanted, found);
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
        None => unmark(tags, inputs, &content.id, &content.arn).unwrap_or_else(|| deployed(&content.status)),
    }
}

/// `wanted`, in which the API's origin is called as it is in a distribution that was adopted.
fn fitted(desired: &Desired, wanted: &Settings, found: &Observed) -> Settings {
    let mut wanted = wanted.clone();
    if desired.adopts.is_some() {
        wanted.origin.id = api_origin(&found.content.config, &wanted.origin.domain_name);
    }
    wanted
}

/// The configuration with what is wanted; of one that was adopted all else stays to the byte.
fn written(desired: &Desired, wanted: &Settings, found: &Observed) -> Element {
    let mut config = found.content.config.clone();
    write_settings(&mut config, wanted);
    if desired.adopts.is_some() {
        config = kept(&found.content.config, config, &wanted.origin.id);
    }
    config
}

/// Whether the differences may be left as AWS made them. Of headers only the names are remembered, and a secret value must
/// always be the one that the API takes.
fn is_left_to_aws(changes: &[Change], wanted: &Settings, found: &Observed, pass: &Pass) -> bool {
    let is_of_headers = |change: &Change| change.path.starts_with("origin.headers");
    if changes.iter().any(is_of_headers) {
        return false;
    }
    let mut config = found.content.config.clone();
    write_settings(&mut config, wanted);
    let part = settings_of(&found.content.config);
    let id = Id::of(Kind::Distribution);
    pass.is_what_came_of(&id, found, &part, &settings_of(&config))
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(desired: &Desired, inputs: &Inputs<'_>, found: &Observed) -> Vec<Change> {
    let Some(wanted) = wanted_settings(desired, inputs) else {
        return vec![];
    };
    let wanted = fitted(desired, &wanted, found);
    let mut changes = diff(&wanted, found);
    if !is_left_to_aws(&changes, &wanted, found, inputs.pass()) {
        changes.clear();
    }
    changes
}

/// Start of the names of web ACLs that Firewall Manager associates by itself.
const FIREWALL_MANAGER: &str = "/webacl/FMManagedWebACLV2";

/// Whether a web ACL is one that Firewall Manager associates by itself.
#[must_use]
pub fn is_of_firewall_manager(web_acl_arn: &str) -> bool {
    web_acl_arn.contains(FIREWALL_MANAGER)
}

fn adopted_one_is_gone(id: &str) -> Problem {
    Problem::new(
        Id::of(Kind::Distribution),
        Reason::AdoptionRefused,
        format!(
            "distribution {id}, which this object has adopted, does not exist any more, and none is made in its place: it would have \
             another address. Declare another object without spec.distribution.adopt"
        ),
    )
}

/// Two writers would undo each other's work for ever.
fn managed_elsewhere(web_acl_arn: &str) -> Problem {
    Problem {
        id: Id::of(Kind::Distribution),
        reason: Reason::ManagedElsewhere,
        field: None,
        message: format!(
            "Firewall Manager has put its web ACL {web_acl_arn} in place of this object's, and is not fought: take the \
             distribution out of the policy's scope, and this object's web ACL is put back"
        ),
        remedy: None,
        stands: false,
        retry_after: None,
    }
}

/// Takes the marks of Shield and of hosted zones away once nothing of it is declared or left.
fn unmark(tags: &Tags, inputs: &Inputs<'_>, id: &str, arn: &str) -> Option<Next<Action>> {
    let is_left = |key: &str| {
        let found = inputs.seen().tags();
        found.is_some_and(|found| found.contains_key(key)) && !tags.contains_key(key)
    };
    let mut stale = Vec::new();
    if is_left(TAG_SHIELD) && inputs.is_shield_gone {
        stale.push(TAG_SHIELD.to_owned());
    }
    if is_left(TAG_ZONES) {
        stale.push(TAG_ZONES.to_owned());
    }
    (!stale.is_empty()).then(|| retag(id, arn, vec![], TagStep::Remove(stale)))
}

fn retag(id: &str, arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    act(id, Verb::Update, changes, Action::Tag(TagCall::new(arn, step)))
}

fn deployed(status: &str) -> Next<Action> {
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

fn act(name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::Distribution), name, verb, changes, action)
}

/// The tags of the distribution: of one that was adopted with the mark of that, which a former owner's write may have taken away.
fn distribution_tags(desired: &Desired, inputs: &Inputs<'_>) -> Tags {
    let mut tags = tags_with_zones(&desired.tags, &inputs.names);
    // Who has come for what is offered says so itself.
    let claimed = inputs.seen().tags().and_then(|found| found.get(TAG_CLAIMED_BY));
    if let Some(claimed) = claimed.filter(|claimed| tags.get(TAG_OFFERED_TO) == Some(*claimed)) {
        tags.insert(TAG_CLAIMED_BY.to_owned(), claimed.clone());
    }
    if let SeenDistribution::Present(found) = inputs.seen()
        && desired.adopts.as_ref() == Some(&found.content.id)
        && !is_made_for(&desired.owner, &found.content)
    {
        let known = found.tags.get(TAG_ADOPTED).map_or(UNKNOWN_TIME, String::as_str);
        tags.insert(TAG_ADOPTED.to_owned(), known.to_owned());
    }
    tags
}

/// Whether the row of a distribution that the spec adopts is known to lack the mark of that.
fn is_unmarked(desired: &Desired, row: &Row) -> bool {
    let lacks = |tags: &Tags| !tags.contains_key(TAG_ADOPTED);
    desired.adopts.as_ref() == Some(&row.listed.id) && row.tags.as_ref().is_some_and(lacks)
}

/// `tags`, with the zones that have records of its names or are about to.
fn tags_with_zones(tags: &Tags, inputs: &NamesInputs<'_>) -> Tags {
    let wanted = inputs.desired.and_then(|names| names.zone.clone());
    let left: BTreeSet<String> = inputs
        .known_zones()
        .into_iter()
        .filter(|zone| may_have_records(zone, inputs))
        .chain(wanted)
        .collect();
    let mut tags = tags.clone();
    if !left.is_empty() {
        let zones: Vec<String> = left.into_iter().collect();
        tags.insert(TAG_ZONES.to_owned(), zones.join(" "));
    }
    tags
}

fn may_have_records(zone: &str, inputs: &NamesInputs<'_>) -> bool {
    match inputs.seen.zones.get(zone) {
        None => true,
        Some(ZoneSeen::Missing) => false,
        Some(ZoneSeen::Found(found)) => {
            !inputs.seen.settled.contains(zone) || !found.marked(inputs.owner).is_empty()
        }
    }
}
