//! What a change of an object's spec alone would do, reckoned from what is wanted before and after: nothing of AWS is read.

use super::documents::{beginnings, flat};
use super::{documents, told};
use crate::api::{Enforcement, PlanStep, PlanVerb};
use crate::domain::access::proof::Proof;
use crate::domain::firewall::rules::parts;
use crate::domain::firewall::web_acl::{diff, managed, merged};
use crate::domain::kernel::change::{Change, changes, changes_between};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::Desired;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Fields of what is wanted of an API by which nothing in AWS changes.
const OURS_ALONE: [&str; 6] = [
    "cutOver",
    "deployPendingChanges",
    "probes",
    "probePath",
    "probeHost",
    "probeHeader",
];
/// How old a secret value may become: it is replaced by the clock.
const ROTATION: &str = "rotationPeriod";

/// Kinds that are never made, and never go.
const IN_PLACE: [Kind; 2] = [Kind::Access, Kind::Endpoint];

/// One step a resource that is wanted otherwise `then` than it is `now`.
#[must_use]
pub fn steps_between(now: &Desired, then: &Desired) -> Vec<PlanStep> {
    let mut steps: Vec<PlanStep> = Kind::ALL
        .into_iter()
        .flat_map(|kind| ids(kind, now, then))
        .filter_map(|id| step(&id, now, then))
        .collect();
    follow(&mut steps, now, then);
    steps
}

/// Which of a kind either wants.
fn ids(kind: Kind, now: &Desired, then: &Desired) -> Vec<Id> {
    if kind != Kind::IpSet {
        return vec![Id::of(kind)];
    }
    let sets = now.ip_sets.iter().chain(&then.ip_sets);
    let parts: BTreeSet<String> = sets.map(|set| set.part.clone()).collect();
    let of = |part: String| Id { part, ..Id::of(kind) };
    parts.into_iter().map(of).collect()
}

fn step(id: &Id, now: &Desired, then: &Desired) -> Option<PlanStep> {
    let (verb, changed) = match (document(now, id), document(then, id)) {
        // Routes and the default endpoint are API Gateway's: they are changed, and a lock is not opened by a spec that only looks.
        (Some(_), None) if IN_PLACE.contains(&id.kind) => return None,
        (None, Some(_)) if IN_PLACE.contains(&id.kind) => {
            return Some(told(id, name(then, id), PlanVerb::Change, &[], &[]));
        }
        (None, None) => return None,
        (None, Some(_)) => (PlanVerb::Create, beginnings(then, id)),
        (Some(_), None) => (PlanVerb::Delete, vec![]),
        (Some(was), Some(is)) => (PlanVerb::Change, changed(id, now, then, was, is)),
    };
    let is_none = verb == PlanVerb::Change && changed.is_empty();
    (!is_none).then(|| told(id, name(then, id), verb, &changed, &[]))
}

fn changed(id: &Id, now: &Desired, then: &Desired, was: Value, is: Value) -> Vec<Change> {
    match id.kind {
        Kind::WebAcl => of_web_acl(now, then),
        _ => changes(&flat(was), &flat(is)),
    }
}

/// A web ACL's rules are told apart by their names, as those of an update are.
fn of_web_acl(now: &Desired, then: &Desired) -> Vec<Change> {
    let ours = |desired: &Desired| {
        let sets = desired.ip_sets.iter();
        // Which set a rule names matters, and not how AWS calls it.
        let arns: BTreeMap<String, String> = sets.map(|set| (set.part.clone(), set.part.clone())).collect();
        managed(&merged(&json!({}), parts(&desired.web_acl.spec, &arns)))
    };
    let mut changed = diff(&ours(then), &ours(now));
    let tags = changes_between(&now.web_acl.tags, &then.web_acl.tags);
    changed.extend(tags.into_iter().map(|change| Change {
        path: format!("tags.{}", change.path),
        ..change
    }));
    changed
}

/// What is wanted of a resource, with the paths that its updates have.
fn document(desired: &Desired, id: &Id) -> Option<Value> {
    match id.kind {
        Kind::Access => of_access(desired),
        Kind::Endpoint => {
            let wanted = desired.mutual_tls.as_ref();
            let wanted = wanted.filter(|wanted| wanted.enforcement == Enforcement::Enforce && !wanted.leaves);
            wanted.map(|_| json!({"off": true}))
        }
        Kind::Distribution => {
            let wanted = &desired.distribution;
            let mut document = serde_json::to_value(&wanted.settings).ok()?;
            document["tags"] = json!(wanted.tags);
            Some(document)
        }
        _ => documents::wanted(desired, id),
    }
}

/// The routes are only looked at where the spec says so, or where a client certificate is what locks the API.
fn of_access(desired: &Desired) -> Option<Value> {
    let wanted = &desired.access;
    if wanted.enforcement == Enforcement::Observe || wanted.proof == Proof::Certificate {
        return None;
    }
    let mut document = serde_json::to_value(wanted).ok()?;
    let fields = document.as_object_mut()?;
    fields.retain(|field, _| field != "owner" && field != ROTATION && !OURS_ALONE.contains(&field.as_str()));
    Some(document)
}

/// The distribution follows what it names and sends.
fn follow(steps: &mut Vec<PlanStep>, now: &Desired, then: &Desired) {
    let of = |steps: &[PlanStep], kind: Kind| steps.iter().position(|step| step.kind == kind.name());
    let mut paths = vec![];
    if of(steps, Kind::Function).is_some() {
        paths.push("signerVersionArn");
    }
    if now.access.proof != then.access.proof {
        paths.push("origin.headers");
    }
    if paths.is_empty() || of(steps, Kind::Distribution).is_some() {
        return;
    }
    let id = Id::of(Kind::Distribution);
    let changed: Vec<Change> = paths.into_iter().map(follows).collect();
    let step = told(&id, name(then, &id), PlanVerb::Change, &changed, &[]);
    steps.push(PlanStep { known: false, ..step });
}

