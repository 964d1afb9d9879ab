//! What of its web ACL keeps a distribution from being adopted.

use super::{ID, Judged, refusal};
use crate::api::AdoptionRefusal;
use crate::domain::adoption::{Whose, whose};
use crate::domain::edge::config::web_acl_of;
use crate::domain::edge::distribution::Observed;
use crate::domain::edge::distribution_next::is_of_firewall_manager;
use serde_json::Value;

/// How rules of a spec name labels that rules of a web ACL set: the name of ours tells the object's UID, so that nobody knows it before.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-match.html>
const LABELS_OF_THE_SAME: &str = "In spec.webAcl.rules, name a label that a rule of the web ACL sets by its own name, without \
                                  awswaf:<account>:webacl:<name>: before it: AWS WAF then looks among the labels of the same web ACL";

/// Requests that its web ACL refuses must not be let in by ours.
pub(super) fn of_web_acl(judged: &Judged<'_>, found: &Observed) -> Vec<AdoptionRefusal> {
    let arn = web_acl_of(&found.content.config);
    let one = |reason: &str, field: &str, message: String, remedy: &str| {
        vec![refusal(reason, field, message, remedy.to_owned())]
    };
    if is_of_firewall_manager(&arn) {
        return one(
            "FirewallManager",
            ID,
            format!("Firewall Manager keeps its web ACL {arn}"),
            "take the distribution out of the scope of the policy",
        );
    }
    if !arn.is_empty() && !arn.starts_with("arn:") {
        return one(
            "ClassicWebAcl",
            ID,
            format!("its web ACL {arn} is one of AWS WAF Classic"),
            "migrate the web ACL to AWS WAF first",
        );
    }
    // Of what was adopted before, it is ours: it is made anew where it is gone, and keeps what others put there.
    let is_ours = whose(found, judged.owner) == Whose::Predecessors;
    let Some(former) = &judged.seen.former_web_acl else {
        if arn.is_empty() || is_ours {
            return vec![];
        }
        return one(
            "WebAclUnread",
            ID,
            format!("AWS WAF does not show its web ACL {arn}, so that what it refuses cannot be copied"),
            "see that the web ACL is there, in this account: aws wafv2 list-web-acls --scope CLOUDFRONT --region us-east-1. Where it is \
             gone, give the distribution the web ACL that is to protect it first",
        );
    };
    if !is_ours && is_shared_with_firewall_manager(former) {
        return one(
            "FirewallManager",
            ID,
            format!(
                "Firewall Manager has put rules of a policy into its web ACL {arn}, which cannot be copied: nobody else may write such \
                 rules"
            ),
            "take the distribution out of the scope of the policy",
        );
    }
    if former["DefaultAction"].get("Allow").is_none() {
        return one(
            "WebAclBlocks",
            "spec.webAcl",
            format!(
                "its web ACL {arn} blocks what no rule allows, and that of an object allows what no rule blocks"
            ),
            "turn the web ACL round first: block by rules, and allow by default",
        );
    }
    let allowing = judged
        .copied
        .map(|copied| copied.allowing.as_slice())
        .unwrap_or_default();
    let mut refusals = of_labels(judged, &arn);
    let mislabelled = judged.copied.map(|copied| copied.mislabelled.join(", "));
    if let Some(rules) = mislabelled.filter(|rules| !rules.is_empty()) {
        refusals.extend(one(
            "WebAclLabels",
            "spec.webAcl",
            format!(
                "rules {rules} of its web ACL {arn} look at labels by names that begin with awswaf: and the name of a web ACL, and AWS WAF \
                 does not tell the namespace of labels of that one: their copies would look at labels that nobody sets"
            ),
            "have these rules name labels without what comes before them, which AWS WAF looks for among the labels of the same web ACL",
        ));
    }
    let outdated = judged.copied.map(|copied| copied.outdated.join(", "));
    if let Some(rules) = outdated.filter(|rules| !rules.is_empty()) {
        refusals.extend(one(
            "WebAclLabels",
            "spec.webAcl.rules",
            format!(
                "rules {rules} of this object look at labels by names that begin with awswaf: and the name of the former web ACL {arn}: in \
                 the new one nobody sets such labels, so that these rules would never match, or always"
            ),
            &format!("{LABELS_OF_THE_SAME}. What is left out of the spec is copied, with such names as they have to be"),
        ));
    }
    if !allowing.is_empty() {
        refusals.extend(one(
            "WebAclAllows",
            "spec.webAcl",
            format!(
                "rules {} of its web ACL {arn} allow requests before those of this object are asked",
                allowing.join(", ")
            ),
            &instead_of_allowing(judged),
        ));
    }
    refusals
}

/// What takes the place of rules that allow: what a list of addresses lets in gets no headers.
fn instead_of_allowing(judged: &Judged<'_>) -> String {
    let inserting = judged.copied.map(|copied| copied.inserting.join(", "));
    let ways = match inserting.filter(|rules| !rules.is_empty()) {
        None => "write what they allow into spec.webAcl.allowCidrs, or rules of the same names into spec.webAcl.rules".to_owned(),
        Some(rules) => format!(
            "write rules of the same names into spec.webAcl.rules, with the headers that {rules} insert: a list in spec.webAcl.allowCidrs \
             inserts none"
        ),
    };
    format!("{ways}. Those are taken in their place. {LABELS_OF_THE_SAME}")
}

/// Whether Firewall Manager manages a web ACL or has retrofitted it.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html>
fn is_shared_with_firewall_manager(web_acl: &Value) -> bool {
    let is = |field: &str| web_acl[field] == true;
    let has = |field: &str| web_acl[field].as_array().is_some_and(|groups| !groups.is_empty());
    is("ManagedByFirewallManager")
        || is("RetrofittedByFirewallManager")
        || has("PreProcessFirewallManagerRuleGroups")
        || has("PostProcessFirewallManagerRuleGroups")
}

