//! The mark that says whose a name is.
//!
//! Records have no tags. So beside each name of ours stands a TXT record, in the same batch of changes:
//!
//! ```text
//! api.example.com                 A, AAAA   alias of d111111abcdef8.cloudfront.net
//! palisade-owner.api.example.com  TXT       "heritage=palisade,palisade.dev/cluster=…,palisade.dev/uid=…,target=d111111abcdef8.cloudfront.net,…"
//! ```
//!
//! The mark of an origin's name has `serves=origin` besides: no viewer uses the name, and it goes after the distribution.

use super::record::{Record, TTL};
use crate::domain::kernel::identity::{Owner, TAG_CLUSTER, TAG_UID};
use std::collections::BTreeMap;

/// First label of the mark of a name.
const MARK: &str = "palisade-owner.";
/// First label of the mark of a wildcard name.
const WILDCARD_MARK: &str = "palisade-owner-wildcard.";
const HERITAGE: &str = "heritage=palisade";
const TARGET: &str = "target";
const SERVES: &str = "serves";
const ORIGIN: &str = "origin";
/// A string of a TXT record has at most 255 characters.
pub(super) const TEXT_LIMIT: usize = 255;

/// What a mark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    pub cluster: &'a str,
    pub uid: &'a str,
    pub target: &'a str,
    /// Whether it marks the name of an origin, and not one of viewers.
    pub is_of_origin: bool,
}

impl Record {
    /// What it says, where it is a mark.
    pub(super) fn mark(&self) -> Option<Mark<'_>> {
        let text = self.values.first()?.trim_matches('"');
        let mut parts = text.split(',');
        if parts.next() != Some(HERITAGE) {
            return None;
        }
        let fields: BTreeMap<_, _> = parts.filter_map(|part| part.split_once('=')).collect();
        Some(Mark {
            cluster: fields.get(TAG_CLUSTER).copied()?,
            uid: fields.get(TAG_UID).copied()?,
            target: fields.get(TARGET).copied().unwrap_or_default(),
            is_of_origin: fields.get(SERVES) == Some(&ORIGIN),
        })
    }
}

/// The name of the mark of `name`.
#[must_use]
pub fn mark_name(name: &str) -> String {
    match name.strip_prefix("*.") {
        Some(parent) => format!("{WILDCARD_MARK}{parent}"),
        None => format!("{MARK}{name}"),
    }
}

/// The name that a mark of this name marks.
#[must_use]
pub fn marked_name(mark: &str) -> Option<String> {
    match mark.strip_prefix(WILDCARD_MARK) {
        Some(parent) => Some(format!("*.{parent}")),
        None => mark.strip_prefix(MARK).map(ToOwned::to_owned),
    }
}

/// The mark of `name` as `owner`'s, which leads to `target`.
#[must_use]
pub fn mark_of(name: &str, owner: &Owner, target: &str) -> Record {
    mark(name, owner, target)
}

/// The same where `name` is an origin's: `target` is API Gateway's own name for it.
#[must_use]
pub fn origin_mark_of(name: &str, owner: &Owner, target: &str) -> Record {
    mark(name, owner, &format!("{target},{SERVES}={ORIGIN}"))
}

fn mark(name: &str, owner: &Owner, target: &str) -> Record {
    let made_for = owner.made_for();
    let text = format!(
        "{HERITAGE},{TAG_CLUSTER}={},{TAG_UID}={},{TARGET}={target},object={}",
        made_for.cluster,
        owner.uid,
        made_for.object()
    );
    let text: String = text.chars().take(TEXT_LIMIT).collect();
    Record {
        name: mark_name(name),
        r#type: "TXT".to_owned(),
        set_identifier: None,
        ttl: Some(TTL),
        values: vec![format!("\"{text}\"")],
        target: None,
    }
}
