//! The picture of an object: the way of a request from the viewer to the API, and the state of each part of it.

use super::adoption;
use super::awaited::{Awaited, awaited};
use super::read::{NOT_LOOKED_AT, Read, Unreadable, read};
use super::which;
use super::words::in_context;
use crate::api::{
    OtherDoor, OtherDoorState, OtherDoorType, PlanReport, ProtectedApiSpec, ProtectedApiStatus,
};
use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use serde::Serialize;
use serde_json::Value;

/// An object as people see it.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Where viewers call the API, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The whole: `Ready`.
    pub ready: Check,
    /// Conditions that belong to no part of the way: `Stalled`, where it says more than those, and what a later version has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub besides: Vec<Check>,
    /// What is to be known before the rest is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// What a request passes, in order.
    pub way: Vec<Station>,
    /// What else leads to the API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_doors: Vec<Door>,
    /// What would be done in AWS, while `spec.suspend` holds it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanReport>,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// What is worth knowing of what stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A part of the way.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// What it is.
    pub name: &'static str,
    /// Which one.
    pub what: String,
    /// The worst of its conditions.
    pub state: State,
    /// Its conditions.
    pub conditions: Vec<Check>,
}

/// A condition.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its type.
    #[serde(rename = "type")]
    pub condition: String,
    /// How it is.
    pub state: State,
    /// Its reason; empty where the status does not have the condition.
    pub reason: String,
    /// Since when it has had that reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What comes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited: Option<Awaited>,
    /// Its message, where it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Something else that leads to the API.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Which one, and who may pass it.
    pub what: String,
    /// Locked is good, open is bad.
    pub state: State,
}

/// How a part is, from the best to the worst.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Good,
    /// The spec does not ask for it, or holds it up.
    Off,
    /// Not known.
    Unknown,
    /// It comes by itself.
    Waiting,
    /// A person must help.
    Bad,
}

impl Picture {
    /// The picture of an object as the API server has it, with commands for the cluster of `context` where one was named.
    #[must_use]
    pub fn of(object: &Value, context: Option<&str>) -> Self {
        match read(object) {
            Ok(read) => Self::of_read(&read, context),
            Err(unreadable) => Self::of_unreadable(&unreadable),
        }
    }

    fn of_unreadable(unreadable: &Unreadable) -> Self {
        Self {
            namespace: unreadable.namespace.clone(),
            name: unreadable.name.clone(),
            url: None,
            ready: check(&ProtectedApiStatus::default(), "Ready"),
            besides: vec![],
            remarks: vec![unreadable.to_string()],
            way: vec![],
            other_doors: vec![],
            plan: None,
            cost: None,
            notes: vec![],
        }
    }

    fn of_read(read: &Read, context: Option<&str>) -> Self {
        let metadata = &read.object.metadata;
        let status = read.object.status.clone().unwrap_or_default();
        let spec = &read.object.spec;
        let way = way(spec, &status);
        let looked_at = status.observed_generation.filter(|seen| *seen != NOT_LOOKED_AT);
        let is_current = looked_at.is_some() && looked_at >= metadata.generation;
        let mut remarks = remarks(read, looked_at, context);
        let (namespace, name) = (metadata.namespace.clone(), metadata.name.clone());
        let (namespace, name) = (namespace.unwrap_or_default(), name.unwrap_or_default());
        let adoption = status.adoption.as_ref();
        remarks.extend(
            adoption
                .into_iter()
                .flat_map(|found| adoption::remarks(found, &namespace, &name, context)),
        );
        if let Some(asked) = &metadata.deletion_timestamp {
            remarks.push(format!("it is being deleted since {}", asked.0));
        }
        Self {
            namespace,
            name,
            url: status.url.clone(),
            ready: whole(&status, &way, is_current),
            besides: besides(&status, &way),
            remarks,
            way,
            other_doors: other_doors(spec, &status),
            plan: status.plan.clone().filter(|_| spec.suspend == Some(true)),
            cost: status.cost.as_ref().map(which::cost),
            notes: {
                let of_adoption = adoption.into_iter().flat_map(adoption::notes);
                status.notes.iter().map(which::note).chain(of_adoption).collect()
            },
        }
    }