/// A change whose values only AWS knows.
fn follows(path: &str) -> Change {
    Change {
        path: path.to_owned(),
        from: Value::Null,
        to: Value::Null,
    }
}

fn name(desired: &Desired, id: &Id) -> String {
    match id.kind {
        Kind::Role => desired.role.creation.name.clone(),
        Kind::Function => desired.function.name.clone(),
        Kind::WebAcl | Kind::Logging => desired.web_acl.name.clone(),
        Kind::Access => format!("{}/{}", desired.access.gate.api_id, desired.access.gate.stage),
        Kind::Endpoint => desired.access.gate.api_id.clone(),
        _ => desired.owner.resource_name(documents::NAME_LIMIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{PlanEffect, SigV4Spec};
    use crate::domain::edge::host::Known;
    use crate::domain::firewall::promotion::Standing;
    use crate::domain::kernel::identity::{Owner, Tags};
    use crate::domain::perimeter::desired::{Facts, desired};

    fn wanted(more: &str) -> Desired {
        let origin =
            "origin: {endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
        let spec = serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap();
        let facts = Facts {
            owner: Owner {
                cluster: "c".into(),
                namespace: "shop".into(),
                name: "petstore".into(),
                uid: "0f1e2d3c-0000-4000-8000-000000000000".into(),
                taken: None,
            },
            account: "123456789012".into(),
            default_tags: Tags::new(),
            permissions_boundary: None,
            zip: vec![].into(),
            code_sha256: if more.contains("sigV4") { "b" } else { "a" }.into(),
            signer: SigV4Spec::default(),
            rotate: None,
            checkers: Some(vec![]),
            held_mode: None,
            promotions: Standing::default(),
            leaving: None,
            policies: Known::default(),
        };
        desired(&spec, &facts).unwrap()
    }

    /// Kind, verb and changed paths of each step from a spec to another one.
    fn steps(now: &str, then: &str) -> Vec<(String, PlanVerb, Vec<String>)> {
        let steps = steps_between(&wanted(now), &wanted(then)).into_iter();
        let paths = |step: &PlanStep| step.changes.iter().map(|change| change.path.clone()).collect();
        steps
            .map(|step| (step.kind.clone(), step.verb, paths(&step)))
            .collect()
    }

    fn change(kind: &str, paths: &[&str]) -> (String, PlanVerb, Vec<String>) {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        (kind.to_owned(), PlanVerb::Change, paths)
    }

    #[test]
    fn the_same_spec_takes_no_step() {
        assert!(steps("", "").is_empty());
        assert!(steps("", "access: {cutOver: AfterDeployed, rotationPeriod: 48h}").is_empty());
    }

    #[test]
    fn rules_of_a_web_acl_are_told_by_their_names() {
        let limit = |limit: u32| format!("webAcl: {{rateLimits: [{{name: per-ip, limit: {limit}}}]}}");
        let found = steps_between(&wanted(&limit(2000)), &wanted(&limit(500)));
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .changes
                .iter()
                .all(|change| change.path.starts_with("rules.rate-per-ip"))
        );
        assert_eq!(found[0].viewers, PlanEffect::Visible);
    }

    #[test]
    fn what_changes_of_a_distribution_has_the_paths_of_its_updates() {
        assert_eq!(
            steps("", "distribution: {priceClass: PriceClass_100}"),
            [change("distribution", &["priceClass"])]
        );
    }

    #[test]
    fn the_distribution_follows_a_signer_with_other_code() {
        let found = steps("", "access: {sigV4: {viewerAuthorization: Forward}}");
        let kinds: Vec<&str> = found.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds, ["function", "distribution"]);
        assert_eq!(found[1].2, ["signerVersionArn"]);
    }

    #[test]
    fn a_default_endpoint_is_switched_off_once_its_lock_is_enforced_and_not_on_by_a_spec_that_only_looks() {
        let of = |enforcement: &str| {
            format!(
                "access: {{mode: MutualTls, enforcement: {enforcement}, mutualTls: {{hostedZoneId: Z1, originDomain: \
                 origin.example.com, truststoreBucket: store}}}}"
            )
        };
        let (observe, enforce) = (of("Observe"), of("Enforce"));
        let made = steps_between(&wanted(&observe), &wanted(&enforce));
        let kinds: Vec<&str> = made.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds, ["endpoint"]);
        assert_eq!(
            (made[0].verb, made[0].name.as_str()),
            (PlanVerb::Change, "a1b2c3d4e5")
        );
        assert_eq!(made[0].viewers, PlanEffect::Visible);
        assert!(steps(&enforce, &observe).is_empty());
        assert!(steps(&enforce, &enforce).is_empty());
        let from_another = steps("", &enforce);
        assert!(from_another.iter().any(|(kind, ..)| kind == "endpoint"));
        assert!(from_another.iter().all(|(kind, ..)| kind != "access"));
    }

    #[test]
    fn a_lock_is_made_and_never_opened_by_a_change_of_the_spec() {
        let observe = "access: {enforcement: Observe}";
        let made = steps(observe, "");
        assert_eq!(
            made.iter().map(|(kind, ..)| kind.as_str()).collect::<Vec<_>>(),
            ["access"]
        );
        assert!(steps("", observe).is_empty());
    }
}
