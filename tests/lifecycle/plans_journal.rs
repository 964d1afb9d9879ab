//! Every write of the engine's on the way to Ready, held against the steps of a plan.

use super::support::simulation::journal::Entry;
use palisade::api::{PlanReport, PlanStep, PlanVerb};
use palisade::aws::operations::Service;
use palisade::controller::engine::Done;
use palisade::domain::kernel::planning::Verb;
use palisade::domain::status::planned::NO_UID;
use std::collections::BTreeMap;

/// A resource: its kind, and which of it.
type Id = (String, String);

/// Kinds whose steps are called otherwise by the engine, and why.
const NAMED_LATER: [(&str, &str); 9] = [
    (
        "access",
        "the plan names the stage, and the engine each method and deployment of it",
    ),
    ("apiKey", "there are a key and a usage plan"),
    ("certificate", "ACM makes its ARN up"),
    ("distribution", "CloudFront makes its id up"),
    ("healthCheck", "Route 53 makes its id up"),
    ("logging", "it is called by the web ACL's ARN, which WAF makes up"),
    ("originCertificate", "ACM makes its ARN up"),
    (
        "originRecords",
        "ACM makes up the names of the records that prove a certificate",
    ),
    (
        "records",
        "ACM makes up the names of the records that prove a certificate",
    ),
];
/// Kinds whose first write comes before what their steps wait for, and why: the last one does not.
const BEGUN_BEFORE: [(&str, &str); 2] = [
    (
        "originRecords",
        "the records that prove a certificate come before those that lead viewers",
    ),
    (
        "records",
        "the records that prove a certificate come before those that lead viewers",
    ),
];

/// What the engine did with a resource, in order.
#[derive(Debug, Default)]
struct Taken {
    /// As many steps came before its first.
    first: usize,
    /// As many came before its last.
    last: usize,
    /// The first was done in the first pass that did anything.
    at_once: bool,
    name: String,
    verbs: Vec<PlanVerb>,
}

/// What of the passes' doings and of AWS's journal no step of the plan has said, and what of the plan was not done.
pub fn differences(plan: &PlanReport, uid: &str, passes: &[Vec<Done>], writes: &[Entry]) -> Vec<String> {
    let taken = taken(passes);
    let mut out = Vec::new();
    for (id, done) in &taken {
        out.extend(compared(plan, id, uid, done));
    }
    for step in &plan.steps {
        match taken.get(&id_of(step)) {
            Some(done) => out.extend(disordered(plan, step, done, &taken)),
            None => out.push(format!("not done: {:?} {} {:?}", step.verb, step.kind, step.part)),
        }
    }
    let is_told = |kind: &&str| plan.steps.iter().any(|step| step.kind == **kind);
    for write in writes.iter().filter(|write| write.code.is_none()) {
        if !kinds_of(write).iter().any(&is_told) {
            let (service, operation) = (write.operation.service.name(), write.operation.name);
            out.push(format!("of no step: {service} {operation} {}", write.resource));
        }
    }
    out
}

fn is_in(list: &[(&str, &str)], kind: &str) -> bool {
    list.iter().any(|(known, _)| *known == kind)
}

fn id_of(step: &PlanStep) -> Id {
    (step.kind.clone(), step.part.clone().unwrap_or_default())
}

/// The resource whose step it is. A stage's lock is one: its methods, its policy, its deployments and its marks.
fn id_of_done(Done { step }: &Done) -> Id {
    let kind = step.id.kind.name().to_owned();
    let part = if kind == "access" {
        ""
    } else {
        step.id.part.as_str()
    };
    (kind, part.to_owned())
}

fn taken(passes: &[Vec<Done>]) -> BTreeMap<Id, Taken> {
    let mut taken = BTreeMap::<Id, Taken>::new();
    let busy = passes.iter().filter(|pass| !pass.is_empty()).enumerate();
    let steps = busy.flat_map(|(pass, done)| done.iter().map(move |done| (pass, done)));
    for (at, (pass, done)) in steps.enumerate() {
        let known = taken.entry(id_of_done(done)).or_insert_with(|| Taken {
            first: at,
            at_once: pass == 0,
            name: done.step.name.clone(),
            ..Taken::default()
        });
        known.last = at;
        known.verbs.push(match done.step.verb {
            Verb::Create => PlanVerb::Create,
            Verb::Update => PlanVerb::Change,
            Verb::Delete => PlanVerb::Delete,
        });
    }
    taken
}