    /// Whether all that the present spec asks for stands.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.state == State::Good
    }

    /// `namespace/name`.
    #[must_use]
    pub fn object(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// `Ready`, with its message where no part of the way says the same. What is said of an earlier spec is not ready.
fn whole(status: &ProtectedApiStatus, way: &[Station], is_current: bool) -> Check {
    let mut ready = check(status, "Ready");
    if ready.state == State::Good && !is_current {
        ready.state = State::Waiting;
    }
    let is_said_below = way.iter().any(|station| station.state > State::Off);
    if is_said_below {
        ready.message = None;
    }
    ready
}

fn besides(status: &ProtectedApiStatus, way: &[Station]) -> Vec<Check> {
    let on_the_way = |is: &dyn Fn(&Check) -> bool| way.iter().flat_map(|station| &station.conditions).any(is);
    let besides = status
        .conditions
        .iter()
        .filter(|condition| match condition.type_.as_str() {
            "Ready" | "Reconciling" => false,
            "Stalled" => {
                condition.status == "True"
                    && !on_the_way(&|check| check.state == State::Bad && check.reason == condition.reason)
            }
            is => !on_the_way(&|check| check.condition == is),
        });
    besides.map(|condition| check(status, &condition.type_)).collect()
}

fn remarks(read: &Read, looked_at: Option<i64>, context: Option<&str>) -> Vec<String> {
    let generation = read.object.metadata.generation;
    let looked_at = match looked_at {
        None => {
            let pods = in_context("kubectl get pods -A -l app.kubernetes.io/name=palisade", context);
            Some(format!(
                "no controller has looked at it yet: {pods} shows whether one runs"
            ))
        }
        Some(seen) if generation.is_some_and(|generation| generation > seen) => Some(format!(
            "the status speaks of generation {seen} of the spec, an earlier one: the controller has not looked at the change yet"
        )),
        Some(_) => None,
    };
    let unread = (!read.unread.is_empty()).then(|| {
        format!(
            "this version of the plugin does not understand {}: use that of the version that runs in the cluster",
            read.unread.join(", ")
        )
    });
    let suspended = (read.object.spec.suspend == Some(true))
        .then(|| "spec.suspend is true: nothing is written to AWS until it is false".to_owned());
    let status = read.object.status.as_ref();
    let former = status.and_then(|status| {
        let uid = status.perimeter_uid.as_ref()?;
        Some(match &status.take_over {
            Some(taken) => format!(
                "its AWS resources are named after {} and tagged with its UID, {uid}: it took them over from {}",
                taken.made_for, taken.taken_from
            ),
            None => format!(
                "its AWS resources are named and tagged after {uid}, the UID of an object of its name that is gone: it took them over"
            ),
        })
    });
    let all = [looked_at, unread, suspended, former];
    all.into_iter().flatten().collect()
}

/// What a request passes, from the viewer to the API.
fn way(spec: &ProtectedApiSpec, status: &ProtectedApiStatus) -> Vec<Station> {
    let url = status.url.clone().unwrap_or_else(|| "no URL yet".to_owned());
    let of = |always: &[&str], where_declared: &[&str]| conditions(status, always, where_declared);
    let (shown, proof) = which::proof(spec, status);
    vec![
        station("Viewers", url, of(&["ViewerAccessVerified"], &[])),
        station("Names", which::names(spec, status), of(&[], &["NamesReady"])),
        station(
            "CloudFront",
            which::distribution(status),
            of(&["DistributionDeployed"], &["ShieldProtected"]),
        ),
        station("WAF", which::web_acl(status), of(&["WebAclReady"], &[])),
        station(shown, proof, of(&["SignerReady"], &[])),
        station(
            "API",
            which::api(spec, status),
            of(&["Accepted", "AccessRestricted", "DirectAccessBlocked"], &[]),
        ),
    ]
}

fn station(name: &'static str, what: String, conditions: Vec<Check>) -> Station {
    let worst = conditions.iter().map(|check| check.state).max();
    Station {
        name,
        what,
        state: worst.unwrap_or(State::Off),
        conditions,
    }
}

/// The conditions of these types: some always, some only where the status has them.
fn conditions(status: &ProtectedApiStatus, always: &[&str], where_declared: &[&str]) -> Vec<Check> {
    let declared = where_declared.iter().filter(|is| condition(status, is).is_some());
    let all = always.iter().chain(declared);
    all.map(|is| check(status, is)).collect()
}

fn condition<'a>(status: &'a ProtectedApiStatus, is: &str) -> Option<&'a Condition> {
    let mut conditions = status.conditions.iter();
    conditions.find(|condition| condition.type_ == is)
}

