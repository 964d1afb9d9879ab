//! The built-in baseline, as a spec that nobody has written: what there is where neither an object nor its class says anything.

use crate::domain::firewall::baseline::web_acl_spec;
use serde_json::{Value, json};

/// The baseline of a spec, without what has none.
#[must_use]
pub fn baseline() -> Value {
    json!({
        "access": {"mode": "SigV4", "enforcement": "Enforce", "cutOver": "AfterProbe", "deployPendingChanges": false},
        "probes": "Enabled",
        "distribution": {"priceClass": "PriceClass_All", "httpVersion": "http2and3", "originReadTimeout": "30s"},
        "webAcl": web_acl_spec(crate::api::WebAclSpec::default()),
        "deletionPolicy": "Delete",
        "suspend": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AccessMode, CutOver, DeletionPolicy, Enforcement, HttpVersion, PriceClass, Probes};

    #[test]
    fn the_baseline_is_what_the_code_takes_where_nothing_is_said() {
        let baseline = baseline();
        assert_eq!(baseline["access"]["mode"], json!(AccessMode::default()));
        assert_eq!(baseline["access"]["enforcement"], json!(Enforcement::default()));
        assert_eq!(baseline["access"]["cutOver"], json!(CutOver::default()));
        assert_eq!(baseline["probes"], json!(Probes::default()));
        assert_eq!(
            baseline["distribution"]["priceClass"],
            json!(PriceClass::default())
        );
        assert_eq!(
            baseline["distribution"]["httpVersion"],
            json!(HttpVersion::default())
        );
        assert_eq!(baseline["deletionPolicy"], json!(DeletionPolicy::default()));
        assert_eq!(
            baseline["webAcl"]["managedRuleGroups"].as_array().map(Vec::len),
            Some(3)
        );
    }
}