/// Copied rules are asked before the object's own: one that looks at labels would find none of those that an own rule sets.
fn of_labels(judged: &Judged<'_>, arn: &str) -> Vec<AdoptionRefusal> {
    let unlabelled = judged.copied.into_iter().flat_map(|copied| &copied.unlabelled);
    let told: Vec<String> = unlabelled
        .map(|found| {
            format!(
                "rule {} looks at labels that {} may set before it",
                found.rule, found.labelled_by
            )
        })
        .collect();
    if told.is_empty() {
        return vec![];
    }
    vec![refusal(
        "WebAclLabels",
        "spec.webAcl",
        format!(
            "in its web ACL {arn}, {}. The first is copied, and the second is not, since spec.webAcl has it: it would come too late",
            told.join("; ")
        ),
        format!(
            "take what sets the labels out of spec.webAcl.managedRuleGroups and spec.webAcl.rules, and it is copied, too, in its order; \
             managedRuleGroups: [] has all groups copied. Or write the rules that look at labels into spec.webAcl.rules, under their \
             names. {LABELS_OF_THE_SAME}"
        ),
    )]
}

#[cfg(test)]
mod tests {
    use crate::api::WebAclSpec;
    use crate::domain::access::proof::Proof;
    use crate::domain::adoption::Seen;
    use crate::domain::adoption::fixtures::{copied, found, refused, refused_by, remedies, web_acl};
    use crate::domain::edge::xml;
    use serde_json::{Value, json};

    fn reasons(former: Value) -> Vec<(String, String)> {
        let copied = copied(&former, &WebAclSpec::default());
        refused(&found(|_, _| {}), former, Some(&copied), &Proof::Signature)
    }

    #[test]
    fn a_web_acl_that_firewall_manager_writes_too_is_refused() {
        let groups = json!([{"Name": "of-the-organisation", "Priority": 0}]);
        for (field, value) in [
            ("ManagedByFirewallManager", json!(true)),
            ("RetrofittedByFirewallManager", json!(true)),
            ("PreProcessFirewallManagerRuleGroups", groups.clone()),
            ("PostProcessFirewallManagerRuleGroups", groups),
        ] {
            let mut former = web_acl();
            former[field] = value;
            assert_eq!(reasons(former)[0].0, "FirewallManager", "{field}");
        }
        let mut former = web_acl();
        former["RetrofittedByFirewallManager"] = json!(false);
        former["PreProcessFirewallManagerRuleGroups"] = json!([]);
        assert_eq!(reasons(former), []);
    }

    #[test]
    fn a_web_acl_that_is_not_shown_is_not_taken_for_none() {
        let seen = Seen::default();
        let refused = refused_by(&found(|_, _| {}), &seen, None, &Proof::Signature);
        let expected = ("WebAclUnread".to_owned(), "spec.distribution.adopt.id".to_owned());
        assert_eq!(refused, [expected]);
        let without = found(|config, _| xml::put(config, xml::text("WebACLId", ""), &[]));
        assert_eq!(refused_by(&without, &seen, None, &Proof::Signature), []);
    }

    #[test]
    fn labels_of_a_web_acl_whose_namespace_is_not_told_are_refused() {
        let label = json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": "awswaf:111122223333:webacl:theirs:bad"}});
        let mut former = web_acl();
        former["Rules"] =
            json!([{"Name": "by-label", "Priority": 1, "Action": {"Block": {}}, "Statement": label}]);
        let expected = ("WebAclLabels".to_owned(), "spec.webAcl".to_owned());
        assert_eq!(reasons(former.clone()), [expected]);
        former["LabelNamespace"] = json!("awswaf:111122223333:webacl:theirs:");
        assert_eq!(reasons(former), []);
    }

    #[test]
    fn rules_of_the_spec_that_look_at_labels_of_the_former_web_acl_by_their_full_names_are_refused() {
        let mut former = web_acl();
        former["LabelNamespace"] = json!("awswaf:111122223333:webacl:theirs:");
        let with = |key: &str| {
            let label = json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": key}});
            let rule =
                json!({"Name": "by-label", "Priority": 1, "Action": {"Block": {}}, "Statement": label});
            let spec = WebAclSpec {
                rules: Some(vec![rule]),
                ..WebAclSpec::default()
            };
            let copied = copied(&former, &spec);
            refused(
                &found(|_, _| {}),
                former.clone(),
                Some(&copied),
                &Proof::Signature,
            )
        };
        let expected = ("WebAclLabels".to_owned(), "spec.webAcl.rules".to_owned());
        assert_eq!(with("awswaf:111122223333:webacl:theirs:bad"), [expected]);
        assert_eq!(with("bad"), []);
    }

    #[test]
    fn rules_that_let_in_and_insert_headers_are_not_to_become_a_list_of_addresses() {
        let remedy = |allow: Value| {
            let mut former = web_acl();
            former["Rules"] =
                json!([{"Name": "trusted", "Priority": 1, "Action": {"Allow": allow}, "Statement": {}}]);
            let copied = copied(&former, &WebAclSpec::default());
            remedies(&found(|_, _| {}), former, &copied).join("\n")
        };
        assert!(remedy(json!({})).contains("into spec.webAcl.allowCidrs, or"));
        let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
        let told = remedy(json!({"CustomRequestHandling": header}));
        assert!(told.contains("the headers that trusted insert"), "{told}");
        assert!(!told.contains("into spec.webAcl.allowCidrs"), "{told}");
    }
}
