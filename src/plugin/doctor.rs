//! What keeps Palisade, or an object, from working: from facts to findings, a function for each row.

mod facts;
#[cfg(test)]
mod facts_fixtures;
mod finding;
mod leader;
mod mode;
mod of_object;

pub use facts::{Controller, Facts, Fit, Held, Known, Purpose, Right, Subject};
pub use finding::{Finding, Level};
pub use leader::{leases, most_telling, nobody_leads};

use super::lines::{Colour, Lines, Mark};
use super::look::Look;
use super::read::part;
use super::words::in_context;
use crate::api::{GROUP, KINDS};
use finding::unread;
use jiff::SignedDuration;
use serde_json::Value;

/// Clocks may differ by so much: answers of the API server have whole seconds, and take a moment.
const SKEW: SignedDuration = SignedDuration::from_secs(30);
/// How the controller's Deployment is found.
pub const SELECTOR: &str = "app.kubernetes.io/name=palisade";
/// Of this plugin.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// All that follows from `facts`, in the order in which things hang on each other.
#[must_use]
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(clock(facts));
    found.extend(served(facts));
    found.push(fit(facts));
    found.extend(controllers(facts));
    found.extend(versions(facts));
    found.extend(leader::finding(facts));
    found.extend(watched(facts));
    found.extend(Purpose::ALL.map(|purpose| rights(facts, purpose)));
    found.extend(of_object::findings(facts));
    found.into_iter().map(Finding::cleaned).collect()
}

/// Whether something does not work.
#[must_use]
pub fn has_failure(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Fail)
}

/// A line for each finding, and below it what to do.
#[must_use]
pub fn text(findings: &[Finding], look: Look) -> String {
    let mut lines = Lines::new(look);
    for finding in findings {
        let mark = match finding.level {
            Level::Ok => Mark {
                sign: "ok  ",
                colour: Colour::Green,
            },
            Level::Warn => Mark {
                sign: "warn",
                colour: Colour::Yellow,
            },
            Level::Fail => Mark {
                sign: "FAIL",
                colour: Colour::Red,
            },
        };
        lines.paragraph(0, Some(mark), &format!("{}: {}", finding.about, finding.said));
        if let Some(remedy) = &finding.remedy {
            lines.paragraph(5, None, remedy);
        }
    }
    lines.into_text()
}

/// What there is to know where a controller does not do what it should: which Deployment to look at.
#[must_use]
pub fn where_to_look(controllers: &Known<Vec<Controller>>, context: Option<&str>) -> String {
    match controllers {
        Known::Seen(found) if found.is_empty() => format!(
            "no Deployment of this cluster is labelled {SELECTOR}; where Palisade runs otherwise, look at its log"
        ),
        Known::Seen(found) => {
            let each = found.iter().map(|found| {
                let (place, ready, wanted) = (found.place(), found.ready, found.wanted);
                let (namespace, name) = (&found.namespace, &found.name);
                let other = found.version.as_ref().filter(|version| *version != VERSION);
                let other = other.map_or_else(String::new, |version| {
                    format!(", and runs {version}, while this plugin is of {VERSION}")
                });
                let logs = in_context(&format!("kubectl -n {namespace} logs deployment/{name}"), context);
                format!(
                    "the Deployment {place} has {ready} of {wanted} pods ready{other}: {logs} says whether its version knows PerimeterPlans, \
                     and may watch them"
                )
            });
            part::<String>(&Value::from(each.collect::<Vec<_>>().join("; "))).unwrap_or_default()
        }
        Known::NotPermitted | Known::Failed(_) => format!(
            "{} shows whether one runs, and its log whether its version knows PerimeterPlans",
            in_context(&format!("kubectl get deployments -A -l {SELECTOR}"), context)
        ),
    }
}

/// Whether it is certain that no controller looks at anything now.
#[must_use]
pub fn none_is_ready(controllers: &Known<Vec<Controller>>) -> bool {
    matches!(controllers, Known::Seen(found) if !found.is_empty() && found.iter().all(|found| found.ready == 0))
}

fn clock(facts: &Facts) -> Option<Finding> {
    let skew = facts.now.duration_since(facts.server_time?);
    let seconds = skew.abs().as_secs();
    if skew.abs() <= SKEW {
        return Some(Finding::new(
            Level::Ok,
            "clock",
            "this machine's and the API server's agree",
        ));
    }
    let way = if skew.is_negative() { "behind" } else { "ahead of" };
    let said = format!(
        "this machine's is {seconds} s {way} the API server's: ages are told wrongly, and AWS refuses what is signed 5 minutes off"
    );
    Some(Finding::new(Level::Warn, "clock", said).with("have the one that is wrong set by NTP"))
}

fn served(facts: &Facts) -> Vec<Finding> {
    let about = "definitions";
    let served = match &facts.served {
        Known::Seen(served) => served,
        Known::NotPermitted => return vec![unread(about, "which kinds are served")],
        Known::Failed(why) => return vec![Finding::new(Level::Warn, about, why)],
    };
    let missing = KINDS
        .iter()
        .filter(|kind| !served.iter().any(|found| found == *kind));
    let missing: Vec<Finding> = missing
        .map(|kind| {
            let level = if *kind == KINDS[0] {
                Level::Fail
            } else {
                Level::Warn
            };
            Finding::new(level, about, format!("the cluster does not serve {kind}.{GROUP}"))
                .with("bring them in by the palisade of the version that runs there: palisade crd --apply")
        })
        .collect();
    if missing.is_empty() {
        let said = format!("{} of {GROUP} are served", KINDS.join(", "));
        return vec![Finding::new(Level::Ok, about, said)];
    }
    missing
}

