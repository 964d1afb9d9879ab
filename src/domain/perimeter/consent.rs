//! The perimeter that another object kept, and that this one takes over because its spec consents to it: `spec.takeOver`.
//!
//! The tags of the distribution are the truth about who keeps it. One call writes them, before anything else is written; all other parts
//! follow. Whoever kept it before sees by them that it writes nothing any more.

use super::former::{is_named, leads_there, unnamed};
use super::handover;
use super::listing::Listing;
use crate::api::{ProtectedApiSpec, TakeOverSpec};
use crate::domain::access::table::marks::are_of_another_stage;
use crate::domain::edge::distribution::{Action, Listed};
use crate::domain::edge::known::SeenDistribution;
use crate::domain::kernel::identity::{
    Owner, Ownership, TAG_CONDEMNED, TAG_RETAINED, Tags, owner_of, ownership,
};
use crate::domain::kernel::keeping::{
    TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO, TAG_TAKEN_FROM, released_to_another, was_taken_from,
};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::tagging::{TagCall, tags_back};

/// Distributions that were made for the object of this UID, as their comments say.
#[must_use]
pub fn made_for(uid: &str, listing: &Listing) -> Vec<Listed> {
    let rows = listing.distributions.values();
    let found = rows.filter(|row| !row.is_staging && is_named(row, uid));
    found.cloned().collect()
}

/// The owner by which `own` goes on with the distribution `row`, which bears `tags`: as it keeps it already, or will once it has taken it
/// over. `is_alive` says whether there may be an object of a UID in the cluster.
///
/// # Errors
/// It may be kept by another, or is not what the spec is for: nothing of it is touched.
pub fn consented(
    spec: &ProtectedApiSpec,
    wanted: &TakeOverSpec,
    own: &Owner,
    (row, tags): (&Listed, &Tags),
    is_alive: impl FnOnce(&str) -> bool,
) -> Result<Owner, Rejection> {
    let id = &row.id;
    let former = owner_of(tags).filter(|former| former.uid == wanted.uid);
    let Some(former) = former else {
        return Err(refused(&format!(
            "the tags of distribution {id} do not say that it is the perimeter of {}: nothing is touched. Read them with `aws cloudfront \
             list-tags-for-resource --resource {}`, and write what palisade.dev/uid says",
            wanted.uid, row.arn
        )));
    };
    let keeper = named(&former);
    if tags.contains_key(TAG_CONDEMNED) {
        return Err(refused(&format!(
            "distribution {id} of {keeper} is being deleted: declare an object without spec.takeOver, and another perimeter is built"
        )));
    }
    if let Some(to) = released_to_another(tags, own) {
        return Err(refused(&format!(
            "distribution {id} of {keeper} was let go to {} of cluster {}, which takes it over by itself, with spec.takeOver.uid: {}: \
             nothing is touched. If that object is lost, and only then, `aws cloudfront untag-resource --resource {} --tag-keys \
             Items={TAG_RELEASED_TO},{TAG_CLAIMED_BY}` takes that back, and whoever the other tags name keeps it",
            to.object(),
            to.cluster,
            former.uid,
            row.arn
        )));
    }
    if former.keeper() == own.keeper() {
        return Ok(former);
    }
    if !leads_there(spec, row) {
        return Err(refused(&format!(
            "distribution {id} of {keeper} leads to another API than spec.origin.endpoint names, and its viewers are led nowhere else: \
             take it over by an object for the API that it leads to"
        )));
    }
    if are_of_another_stage(tags, &spec.origin.stage) || leads_to_another_stage(spec, row) {
        return Err(refused(&format!(
            "distribution {id} of {keeper} was made for another stage of the API than spec.origin.stage names, and nobody would keep the lock \
             of that one: write that stage, and the spec.origin.path that goes with it. What stands goes on as it is"
        )));
    }
    if let Some(rejection) = unnamed(spec, id, tags) {
        return Err(rejection);
    }
    let_have(wanted, own, &former, (row, tags), is_alive)
}

