//! Whether what one vanished object left may go because a person asked for that. Nobody is asked twice, so everything that may serve
//! viewers, or may be somebody's, stays: each such thing is a [`Kept`], with what to do.
//!
//! ```text
//!  lists, at most 10 s old ─▶ left ─┐
//!  the distributions' own tags ─────┼─▶ judge ─▶ Agreed: whose it was, and all that goes
//!  objects that know the UID ───────┘        └─▶ Kept
//!  while it goes, before each call: halts
//! ```

use super::adoption::stood_before;
use super::former::is_named;
use super::listing::{DOMAIN_NAMES, Listing};
use super::observed::Observed;
pub use super::orphan_words::Kept;
use super::unowned::{Serving, tagged};
use crate::api::OrphanStatus;
use crate::domain::access::asked::authorizer_names;
use crate::domain::access::table::marks::Marks;
use crate::domain::edge::distribution::{DEPLOYED, Listed};
use crate::domain::edge::xml;
use crate::domain::kernel::identity::{
    Owner, TAG_ADOPTED, TAG_CLUSTER, TAG_CONDEMNED, TAG_RETAINED, TAG_UID, Tags, owner_of,
};
use crate::domain::kernel::keeping::{TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What AWS still lists of what is gone already, is believed after so long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// So many parts a status has room for while they go: nothing else is touched.
pub const MOST_PARTS: usize = 1000;
/// In the names of the default endpoints of all APIs.
const DEFAULT_ENDPOINT: &str = ".execute-api.";

/// A resource that bears the UID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its kind.
    pub kind: Kind,
    /// Its ARN.
    pub arn: String,
    /// Its tags, as lists have them.
    pub tags: Tags,
}

/// What lists show of one UID.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Left {
    /// What bears it, but for what the sweeper deletes.
    pub parts: Vec<Part>,
    /// Those of them by which viewers may come.
    pub serving: BTreeSet<String>,
    /// The distributions that were made for it, tagged or not.
    pub distributions: Vec<Listed>,
    /// What others use of it: the ARN, and the distribution.
    pub used: Vec<(String, String)>,
}

impl Left {
    /// ARNs of all that bears it.
    #[must_use]
    pub fn arns(&self) -> Vec<String> {
        self.parts.iter().map(|part| part.arn.clone()).collect()
    }
}

/// What `listing` shows of `uid`; `others` are tags of what the lists do not have, by ARN.
#[must_use]
pub fn left(uid: &str, listing: &Listing, others: &BTreeMap<String, Tags>) -> Left {
    let serving = Serving::of(listing);
    let is_swept = |tags: &Tags| tags.contains_key(TAG_CONDEMNED) && !tags.contains_key(TAG_RETAINED);
    let mut parts: Vec<Part> = tagged(listing, others)
        .filter(|(_, _, tags)| tags.get(TAG_UID).is_some_and(|found| found == uid) && !is_swept(tags))
        .map(|(kind, arn, tags)| Part { kind, arn, tags })
        .collect();
    parts.sort_by(|a, b| (a.kind, &a.arn).cmp(&(b.kind, &b.arn)));
    let is_part = |arn: &str| parts.iter().any(|part| part.arn == arn);
    let rows = || listing.distributions.values();
    let is_of_it = |row: &&Listed| is_part(&row.arn) || is_named(row, uid);
    let used = rows().filter(|row| !is_of_it(row)).flat_map(|row| {
        let used = parts.iter().filter(|part| uses(row, &part.arn));
        used.map(|part| (part.arn.clone(), row.id.clone()))
    });
    Left {
        serving: parts
            .iter()
            .filter(|part| serving.may_need(&part.arn, &part.tags))
            .map(|part| part.arn.clone())
            .collect(),
        distributions: rows().filter(is_of_it).cloned().collect(),
        used: used.collect(),
        parts,
    }
}

/// Whether a distribution, whether it serves or not, names this resource.
fn uses(row: &Listed, arn: &str) -> bool {
    let is_version = |version: &String| {
        let rest = version.strip_prefix(arn);
        rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let name = arn.split_once(DOMAIN_NAMES).map(|(_, name)| name);
    row.web_acl_arn == arn
        || row.certificate_arn.as_deref() == Some(arn)
        || row.functions.iter().any(is_version)
        || row
            .origins
            .iter()
            .any(|(domain, _)| Some(domain.as_str()) == name)
}

/// What is known besides the lists.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// UID of the cluster's kube-system namespace.
    pub cluster: &'a str,
    /// Whether the objects of all namespaces are seen.
    pub sees_all: bool,
    /// Objects of the cluster that know the UID, as people call them.
    pub claimants: &'a [String],
    /// The tags of the distributions as CloudFront itself says them, by ARN.
    pub tags: &'a BTreeMap<String, Tags>,
    /// What status listed when it was counted last.
    pub known: &'a [OrphanStatus],
    /// Since when it is being deleted, and what there was then; `None` before that.
    pub begun: Option<(Timestamp, &'a [String])>,
    /// So long it must have been listed.
    pub settled_after: SignedDuration,
    /// The time.
    pub now: Timestamp,
}

/// That it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Whose it was.
    pub owner: Owner,
    /// Since when nobody owns it, as far as is known.
    pub since: Timestamp,
    /// ARNs of all that goes.
    pub parts: Vec<String>,
}

