//! Facts where all is well, and what is told once one of them is not.

use super::{Controller, Facts, Finding, Fit, Held, Known, Level, Purpose, Right, Subject, findings};
use crate::api::KINDS;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

pub fn petstore() -> Value {
    let condition = |is: &str, reason: &str| {
        json!({
            "type": is, "status": "True", "reason": reason, "message": "so", "lastTransitionTime": "2026-01-01T00:00:00Z",
        })
    };
    json!({
        "metadata": {"namespace": "shop", "name": "petstore", "generation": 1},
        "spec": {"origin": {
            "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
        }},
        "status": {"observedGeneration": 1, "conditions": [
            condition("Ready", "Ready"), condition("Accepted", "Valid"), condition("AccessRestricted", "Locked"),
            condition("DirectAccessBlocked", "DirectRefused"), condition("ViewerAccessVerified", "ViewerReached"),
            condition("DistributionDeployed", "InPlace"), condition("WebAclReady", "InPlace"),
            condition("SignerReady", "InPlace"),
        ]},
    })
}

pub fn controller() -> Controller {
    Controller {
        namespace: "palisade-system".into(),
        name: "palisade".into(),
        wanted: 2,
        ready: 2,
        version: Some("0.1.0".into()),
        is_open: false,
        watches: None,
        lease: Some(("palisade-system".into(), "palisade".into())),
    }
}

/// All is well.
pub fn well() -> Facts {
    let rights = Purpose::ALL.into_iter().flat_map(|purpose| {
        let verbs = purpose.verbs().iter().copied();
        verbs.map(move |verb| Right {
            purpose,
            verb,
            is_granted: Some(true),
        })
    });
    Facts {
        version: "0.1.0".into(),
        namespace: "shop".into(),
        context: None,
        now: at("2026-01-01T00:04:00Z"),
        server_time: Some(at("2026-01-01T00:04:01Z")),
        served: Known::Seen(KINDS.map(ToOwned::to_owned).to_vec()),
        fit: Known::Seen(Fit::Same),
        controllers: Known::Seen(vec![controller()]),
        lease: Some(Known::Seen(Some(Held {
            holder: Some("palisade-1".into()),
            renewed: Some(at("2026-01-01T00:03:55Z")),
            lasts: SignedDuration::from_mins(1),
        }))),
        rights: rights.collect(),
        objects: Known::Seen(vec![Subject {
            object: petstore(),
            refusal: Known::Seen(None),
            account: None,
        }]),
    }
}

/// What is not well once `change` was made.
pub fn bad(change: impl FnOnce(&mut Facts)) -> Vec<Finding> {
    let mut facts = well();
    change(&mut facts);
    let all = findings(&facts).into_iter();
    all.filter(|finding| finding.level != Level::Ok).collect()
}

/// The one thing that is not well: this bad, and told with these words.
pub fn is_told(change: impl FnOnce(&mut Facts), level: Level, said: &str, remedy: &str) {
    let found = bad(change);
    let [finding] = found.as_slice() else {
        panic!("{said}: {found:#?}");
    };
    assert_eq!(finding.level, level, "{finding:#?}");
    assert!(finding.said.contains(said), "{finding:#?}");
    let told = finding.remedy.clone().unwrap_or_default();
    assert!(told.contains(remedy), "{finding:#?}");
}

/// With this change all is still well.
pub fn is_well(change: impl FnOnce(&mut Facts)) {
    let found = bad(change);
    assert!(found.is_empty(), "{found:#?}");
}

pub fn change_controller(facts: &mut Facts, change: impl FnOnce(&mut Controller)) {
    let mut changed = controller();
    change(&mut changed);
    facts.controllers = Known::Seen(vec![changed]);
}

pub fn change_subject(facts: &mut Facts, change: impl FnOnce(&mut Subject)) {
    if let Known::Seen(subjects) = &mut facts.objects {
        change(&mut subjects[0]);
    }
}

pub fn change_lease(facts: &mut Facts, change: impl FnOnce(&mut Held)) {
    if let Some(Known::Seen(Some(held))) = &mut facts.lease {
        change(held);
    }
}