/// The same, of what the spec is for: whether its keeper `former` has let it go, offers it, or is gone.
fn let_have(
    wanted: &TakeOverSpec,
    own: &Owner,
    former: &Owner,
    (row, tags): (&Listed, &Tags),
    is_alive: impl FnOnce(&str) -> bool,
) -> Result<Owner, Rejection> {
    let (id, keeper) = (&row.id, named(former));
    let is_for_us = |key: &str| tags.get(key) == Some(&own.keeper().to_string());
    if is_for_us(TAG_RELEASED_TO) || tags.contains_key(TAG_RETAINED) {
        return Ok(own.taking_over(former));
    }
    let is_here = former.cluster == own.cluster;
    let is_gone = !is_here && wanted.keeper_is_gone == Some(true);
    if is_for_us(TAG_OFFERED_TO) && !is_gone {
        return Err(handover::pending(id, &keeper, &former.uid));
    }
    if was_taken_from(tags, &own.keeper()) {
        return Err(refused(&format!(
            "{keeper} has taken distribution {id} over from this object and may keep it: nothing is touched. Where it is given up there, \
             another object, of another name, can take it over"
        )));
    }
    if is_here && is_alive(&former.uid) {
        return Err(refused(&format!(
            "distribution {id} is kept by {keeper}, which is this one: set spec.deletionPolicy: Retain there and delete it; this object \
             then takes the perimeter over by itself, as it stands. A controller of one namespace cannot tell whether there is such an \
             object in another: where there is none any more, and only then, run `aws cloudfront tag-resource --resource {} --tags \
             'Items=[{{Key={TAG_RETAINED},Value=moved}}]'`",
            row.arn
        )));
    }
    if !is_here && wanted.keeper_is_gone != Some(true) {
        return Err(refused(&format!(
            "distribution {id} is kept by {keeper}, which may be alive. There, set spec.deletionPolicy: Retain and delete the object: this \
             one then takes the perimeter over by itself, as it stands. If that cluster is lost, and only then, write here \
             spec.takeOver: {{uid: {}, keeperIsGone: true}}",
            former.uid
        )));
    }
    Ok(own.taking_over(former))
}

/// A keeper, for people.
fn named(keeper: &Owner) -> String {
    format!("{} of cluster {}", keeper.keeper().object(), keeper.cluster)
}

/// Whether the path by which a distribution asks the API begins with the name of another stage. `$default` has no place in a path.
fn leads_to_another_stage(spec: &ProtectedApiSpec, row: &Listed) -> bool {
    let stage = spec.origin.stage.as_str();
    let own = row.origins.iter();
    let own = own.filter(|(domain, _)| domain.eq_ignore_ascii_case(&spec.origin.endpoint));
    let mut named = own.filter_map(|(_, path)| path.split('/').find(|part| !part.is_empty()));
    stage != "$default" && named.any(|named| named != stage)
}

/// The refusal of what `spec.takeOver` names.
#[must_use]
pub fn refused(why: &str) -> Rejection {
    Rejection::new(Reason::TakeOverRefused, format!("spec.takeOver: {why}"))
}

/// The refusal where no distribution of this UID stands.
#[must_use]
pub fn missing(wanted: &TakeOverSpec) -> Rejection {
    refused(&format!(
        "no distribution of this AWS account was made for the object of UID {}: nothing is built, since another perimeter would have \
         another address. Write the UID that `kubectl palisade orphans` or the condition Accepted of an object without spec.takeOver \
         names, or declare another object without it",
        wanted.uid
    ))
}

/// The refusal where the object has a perimeter of its own.
#[must_use]
pub fn has_another(row: &Listed) -> Rejection {
    refused(&format!(
        "this object has distribution {} already, and keeps it: declare another object for the perimeter that is to be taken over",
        row.id
    ))
}

