//! The other objects of one API: who comes first, what they share, and who waits for whom.

use super::classes::Classed;
use super::context::Context;
use crate::api::ProtectedApi;
use crate::controller::watch::Object;
use crate::domain::kernel::identity::perimeter_uid;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls::shared_certificate::Shared;
use crate::domain::status::claims::claims;
use crate::domain::status::doors;
use crate::domain::tenancy::permissions::{Namespace, permit};
use crate::domain::tenancy::rivals::{
    Claim, Clash, access_differs, adopted_by, adopts_same, asks_for_header, asks_otherwise, bound_by, clash,
    first_of, owned_by,
};
use kube::runtime::reflector::ObjectRef;
use kube::{Resource as _, ResourceExt as _};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Stages of the object's API whose objects are such.
pub(super) fn stages_of_others(
    object: &ProtectedApi,
    permitted: &[Classed<'_>],
    is_such: fn(&ProtectedApi) -> bool,
) -> BTreeSet<String> {
    let of_api = |other: &&ProtectedApi| other.spec.origin.endpoint == object.spec.origin.endpoint;
    let siblings = permitted.iter().map(|other| &*other.object).filter(of_api);
    siblings
        .filter(|other| is_such(other))
        .map(|other| other.spec.origin.stage.clone())
        .collect()
}

/// The objects that lock other stages of the object's API, whose methods they share.
pub(super) fn sharing(object: &ProtectedApi, permitted: &[Classed<'_>]) -> Vec<String> {
    let others = permitted.iter().map(|other| &*other.object);
    let sharing = others.filter(|other| doors::shares(other, object));
    let mut names: Vec<String> = sharing.map(doors::sharer).collect();
    names.sort();
    names
}

/// The other objects of the API whose viewers may come by its default endpoint, whatever they may name by now.
pub(super) fn by_default_endpoint(others: &[Arc<Object>]) -> Vec<String> {
    let readable = others.iter().filter_map(|other| other.0.as_ref().ok());
    let coming = readable.filter(|other| doors::comes_by_default_endpoint(other));
    let mut names: Vec<String> = coming.map(doors::sharer).collect();
    names.sort();
    names
}

/// The other objects of the API whose lock hangs on its default endpoint being off, by what their classes make of them.
pub(super) fn by_endpoint_off(others: &[Arc<Object>], context: &Context) -> Vec<String> {
    let readable = others.iter().filter_map(|other| other.0.as_ref().ok());
    let hanging = readable.filter(|other| doors::hangs_on_endpoint(&context.classed(other).object));
    let mut names: Vec<String> = hanging.map(doors::sharer).collect();
    names.sort();
    names
}

/// Why another object comes first, if one does: it protects the same stage, or another of the same API in another way.
pub(super) fn rivalry(classed: &Classed<'_>, permitted: &[Classed<'_>]) -> Option<Rejection> {
    let object: &ProtectedApi = &classed.object;
    let own = &classed.claim;
    let origin = &object.spec.origin;
    let all = permitted.iter();
    let rivals: Vec<&Classed<'_>> = all.filter(|other| claims(&other.object)).collect();
    let of = |is_rival: fn(&ProtectedApi, &ProtectedApi) -> bool| -> Vec<Claim> {
        let meant = rivals.iter().filter(|other| is_rival(object, &other.object));
        meant.map(|other| other.claim.clone()).collect()
    };
    if let Some(owner) = first_of(own, &of(is_same_stage)) {
        return Some(owned_by(owner, origin));
    }
    if let Some(owner) = first_of(own, &of(is_same_distribution)) {
        return Some(adopted_by(owner, &object.spec));
    }
    let contradicting = of(contradicts);
    let by_header = asks_for_header(&object.spec);
    let rival = bound_by(own, by_header, &contradicting)?;
    let other = rivals.iter().find(|other| other.claim.uid == rival.uid);
    let clash = other.map_or(Clash::Otherwise, |other| clash(&object.spec, &other.object.spec));
    Some(access_differs(rival, origin, clash))
}

/// Of others those that can be read, and that may name what they name, with what their classes make of them.
pub(super) fn permitted<'a>(others: &'a [Arc<Object>], context: &Context) -> Vec<Classed<'a>> {
    let readable = others.iter().filter_map(|other| other.0.as_ref().ok());
    let permitted = readable.filter(|other| is_permitted(other, context));
    permitted.map(|other| context.classed(other)).collect()
}

/// Whether the Namespace of an object permits what it names: what is not permitted claims nothing.
fn is_permitted(object: &ProtectedApi, context: &Context) -> bool {
    let name = object.namespace().unwrap_or_default();
    let annotations = context.namespace_annotations(&name).unwrap_or_default();
    let namespace = Namespace {
        name: &name,
        annotations: &annotations,
    };
    let tenancy = context.accounts.own().engine.options.tenancy;
    permit(tenancy, &object.spec, namespace).is_ok()
}

