//! What an adoption changes of a distribution, and the hash by which that is confirmed.

use crate::domain::access::proof::Proof;
use crate::domain::edge::config::settings_of;
use crate::domain::edge::distribution::{self, Observed, diff};
use crate::domain::edge::places::api_origin;
use crate::domain::edge::xml;
use crate::domain::firewall::copied::Copied;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use serde_json::Value;

/// Stands for what is known only once it is made.
const KNOWN_AFTER: &str = "<known after it is made>";
/// Hexadecimal digits of the hash.
const DIGITS: usize = 8;
/// Says who the object is, so that the same spec would have another hash under another UID.
const COMMENT: &str = "comment";

/// What an adoption changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The fields of the distribution's configuration that change; null where the new value is known only once it is made.
    pub changes: Vec<Change>,
    /// Hash of them, of what is copied of the former web ACL, of all that the configuration has, and of all else that is confirmed.
    pub hash: String,
}

/// What the adoption of `found` changes, so that it is as `desired`; `terms` stands for what is confirmed besides.
#[must_use]
pub fn plan(
    desired: &distribution::Desired,
    proof: &Proof,
    found: &Observed,
    copied: Option<&Copied>,
    terms: &str,
) -> Plan {
    let config = &found.content.config;
    let present = settings_of(config);
    let mut wanted = desired.settings.clone();
    wanted.origin.id = api_origin(config, &wanted.origin.domain_name);
    wanted.origin.headers.clone_from(&present.origin.headers);
    KNOWN_AFTER.clone_into(&mut wanted.web_acl_arn);
    // A signature ends with another mode only once no method asks for it.
    if *proof == Proof::Signature || !present.signer_version_arn.is_empty() {
        KNOWN_AFTER.clone_into(&mut wanted.signer_version_arn);
        wanted.signer_includes_body = true;
    }
    let mut changes = diff(&wanted, found);
    for change in &mut changes {
        if change.to == KNOWN_AFTER {
            change.to = Value::Null;
        }
    }
    let hashed: Vec<&Change> = changes.iter().filter(|change| change.path != COMMENT).collect();
    let mut hash = hash::long(&(hashed, proof.header(), copied, xml::leaves(config), terms));
    hash.truncate(DIGITS);
    Plan { changes, hash }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::WebAclSpec;
    use crate::domain::adoption::fixtures::{copied, found, wanted, web_acl};
    use serde_json::json;

    #[test]
    fn headers_that_the_former_web_acl_inserts_are_confirmed_with_the_plan() {
        let hash = |former: &Value| {
            let copied = copied(former, &WebAclSpec::default());
            plan(&wanted(), &Proof::Signature, &found(|_, _| {}), Some(&copied), "").hash
        };
        let mut inserting = web_acl();
        let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
        inserting["DefaultAction"] = json!({"Allow": {"CustomRequestHandling": header}});
        assert_ne!(hash(&inserting), hash(&web_acl()));
    }
}