/// The refusal where status names what was built for the object itself.
#[must_use]
pub fn has_its_own() -> Rejection {
    refused(
        "something was built for this object already, as its status says, and it keeps that: declare another object for the perimeter that \
         is to be taken over",
    )
}

/// The refusal of an object by which a perimeter is kept, as these tags of distribution `id` say, that neither its status nor its spec
/// names: another one would be built beside it.
#[must_use]
pub fn unnamed_takeover(id: &str, tags: &Tags, own: &Owner) -> Option<Rejection> {
    let found = owner_of(tags).filter(|found| found.taken.is_some() && !tags.contains_key(TAG_CONDEMNED))?;
    (found.keeper() == own.keeper() && found.uid != own.uid).then(|| {
        refused(&format!(
            "distribution {id} says that an object of this name took it over, and this spec does not: nothing is built beside it, and \
             nothing of it is touched. Write spec.takeOver: {{uid: {}}}, or declare an object of another name",
            found.uid
        ))
    })
}

/// The refusal of an object whose perimeter another one keeps by now, as these tags of its distribution say.
#[must_use]
pub fn kept_by_another(tags: &Tags, owner: &Owner) -> Option<Rejection> {
    let other = owner_of(tags).filter(|other| other.uid == owner.uid)?;
    let is_taken = other.keeper() != owner.keeper() && ownership(tags, owner) == Ownership::Foreign;
    let released = released_to_another(tags, owner);
    let keeper = released.or_else(|| is_taken.then(|| other.keeper()))?;
    let awaited = if other.keeper() == owner.keeper() {
        format!(
            ". It was let go to that one, which has not taken it over yet: that comes by itself. Where it is not there any more, declare it \
             there again, with spec.takeOver: {{uid: {}}}",
            other.uid
        )
    } else {
        String::new()
    };
    Some(Rejection::for_now(
        Reason::HandedOver,
        format!(
            "{} of cluster {} keeps this object's perimeter by now: from here nothing of it is written any more, and all in AWS \
             stays as it is when this object goes{awaited}",
            keeper.object(),
            keeper.cluster
        ),
    ))
}

/// What is next of the distribution, and of nothing else, while it does not say that `owner` keeps it; `None` where it does. Done where it
/// was let go to another; a problem where another has it; where it is taken over, the tags that say so.
#[must_use]
pub(super) fn next(owner: &Owner, seen: &SeenDistribution) -> Option<Next<Action>> {
    let is_released = |tags: &Tags| released_to_another(tags, owner).is_some();
    if seen.tags().is_some_and(is_released) {
        return Some(Next::Done);
    }
    let present = seen.present();
    if let Some(handed_over) = present.and_then(|found| kept_by_another(&found.tags, owner)) {
        let id = Id::of(Kind::Distribution);
        return Some(Next::Problem(Problem::new(
            id,
            handed_over.reason,
            handed_over.message,
        )));
    }
    owner.taken.as_ref()?;
    match seen {
        Seen::Present(found) if ownership(&found.tags, owner) == Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &owner.tags());
            let action = Action::Tag(TagCall::setting(&found.content.arn, missing));
            let id = Id::of(Kind::Distribution);
            Some(Next::act(id, &found.content.id, Verb::Update, changes, action))
        }
        Seen::Listed(Some(row)) if !row.tags.as_ref().is_some_and(|tags| is_kept(tags, owner)) => {
            Some(Next::Read)
        }
        _ => None,
    }
}

/// Whether tags say that `owner` keeps what bears them.
fn is_kept(tags: &Tags, owner: &Owner) -> bool {
    !matches!(ownership(tags, owner), Ownership::Foreign | Ownership::Stripped)
}

/// Whether `action` makes the owner the keeper of what another kept.
#[must_use]
pub fn is_takeover(action: &Action) -> bool {
    matches!(action, Action::Tag(call) if call.set().is_some_and(|set| set.contains_key(TAG_TAKEN_FROM)))
}