/// Whether what is `left` of `uid` may go.
///
/// # Errors
/// Why it stays.
pub fn judge(uid: &str, left: &Left, facts: &Facts<'_>) -> Result<Agreed, Kept> {
    if !facts.sees_all {
        return Err(Kept::NotAllSeen);
    }
    if let Some(claimant) = facts.claimants.first() {
        return Err(Kept::Claimed(claimant.clone()));
    }
    if left.parts.is_empty() && left.distributions.is_empty() {
        return Err(Kept::Nothing);
    }
    if left.parts.len() > MOST_PARTS {
        return Err(Kept::TooMany(left.parts.len()));
    }
    for part in &left.parts {
        is_ours(part, &part.tags, facts)?;
        if let Some(tags) = facts.tags.get(&part.arn) {
            is_ours(part, tags, facts)?;
            is_at_rest(part, tags, facts.now)?;
        }
    }
    serves_nobody(left, facts)?;
    let owner = owner(uid, left, facts)?;
    let since = since(left, facts)?;
    Ok(Agreed {
        owner,
        since,
        parts: left.arns(),
    })
}

/// Whether a part is of this cluster, and left by nobody on purpose.
fn is_ours(part: &Part, tags: &Tags, facts: &Facts<'_>) -> Result<(), Kept> {
    let arn = || part.arn.clone();
    match tags.get(TAG_CLUSTER) {
        Some(cluster) if cluster == facts.cluster => {}
        Some(cluster) => return Err(Kept::OfAnotherCluster(arn(), cluster.clone())),
        None => return Err(Kept::Untold(arn())),
    }
    if tags.contains_key(TAG_RETAINED) {
        return Err(Kept::Retained(arn()));
    }
    if tags.contains_key(TAG_ADOPTED) {
        return Err(Kept::Adopted(arn()));
    }
    let moves = [TAG_RELEASED_TO, TAG_CLAIMED_BY, TAG_OFFERED_TO];
    match moves.into_iter().find_map(|key| tags.get(key)) {
        Some(other) => Err(Kept::HandedOver(arn(), other.clone())),
        None => Ok(()),
    }
}

/// Whether the marks of a distribution tell of nothing of the API that an object has to see to first.
fn is_at_rest(part: &Part, tags: &Tags, now: Timestamp) -> Result<(), Kept> {
    let marks = Marks::of(tags, now);
    if marks.cut_over.is_some() || marks.earlier.is_some() {
        return Err(Kept::LockUnderWay(part.arn.clone()));
    }
    if marks.rotated.is_some() || marks.next.is_some() {
        return Err(Kept::SecretValue(part.arn.clone()));
    }
    Ok(())
}

fn serves_nobody(left: &Left, facts: &Facts<'_>) -> Result<(), Kept> {
    let authorizer = left.parts.iter().find(|part| {
        let name = part.arn.rsplit(['/', ':']).next();
        name.is_some_and(authorizer_names::is_ours)
    });
    if let Some(part) = authorizer {
        return Err(Kept::Authorizer(part.arn.clone()));
    }
    for row in &left.distributions {
        if row.enabled || row.status != DEPLOYED {
            return Err(Kept::Serves(row.id.clone()));
        }
    }
    if let Some(arn) = left.serving.first() {
        return Err(Kept::MayServe(arn.clone()));
    }
    if let Some((arn, id)) = left.used.first() {
        return Err(Kept::Used(arn.clone(), id.clone()));
    }
    for row in &left.distributions {
        if !row.aliases.is_empty() {
            return Err(Kept::Named(row.id.clone(), row.aliases.clone()));
        }
        // What is gone is listed for a while, and without its tags.
        let was_part = facts.begun.is_some_and(|(_, parts)| parts.contains(&row.arn));
        if !was_part && !left.parts.iter().any(|part| part.arn == row.arn) {
            return Err(Kept::Untold(row.arn.clone()));
        }
        let mut origins = row.origins.iter();
        if let Some((domain, _)) = origins.find(|(domain, _)| !domain.contains(DEFAULT_ENDPOINT)) {
            return Err(Kept::OriginsName(domain.clone()));
        }
    }
    match left.parts.iter().find(|part| part.kind == Kind::OriginDomain) {
        Some(part) => Err(Kept::OriginsName(part.arn.clone())),
        None => Ok(()),
    }
}