fn check(status: &ProtectedApiStatus, is: &str) -> Check {
    let Some(condition) = condition(status, is) else {
        return Check {
            condition: is.to_owned(),
            state: State::Unknown,
            reason: String::new(),
            since: None,
            awaited: None,
            message: None,
        };
    };
    let timed = status.reasons_since.get(is);
    let since = timed.and_then(|since| since.parse().ok());
    let state = state(status, condition);
    Check {
        condition: is.to_owned(),
        state,
        reason: condition.reason.clone(),
        since: Some(since.unwrap_or(condition.last_transition_time.0)),
        awaited: awaited(&condition.reason).filter(|_| state == State::Waiting),
        message: (state != State::Good || is == "Ready").then(|| condition.message.clone()),
    }
}

fn state(status: &ProtectedApiStatus, condition: &Condition) -> State {
    let is_asked_for_so = [Reason::Suspended, Reason::Open, Reason::ProbesDisabled];
    let reason = Reason::parse(&condition.reason);
    let is_held_up =
        self::condition(status, "Ready").is_some_and(|ready| ready.reason == Reason::Suspended.as_str());
    let is_because = |is: &str| {
        let other = self::condition(status, is).filter(|other| other.status == "True");
        other.is_some_and(|other| other.reason == condition.reason)
    };
    match condition.status.as_str() {
        "True" if condition.type_ == "Stalled" => State::Bad,
        // Timed is what is not yet as the spec asks: the lock of an earlier mode.
        "True" if status.reasons_since.contains_key(&condition.type_) => State::Waiting,
        "True" => State::Good,
        _ if reason.is_some_and(|reason| is_asked_for_so.contains(&reason)) => State::Off,
        _ if is_because("Stalled") => State::Bad,
        "False" if is_held_up && awaited(&condition.reason).is_some() => State::Off,
        "False" if awaited(&condition.reason).is_some() || is_because("Reconciling") => State::Waiting,
        "False" => State::Bad,
        _ => State::Unknown,
    }
}

fn other_doors(spec: &ProtectedApiSpec, status: &ProtectedApiStatus) -> Vec<Door> {
    let access = status.access.as_ref();
    let doors = access
        .map(|access| access.other_doors.as_slice())
        .unwrap_or_default();
    let unread = access.and_then(|access| access.other_doors_unread.as_ref());
    let unread = unread.map(|why| Door {
        what: format!("not all could be read: {why}"),
        state: State::Unknown,
    });
    let excluded = spec
        .access
        .as_ref()
        .and_then(|access| access.exclude_methods.as_ref());
    let excluded = excluded.filter(|excluded| !excluded.is_empty()).map(|excluded| {
        let names: Vec<&str> = excluded.iter().map(|method| method.0.as_str()).collect();
        Door {
            what: format!("open, by spec.access.excludeMethods: {}", names.join(", ")),
            state: State::Off,
        }
    });
    doors.iter().map(door).chain(unread).chain(excluded).collect()
}

fn door(found: &OtherDoor) -> Door {
    let (state, how) = match found.state {
        OtherDoorState::Open => (State::Bad, "open"),
        OtherDoorState::Unknown => (State::Unknown, "not known whether it is open"),
        OtherDoorState::Locked => (State::Good, "locked"),
    };
    let what = match found.r#type {
        OtherDoorType::Stage => format!("stage {}", found.name),
        OtherDoorType::DomainName => format!("domain name {} to stage {}", found.name, found.stage),
        OtherDoorType::Distribution => format!("distribution {} to stage {}", found.name, found.stage),
        OtherDoorType::Authority => {
            format!("client certificates of {} at stage {}", found.name, found.stage)
        }
    };
    Door {
        what: format!("{what}: {how}"),
        state,
    }
}