fn fit(facts: &Facts) -> Finding {
    let (about, version) = ("versions", &facts.version);
    let same = "use the kubectl-palisade of the version that runs in the cluster";
    match &facts.fit {
        Known::Seen(Fit::Same) => {
            let said = format!("what is served is what this plugin of version {version} knows");
            Finding::new(Level::Ok, about, said)
        }
        Known::Seen(Fit::Older { kind, lacked }) => {
            let said =
                format!("the cluster's {kind} lacks {lacked}, which this plugin of version {version} knows");
            Finding::new(Level::Warn, about, said).with(format!(
                "{same}; where that is this one, its definitions are missing: palisade crd --apply"
            ))
        }
        Known::Seen(Fit::Newer { kind, lacked }) => {
            let said =
                format!("this plugin of version {version} does not know {lacked} of the cluster's {kind}");
            Finding::new(Level::Warn, about, said).with(same)
        }
        Known::NotPermitted => unread(about, "what is served"),
        Known::Failed(why) => Finding::new(Level::Warn, about, why),
    }
}

fn controllers(facts: &Facts) -> Vec<Finding> {
    let about = "controller";
    let found = match &facts.controllers {
        Known::Seen(found) => found,
        Known::NotPermitted => {
            let list = facts.here(&format!("kubectl get deployments -A -l {SELECTOR}"));
            let remedy = format!("ask somebody who may: {list}");
            return vec![unread(about, "Deployments").with(remedy)];
        }
        Known::Failed(why) => return vec![Finding::new(Level::Warn, about, why)],
    };
    if found.is_empty() {
        let said = format!("no Deployment is labelled {SELECTOR}");
        return vec![Finding::new(Level::Fail, about, said).with(
            "docs/install.md says how to install it; where it runs otherwise, its log says what it does",
        )];
    }
    found.iter().map(|found| controller(facts, found)).collect()
}

fn controller(facts: &Facts, found: &Controller) -> Finding {
    let (about, place) = ("controller", found.place());
    let (namespace, name) = (&found.namespace, &found.name);
    let (ready, wanted) = (found.ready, found.wanted);
    let said = format!("the Deployment {place} has {ready} of {wanted} pods ready");
    let why = format!(
        "{} and {} say why",
        facts.here(&format!("kubectl -n {namespace} describe pods -l {SELECTOR}")),
        facts.here(&format!("kubectl -n {namespace} logs deployment/{name}"))
    );
    match (ready, wanted) {
        (_, 0) => Finding::new(
            Level::Fail,
            about,
            format!("somebody has scaled the Deployment {place} to 0"),
        )
        .with("ask who did so, and why, before it is scaled up again"),
        (0, _) => Finding::new(Level::Fail, about, said).with(why),
        (ready, wanted) if ready < wanted => Finding::new(Level::Warn, about, said).with(why),
        _ => Finding::new(Level::Ok, about, said),
    }
}

fn versions(facts: &Facts) -> Vec<Finding> {
    let seen = seen(&facts.controllers);
    let others = seen.iter().filter_map(|found| {
        let version = found.version.as_ref()?;
        (*version != facts.version).then(|| {
            let said = format!(
                "{} runs {version}, and this plugin is of {}",
                found.place(),
                facts.version
            );
            Finding::new(Level::Warn, "versions", said)
                .with("use the kubectl-palisade of the version that runs in the cluster")
        })
    });
    others.collect()
}

fn watched(facts: &Facts) -> Option<Finding> {
    let found = seen(&facts.controllers);
    let namespace = &facts.namespace;
    let watches = |found: &Controller| found.watches.as_ref().is_none_or(|one| one == namespace);
    if found.is_empty() || found.iter().any(watches) {
        return None;
    }
    let others = found.iter().filter_map(|found| found.watches.clone());
    let others = others.collect::<Vec<_>>().join(", ");
    let said = format!("the controller watches the namespace {others} alone, and not {namespace}");
    Some(
        Finding::new(Level::Fail, "controller", said)
            .with("its option --namespace says so; -n names another one here"),
    )
}

fn rights(facts: &Facts, purpose: Purpose) -> Finding {
    let place = if purpose.is_namespaced() {
        format!(" in {}", facts.namespace)
    } else {
        String::new()
    };
    let what = format!("{}{place}", purpose.resource());
    let of_purpose = facts.rights.iter().filter(|right| right.purpose == purpose);
    let (granted, others): (Vec<&Right>, Vec<&Right>) =
        of_purpose.partition(|right| right.is_granted == Some(true));
    let verbs = |rights: &[&Right]| {
        rights
            .iter()
            .map(|right| right.verb)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let about = "rights";
    if others.is_empty() {
        let said = format!("you may {} {what}", verbs(&granted));
        return Finding::new(Level::Ok, about, said);
    }
    let missing = verbs(&others);
    if others.iter().all(|right| right.is_granted.is_none()) {
        let said = format!("the API server does not tell whether you may {missing} {what}");
        return Finding::new(Level::Warn, about, said);
    }
    let level = if purpose == Purpose::Status {
        Level::Fail
    } else {
        Level::Warn
    };
    let said = format!(
        "you may not {missing} {what}, which {} needs",
        purpose.needed_by()
    );
    Finding::new(level, about, said).with(format!("ask for it: {}", purpose.granted_by()))
}

/// The controllers that are known.
fn seen(controllers: &Known<Vec<Controller>>) -> &[Controller] {
    match controllers {
        Known::Seen(found) => found,
        Known::NotPermitted | Known::Failed(_) => &[],
    }
}

#[cfg(test)]
mod tests;
