//! An owner with its usage plan and API keys, for tests.

use super::api_key::{Key, Observed, UsagePlan};
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::secret::Secret;
use std::collections::BTreeSet;

pub fn owner() -> Owner {
    Owner {
        cluster: "c".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: "12345678".into(),
        taken: None,
    }
}

/// A plan with these tags, and a key for each of `keys`, which are its tags.
pub fn plan_and_keys(plan: Tags, keys: &[Tags]) -> Observed {
    let plan = UsagePlan {
        id: "plan".into(),
        name: "palisade-shop-petstore-12345678".into(),
        stages: vec![],
        tags: plan,
    };
    let keys = keys.iter().enumerate().map(|(number, tags)| Key {
        id: format!("key{number}"),
        name: format!("palisade-shop-petstore-12345678-{number}"),
        value: Secret::new("a-secret-value-of-a-test".to_owned()),
        enabled: true,
        tags: tags.clone(),
    });
    Observed {
        keys: keys.collect(),
        plan: Some(plan),
        in_plan: BTreeSet::new(),
        others: vec![],
        is_given: false,
    }
}
