//! Of which objects on the way AWS WAF's counters are to be asked for.

use crate::api::{ClassRollout, PerimeterClass, ProtectedApi};
use crate::domain::rollout::traffic::{counted_from, is_due};
use crate::domain::tenancy::account::account_of;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// From when on.
    pub from: Timestamp,
    /// By account: the name of the web ACL of each object, by its UID.
    pub web_acls: BTreeMap<String, BTreeMap<String, String>>,
}

/// What is to be asked for at `now`, where the rollout of `class` needs it: of the objects that are on the way, were ready before, and
/// go by the revision, which AWS has.
#[must_use]
pub fn asked(class: &PerimeterClass, objects: &[&ProtectedApi], now: Timestamp) -> Option<Asked> {
    let rollout = super::remembered(class)?;
    let baseline = ClassRollout::default();
    let spec = class.spec.rollout.as_ref().unwrap_or(&baseline);
    if !is_due(spec, rollout, now) {
        return None;
    }
    let from = counted_from(rollout)?;
    let is_meant = |object: &&&ProtectedApi| {
        let uid = object.metadata.uid.as_deref().unwrap_or_default();
        let mut moving = rollout.moving.iter().filter(|moving| moving.was_ready);
        let applied = object.status.as_ref().and_then(|status| status.class.as_ref());
        let revision = applied.and_then(|applied| applied.revision.as_ref());
        revision == Some(&rollout.revision)
            && super::is_applied(object.status.as_ref(), object.metadata.generation)
            && moving.any(|moving| moving.uid == uid)
    };
    let mut web_acls: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for object in objects.iter().filter(is_meant) {
        let Some(status) = &object.status else { continue };
        let name = status.web_acl.as_ref().and_then(|found| name_of(&found.arn));
        if let (Some(account), Some(name), Some(uid)) = (account_of(status), name, &object.metadata.uid) {
            web_acls.entry(account).or_default().insert(uid.clone(), name);
        }
    }
    (!web_acls.is_empty()).then_some(Asked { from, web_acls })
}

/// The name of a web ACL, which its counters have, too: `…:global/webacl/NAME/ID`.
fn name_of(arn: &str) -> Option<String> {
    arn.rsplit('/').nth(1).map(ToOwned::to_owned)
}
