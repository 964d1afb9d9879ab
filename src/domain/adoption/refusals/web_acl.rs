//! What of its web ACL keeps a distribution from being adopted.

use super::{ID, Judged, refusal};
use crate::api::AdoptionRefusal;
use crate::domain::edge::config::web_acl_of;
use crate::domain::edge::distribution_next::is_of_firewall_manager;
use crate::domain::edge::xml::Element;

/// Requests that its web ACL refuses must not be let in by ours.
pub(super) fn of_web_acl(judged: &Judged<'_>, config: &Element) -> Vec<AdoptionRefusal> {
    let arn = web_acl_of(config);
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
    let Some(former) = &judged.seen.former_web_acl else {
        return vec![];
    };
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
    if !allowing.is_empty() {
        refusals.extend(one(
            "WebAclAllows",
            "spec.webAcl",
            format!(
                "rules {} of its web ACL {arn} allow requests before those of this object are asked",
                allowing.join(", ")
            ),
            "write what they allow into spec.webAcl.allowCidrs, or rules of the same names into spec.webAcl.rules: those are taken in \
             their place",
        ));
    }
    refusals
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
        "take what sets the labels out of spec.webAcl.managedRuleGroups and spec.webAcl.rules, and it is copied, too, in its order; \
         managedRuleGroups: [] has all groups copied. Or write the rules that look at labels into spec.webAcl.rules, under their names"
            .to_owned(),
    )]
}
