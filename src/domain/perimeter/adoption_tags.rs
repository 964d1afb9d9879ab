//! What an adoption and a release change of a distribution's tags.

use super::desired::Desired;
use crate::domain::adoption::before::{Before, is_of_adoption};
use crate::domain::edge::distribution;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::{TAG_KEYS, Tags, is_reserved};
use serde_json::{Value, json};

pub(super) fn adopted_by(tags: &Tags) -> Vec<Change> {
    let told = tags.iter().filter(|(key, _)| !is_of_adoption(key));
    told.map(|(key, value)| Change {
        path: format!("tags.{key}"),
        from: Value::Null,
        to: json!(value),
    })
    .collect()
}

/// What a release changes of the distribution's tags, after its update.
#[must_use]
pub fn tags_of_release(desired: &Desired, found: &distribution::Observed) -> Vec<Change> {
    let (former, keys) = tags_given_back(&desired.distribution.tags, found);
    let mut changes = changed_back(found, &former);
    changes.extend(taken_off(found, &keys));
    changes
}

pub(super) fn changed_back(found: &distribution::Observed, former: &Tags) -> Vec<Change> {
    let changed = former.iter().map(|(key, value)| Change {
        path: format!("tags.{key}"),
        from: json!(found.tags.get(key)),
        to: json!(value),
    });
    changed.collect()
}

pub(super) fn taken_off(found: &distribution::Observed, keys: &[String]) -> Vec<Change> {
    let gone = keys.iter().map(|key| Change {
        path: format!("tags.{key}"),
        from: json!(found.tags.get(key)),
        to: Value::Null,
    });
    gone.collect()
}

/// Tags of others that ours took the place of, and the keys of ours. `wanted` are those of the spec: which ones it said before, the
/// distribution's tags tell. Where they remember nothing, tags of the spec stay: nobody knows whether others had them, too.
pub(super) fn tags_given_back(wanted: &Tags, found: &distribution::Observed) -> (Tags, Vec<String>) {
    let before = Before::of_tags(&found.tags);
    let listed = found.tags.get(TAG_KEYS).map(String::as_str).unwrap_or_default();
    let is_custom = |key: &String| {
        !is_reserved(key) && (listed.split(' ').any(|known| known == key) || wanted.contains_key(key))
    };
    let former = before.iter().flat_map(Before::tags);
    let former: Tags = former
        .filter(|(key, value)| is_custom(key) && found.tags.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let was_not_there = |key: &String| {
        let known = before.as_ref().map(Before::tags);
        known.is_some_and(|known| !known.contains_key(key))
    };
    let is_ours = |key: &&String| key.starts_with("palisade.dev/") || (is_custom(key) && was_not_there(key));
    (former, found.tags.keys().filter(is_ours).cloned().collect())
}