/// How a resource was treated otherwise than the plan says. What is made, or goes, may be changed before or after that.
fn compared(plan: &PlanReport, id: &Id, uid: &str, done: &Taken) -> Option<String> {
    let steps: Vec<&PlanStep> = plan.steps.iter().filter(|step| id_of(step) == *id).collect();
    let Some(step) = steps.first() else {
        return Some(format!("not in the plan: {id:?} {:?} {}", done.verbs, done.name));
    };
    let is_told = |verb: PlanVerb| steps.iter().any(|step| step.verb == verb);
    let made = done.verbs.first() == Some(&PlanVerb::Create);
    let gone = done.verbs.last() == Some(&PlanVerb::Delete);
    let is_as_told = is_told(PlanVerb::Create) == made
        && is_told(PlanVerb::Delete) == gone
        && (made || !done.verbs.contains(&PlanVerb::Create))
        && (gone || !done.verbs.contains(&PlanVerb::Delete));
    let short = uid.get(..8).unwrap_or(uid);
    let is_named = is_in(&NAMED_LATER, &id.0)
        || [uid, short]
            .iter()
            .any(|uid| step.name.replace(NO_UID, uid) == done.name);
    let told: Vec<PlanVerb> = steps.iter().map(|step| step.verb).collect();
    (!is_as_told || !is_named).then(|| {
        let (verbs, name) = (&done.verbs, &done.name);
        format!("{id:?}: told {told:?} {}, done {verbs:?} {name}", step.name)
    })
}

/// What a step should have waited for, and did not; or that it waited, and nobody said so.
fn disordered(plan: &PlanReport, step: &PlanStep, done: &Taken, taken: &BTreeMap<Id, Taken>) -> Vec<String> {
    let mut out = Vec::new();
    // What was made and changed before it goes, waits for nothing.
    let is_last = step.verb == PlanVerb::Delete || is_in(&BEGUN_BEFORE, &step.kind);
    let at = if is_last { done.last } else { done.first };
    for kind in &step.after {
        let first = plan.steps.iter().filter(|first| first.kind == *kind);
        let mut first = first.filter_map(|first| taken.get(&id_of(first)));
        if first.any(|first| first.first > at) {
            out.push(format!("{} {:?} did not wait for {kind}", step.kind, step.part));
        }
    }
    if step.known && !done.at_once {
        out.push(format!("{} {:?} was not done at once", step.kind, step.part));
    }
    out
}

/// The kinds of resources in whose steps such a write is made.
fn kinds_of(write: &Entry) -> &'static [&'static str] {
    match (write.operation.service, write.operation.name) {
        (Service::Iam, _) => &["role", "authorizer"],
        (Service::Lambda, _) => &["function", "authorizer"],
        (Service::Waf, "TagResource" | "UntagResource") => &["ipSet", "webAcl"],
        (Service::Waf, name) if name.ends_with("IPSet") => &["ipSet"],
        (Service::Waf, name) if name.ends_with("WebACL") => &["webAcl"],
        (Service::Waf, name) if name.ends_with("LoggingConfiguration") => &["logging"],
        // Marks of a lock, and of a default endpoint that is switched, stand on the distribution.
        (Service::CloudFront, "TagResource" | "UntagResource") => &["distribution", "access", "endpoint"],
        (Service::CloudFront, _) => &["distribution"],
        (Service::Acm, _) => &["certificate", "originCertificate", "clientCertificate"],
        (Service::Route53, "ChangeResourceRecordSets") => {
            &["records", "originRecords", "certificate", "originCertificate"]
        }
        (Service::Route53, _) => &["healthCheck"],
        (Service::S3, _) => &["truststore"],
        (Service::Shield, _) => &["protection"],
        (Service::CloudWatch, _) => &["alarm"],
        (Service::ApiGatewayV2, name) if name.contains("Domain") || name.contains("Mapping") => {
            &["originDomain"]
        }
        (Service::ApiGatewayV2, "TagResource" | "UntagResource") => &["originDomain"],
        (Service::ApiGateway, name) if name.contains("Key") || name.contains("UsagePlan") => &["apiKey"],
        (Service::ApiGateway, "TagResource" | "UntagResource") => &["apiKey"],
        (_, name) if name.contains("Authorizer") => &["authorizer"],
        (_, "UpdateStage" | "CreateDeployment" | "DeleteDeployment" | "UpdateRestApi" | "UpdateApi") => {
            &["access", "endpoint"]
        }
        (_, "UpdateMethod" | "UpdateRoute") => &["access"],
        _ => &[],
    }
}