/// Whose all of it was: the tags agree, and the names of what has none are made from it.
fn owner(uid: &str, left: &Left, facts: &Facts<'_>) -> Result<Owner, Kept> {
    let mut found: Option<Owner> = None;
    for part in &left.parts {
        let tags = facts.tags.get(&part.arn).unwrap_or(&part.tags);
        let owner = owner_of(tags).filter(|owner| owner.uid == uid);
        let owner = owner.ok_or_else(|| Kept::Untold(part.arn.clone()))?;
        if found.as_ref().is_some_and(|other| *other != owner) {
            return Err(Kept::Untold(part.arn.clone()));
        }
        found = Some(owner);
    }
    found.ok_or(Kept::Nothing)
}

/// Since when nobody owns it: each part was listed for long enough, or was there when the deletion began.
fn since(left: &Left, facts: &Facts<'_>) -> Result<Timestamp, Kept> {
    let mut since = facts.now;
    for part in &left.parts {
        let mut known = facts.known.iter();
        let known = known.find(|known| known.arn == part.arn && !known.retained);
        let known = known.and_then(|known| known.since.parse::<Timestamp>().ok());
        match (facts.begun, known) {
            (Some((begun, parts)), known) => {
                if !parts.contains(&part.arn) {
                    return Err(Kept::New(part.arn.clone()));
                }
                since = since.min(known.unwrap_or(begun));
            }
            (None, None) => return Err(Kept::NotListed(part.arn.clone())),
            (None, Some(known)) => {
                let ripe = known + facts.settled_after;
                if ripe > facts.now {
                    return Err(Kept::Young(part.arn.clone(), ripe));
                }
                since = since.min(known);
            }
        }
    }
    Ok(since)
}

/// Why nothing more is done, by what was read in the meantime; asked before each call.
#[must_use]
pub fn halts(observed: &Observed) -> Option<Kept> {
    let is_kept = |arn: &str, tags: &Tags| {
        if tags.contains_key(TAG_RETAINED) {
            return Some(Kept::Retained(arn.to_owned()));
        }
        tags.contains_key(TAG_ADOPTED)
            .then(|| Kept::Adopted(arn.to_owned()))
    };
    match &observed.distribution {
        Seen::Present(found) => {
            let content = &found.content;
            let is_enabled = xml::text_at(&content.config, "Enabled").as_deref() != Some("false");
            if is_enabled || content.status != DEPLOYED {
                return Some(Kept::Serves(content.id.clone()));
            }
            if stood_before(observed, found) {
                return Some(Kept::Adopted(content.arn.clone()));
            }
            is_kept(&content.arn, &found.tags)
        }
        Seen::Listed(Some(row)) if row.listed.enabled || row.listed.status != DEPLOYED => {
            Some(Kept::Serves(row.listed.id.clone()))
        }
        Seen::Listed(_) | Seen::Absent => None,
    }
}

/// Whether what is still listed after its deletion is there indeed, and no call of ours takes it.
///
/// # Errors
/// It is, and a person has to see to it.
pub fn still_listed(parts: &[String], begun: Timestamp, now: Timestamp) -> Result<(), Kept> {
    if now.duration_since(begun) < PATIENCE {
        return Ok(());
    }
    Err(Kept::Rest(parts.to_vec()))
}

/// By what an object is known that needs what is left of a UID.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traces {
    /// The UID.
    pub uid: String,
    /// Namespaces and names of the objects that it was made for, as its tags say.
    pub names: BTreeSet<(String, String)>,
    /// ARNs of what is left, and of what was there when its deletion began.
    pub arns: BTreeSet<String>,
}

impl Traces {
    /// Those of what is `left` of `uid`, of which there was `begun` when its deletion began.
    #[must_use]
    pub fn of(uid: &str, left: &Left, begun: &[String]) -> Self {
        let owners = left.parts.iter().filter_map(|part| owner_of(&part.tags));
        let rows = left.distributions.iter().map(|row| &row.arn);
        Self {
            uid: uid.to_owned(),
            names: owners.map(|owner| (owner.namespace, owner.name)).collect(),
            arns: rows.chain(begun).cloned().chain(left.arns()).collect(),
        }
    }

    /// Whether an object of this name, whose status has the distribution of this ARN, is to go on with what is left.
    #[must_use]
    pub fn are_of(&self, namespace: &str, name: &str, distribution: Option<&str>) -> bool {
        let mut names = self.names.iter();
        match distribution {
            Some(arn) => self.arns.contains(arn),
            None => names.any(|(of, known)| of == namespace && known == name),
        }
    }
}

/// Whether an object of the cluster, as the API server has it, needs what is left: its UID, its spec, its status or its name says so.
#[must_use]
pub fn knows(object: &Value, traces: &Traces) -> bool {
    let (metadata, status) = (&object["metadata"], &object["status"]);
    let is_uid = |value: &Value| value.as_str() == Some(&traces.uid);
    let is_it =
        is_uid(&metadata["uid"]) || is_uid(&status["perimeterUid"]) || is_uid(&status["takeOver"]["uid"]);
    // Whatever of its spec names it: a takeover, a handover.
    let is_named = object["spec"].to_string().contains(&traces.uid);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
    let distribution = status["distribution"]["arn"].as_str();
    is_it || is_named || traces.are_of(&namespace, &name, distribution)
}
