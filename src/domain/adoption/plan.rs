//! What an adoption changes of a distribution, and the hash by which that is confirmed.

use crate::api::WebAclSpec;
use crate::domain::access::proof::Proof;
use crate::domain::edge::config::settings_of;
use crate::domain::edge::distribution::{self, Observed, diff};
use crate::domain::edge::places::api_origin;
use crate::domain::edge::xml;
use crate::domain::firewall::copied::copied;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use serde_json::Value;

/// Stands for what is known only once it is made.
const KNOWN_AFTER: &str = "<known after it is made>";
/// Hexadecimal digits of the hash.
const DIGITS: usize = 8;
/// Says who the object is, so that the same spec would have another hash under another UID.
const COMMENT: &str = "comment";
/// In place of the name of our web ACL, which has the UID: copied rules may look at labels that are named after it.
const OUR_WEB_ACL: &str = "<name of the new web ACL>";

/// Of what rules are copied: a former web ACL, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Former<'a> {
    /// Its document.
    pub web_acl: &'a Value,
    /// What the new one is to be.
    pub spec: &'a WebAclSpec,
}

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
    former: Option<Former<'_>>,
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
    let copied = former.map(|former| copied(former.web_acl, former.spec, OUR_WEB_ACL));
    let mut hash = hash::long(&(hashed, proof.header(), copied, xml::leaves(config), terms));
    hash.truncate(DIGITS);
    Plan { changes, hash }
}

#[cfg(test)]
mod tests {
    use crate::domain::adoption::fixtures::{hash_with, web_acl};
    use serde_json::json;

    #[test]
    fn headers_that_the_former_web_acl_inserts_are_confirmed_with_the_plan() {
        let mut inserting = web_acl();
        let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
        inserting["DefaultAction"] = json!({"Allow": {"CustomRequestHandling": header}});
        assert_ne!(hash_with(&inserting), hash_with(&web_acl()));
    }

    #[test]
    fn rules_that_look_at_labels_of_the_former_web_acl_are_confirmed_without_the_name_of_ours() {
        let looking = |label: &str| {
            let key = format!("awswaf:111122223333:webacl:theirs:{label}");
            let mut former = web_acl();
            former["LabelNamespace"] = json!("awswaf:111122223333:webacl:theirs:");
            former["Rules"] = json!([{"Name": "looks", "Priority": 1, "Action": {"Block": {}},
                "Statement": {"LabelMatchStatement": {"Scope": "LABEL", "Key": key}}}]);
            former
        };
        let hash = hash_with(&looking("bad"));
        assert_ne!(hash, hash_with(&looking("worse")));
        let mut short = looking("bad");
        short["Rules"][0]["Statement"]["LabelMatchStatement"]["Key"] = json!("bad");
        assert_ne!(hash, hash_with(&short), "what is translated is told");
    }
}