/// Whether all objects of the cluster are seen: another controller may work on those of other namespaces.
pub(super) fn sees_all(context: &Context) -> bool {
    context.settings.namespace.is_none()
}

pub(super) fn uids(others: &[Arc<Object>]) -> BTreeSet<String> {
    others.iter().flat_map(|other| uids_of(other)).collect()
}

/// How many other objects share the certificate of the origin's name that `object` shares, as far as is known: of one whose AWS account is
/// not known yet it is not known either, and it counts.
pub(super) fn shared_by_others(object: &ProtectedApi, context: &Context) -> usize {
    let Some(shared) = Shared::of_spec(&object.spec) else {
        return 0;
    };
    let account = account_of(object);
    let all = context.watched.objects.state();
    let others = all.iter().filter(|other| other.meta().uid != object.metadata.uid);
    let sharing = others.filter_map(|other| other.0.as_ref().ok());
    let sharing = sharing.filter(|other| shares(other, account, &shared));
    sharing.count()
}

/// What objects share in an AWS account; `None` where an object cannot be read, since nobody knows what that shares.
pub(super) fn shared_certificates(account: &str, context: &Context) -> Option<BTreeSet<Shared>> {
    let all = context.watched.objects.state();
    let readable: Option<Vec<&ProtectedApi>> = all.iter().map(|object| object.0.as_ref().ok()).collect();
    let declared = readable?.into_iter().filter_map(|object| {
        let shared = Shared::of_spec(&object.spec)?;
        shares(object, Some(account), &shared).then_some(shared)
    });
    Some(declared.collect())
}

/// Whether an object that stays shares that, in that account as far as is known.
fn shares(object: &ProtectedApi, account: Option<&str>, shared: &Shared) -> bool {
    let is_elsewhere = account_of(object)
        .zip(account)
        .is_some_and(|(known, asked)| known != asked);
    let is_same = Shared::of_spec(&object.spec).as_ref() == Some(shared);
    is_same && !is_elsewhere && object.metadata.deletion_timestamp.is_none()
}

fn account_of(object: &ProtectedApi) -> Option<&str> {
    object.status.as_ref()?.account_id.as_deref()
}

/// The UIDs by which resources of `object` are known as those of one that is alive.
pub(super) fn uids_of(object: &Object) -> impl Iterator<Item = String> {
    let readable = object.0.as_ref().ok();
    let former = readable.and_then(perimeter_uid).map(ToOwned::to_owned);
    former.into_iter().chain(object.uid())
}

/// Whether the resources of any object may bear this UID. Hardly ever asked, and then of few.
pub(super) fn is_alive(uid: &str, context: &Context) -> bool {
    let all = context.watched.objects.state();
    !sees_all(context) || all.iter().any(|object| uids_of(object).any(|known| known == uid))
}

/// The other objects of the same API.
pub(super) fn others(object: &ProtectedApi, context: &Context) -> Vec<Arc<Object>> {
    let claimants = context.watched.claims.of(&object.spec.origin.endpoint);
    let known = claimants
        .iter()
        .filter_map(|other| context.watched.objects.get(other));
    known
        .filter(|other| other.meta().uid != object.metadata.uid)
        .collect()
}

/// Whether both lock stages of one API, in different ways.
fn contradicts(a: &ProtectedApi, b: &ProtectedApi) -> bool {
    a.spec.origin.endpoint == b.spec.origin.endpoint
        && a.spec.origin.stage != b.spec.origin.stage
        && asks_otherwise(&a.spec, &b.spec)
}

fn is_same_stage(a: &ProtectedApi, b: &ProtectedApi) -> bool {
    a.spec.origin.endpoint == b.spec.origin.endpoint && a.spec.origin.stage == b.spec.origin.stage
}

fn is_same_distribution(a: &ProtectedApi, b: &ProtectedApi) -> bool {
    adopts_same(&a.spec, &b.spec)
}

/// The objects that waited for this one's API go on.
pub(super) fn wake_rivals(gone: &ProtectedApi, context: &Context, is_meant: fn(&ProtectedApi) -> bool) {
    let others = others(gone, context);
    let gone = context.classed(gone).object;
    let rivals = others.iter().filter(|other| {
        let Ok(other) = &other.0 else { return false };
        let other = context.classed(other).object;
        let waited =
            is_same_stage(&gone, &other) || contradicts(&gone, &other) || is_same_distribution(&gone, &other);
        is_meant(&other) && waited
    });
    for rival in rivals {
        context.watched.triggers.one(ObjectRef::from_obj(rival.as_ref()));
    }
}
