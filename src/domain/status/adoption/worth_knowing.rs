//! What goes on elsewhere once a distribution is adopted, and what is confirmed without being a change of its fields.

use super::{OTHERS, VALUE};
use crate::api::WebAclSpec;
use crate::domain::edge::config::{Settings, settings_of};
use crate::domain::edge::distribution;
use crate::domain::firewall::copied::Copied;
use crate::domain::firewall::own_rules;
use crate::domain::kernel::words::cut;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::pricing_plans::subscription::Seen;
use crate::domain::pricing_plans::words::not_read_before_adoption;

/// Characters for what stands between names, and counts the rest.
const SPARE: usize = 30;

/// What goes on elsewhere once the distribution is adopted.
pub(super) fn worth_knowing(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
) -> Vec<String> {
    let settings = settings_of(&found.content.config);
    let mut told = Vec::new();
    if let Seen::Unknown { is_denied } = observed.adoption.pricing_plan {
        told.push(not_read_before_adoption(is_denied));
    }
    if !settings.signer_version_arn.is_empty() {
        told.push(format!(
            "The function {} serves no more at origin-request. What it does besides signing ends; the signer of this object answers 413 \
             to bodies above 1 MB.",
            settings.signer_version_arn
        ));
    }
    told.extend(without_tls(desired, settings.viewer_protocol_policy.as_deref()));
    told.extend(as_before(&desired.distribution.settings, &settings));
    if !settings.web_acl_arn.is_empty() {
        told.push(format!(
            "The web ACL {} protects the distribution no more: it is left as it is, to all other distributions that use it, and a new one \
             is made for this one. Rate counters begin anew, metrics and sampled requests end for this distribution, and alarms on them \
             fall silent. What Shield's automatic response put there has to be switched on again (spec.shield). AWS WAF's logs of it end \
             unless spec.webAcl.logging is set. While edge locations get the change, each has either web ACL with its function.",
            settings.web_acl_arn
        ));
    }
    if let Some(copied) = observed.copied_rules(desired) {
        told.extend(of_copied(&copied, &desired.web_acl.spec));
    }
    let room = OTHERS.saturating_sub(told.len()).max(1);
    told.extend(of_own_rules(&desired.web_acl.spec, room));
    told.into_iter()
        .map(|told| cut(&told, VALUE))
        .take(OTHERS)
        .collect()
}

/// What is copied of the former web ACL, and what is not.
fn of_copied(copied: &Copied, spec: &WebAclSpec) -> Vec<String> {
    let mut told = named("Rules copied from the former web ACL", &copied.names(), "", 2);
    told.extend(named(
        "Not copied, since spec.webAcl says it",
        &copied.left,
        "",
        1,
    ));
    if !copied.of_shield.is_empty() {
        told.extend(named(
            "Not copied, since Shield puts it there by itself",
            &copied.of_shield,
            "",
            1,
        ));
    }
    if !copied.renamed.is_empty() {
        let renamed = copied.renamed.iter().map(|(own, new)| format!("{own} as {new}"));
        told.extend(named(
            "Names that begin with palisade- are those of an object's own rules, so that rules are copied under other names",
            &renamed.collect::<Vec<_>>(),
            " The IP sets that they refer to go on as they are, and have to stay.",
            1,
        ));
    }
    told.extend(of_labels(copied));
    told.extend(of_headers(copied, spec));
    told
}

/// `names` after `before`, in at most `parts` texts of at most [`VALUE`] characters each; the first one ends with `after`. Those for which
/// there is no room are counted.
fn named(before: &str, names: &[String], after: &str, parts: usize) -> Vec<String> {
    if names.is_empty() {
        return vec![format!("{before}: none.{after}")];
    }
    let mut told = Vec::new();
    let mut left = names;
    while !left.is_empty() && told.len() < parts {
        let (more, end) = match told.len() {
            0 => ("", after),
            _ => (", also", ""),
        };
        let room = VALUE.saturating_sub([before, more, end].iter().map(|text| text.chars().count()).sum());
        let (now, later) = left.split_at(fitting(left, room.saturating_sub(SPARE)));
        let is_last = told.len() + 1 == parts;
        let counted = match later.len() {
            count if is_last && count > 0 => format!(" and {count} more"),
            _ => String::new(),
        };
        told.push(format!("{before}{more}: {}{counted}.{end}", now.join(", ")));
        left = later;
    }
    told
}

/// As many of `names` as have room beside each other; one at least.
fn fitting(names: &[String], room: usize) -> usize {
    let mut taken = 0;
    let is_within = |name: &&String| {
        taken += name.chars().count() + ", ".len();
        taken <= room
    };
    names.iter().take_while(is_within).count().max(1)
}

/// Rules that nobody copied, and that are confirmed with the rest: also those of the class and of the baseline.
fn of_own_rules(spec: &WebAclSpec, parts: usize) -> Vec<String> {
    let rules = own_rules::told(spec);
    if rules.is_empty() {
        return vec![];
    }
    let before = "This object's own rules, of spec.webAcl, its class or the baseline, are asked after all that is copied";
    let after = " A plan (kubectl palisade diff) shows them in full.";
    named(before, &rules, after, parts)
}

/// What goes on for viewers who ask without TLS; `None` where they are refused as before, or where that is among the changes.
fn without_tls(desired: &Desired, found: Option<&str>) -> Option<String> {
    let found = found?;
    let served = match found {
        "redirect-to-https" => "sent to https",
        "allow-all" => "let in",
        _ => return None,
    };
    let wanted = desired.distribution.settings.viewer_protocol_policy.as_deref();
    wanted.is_none_or(|wanted| wanted == found).then(|| {
        format!(
            "Viewers who ask by http, without TLS, are {served} as before: the viewer protocol policy {found} stays. \
             spec.distribution.viewerProtocolPolicy: https-only would refuse them (403)."
        )
    })
}

/// By which protocols and methods viewers come as before, where not all are open to them.
fn as_before(wanted: &Settings, found: &Settings) -> Vec<String> {
    let mut told = Vec::new();
    if found.ipv6 == Some(false) && wanted.ipv6 != Some(true) {
        told.push(
            "Viewers come by IPv4 alone as before: IPv6 stays switched off. spec.distribution.ipv6: true would switch it on, and what lists \
             IPv4 addresses fits none of those who come by it."
                .to_owned(),
        );
    }
    let methods = found.allowed_methods.as_ref();
    let fewer = methods.filter(|methods| Settings::baseline().allowed_methods.as_ref() != Some(*methods));
    let stays = wanted.allowed_methods.is_none() || wanted.allowed_methods == found.allowed_methods;
    if let Some(methods) = fewer.filter(|_| stays) {
        let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
        told.push(format!(
            "CloudFront lets through {} alone as before, and refuses all other methods (403): spec.distribution.allowedMethods would name \
             others.",
            methods.join(", ")
        ));
    }
    told
}

/// What becomes of labels by which rules know each other.
fn of_labels(copied: &Copied) -> Vec<String> {
    let mut told = Vec::new();
    if !copied.relabelled.is_empty() {
        told.extend(named(
            "Labels bear the name of the web ACL whose rules set them. These rules name such labels, and are copied with the name of the new \
             one",
            &copied.relabelled,
            "",
            1,
        ));
    }
    let groups = copied.asking_groups();
    if !groups.is_empty() {
        told.extend(named(
            "These rules ask rule groups of the account, which are not read",
            &groups,
            " Where a rule of such a group looks at a label by the name of the former web ACL, have it look at that of the new one, too, \
             before you confirm.",
            1,
        ));
    }
    told
}

/// What becomes of headers by which the API knows that a request came through the web ACL: what a rule lets in never comes to the default
/// action, which inserts them.
fn of_headers(copied: &Copied, spec: &WebAclSpec) -> Option<String> {
    let headers = copied.inserted_headers();
    if headers.is_empty() {
        return None;
    }
    let allowing = own_rules::allowing(spec);
    let but = if allowing.is_empty() {
        String::new()
    } else {
        format!(
            " Not into requests that rules of this object let in ({}): see that the API needs none of them from there, or have a rule in \
             spec.webAcl.rules insert them (CustomRequestHandling) in place of spec.webAcl.allowCidrs.",
            cut(&allowing.join(", "), 300)
        )
    };
    Some(format!(
        "The headers {}, which the former web ACL inserts into requests that no rule decides on, are inserted by the new one, too.{but}",
        cut(&headers.join(", "), 300)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::firewall::copied::copied;
    use serde_json::{Value, json};

    fn spec(yaml: &str) -> WebAclSpec {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn free(count: usize) -> WebAclSpec {
        let rules: Vec<Value> = (0..count)
            .map(|n| json!({"Name": format!("one-of-the-rules-of-the-team-{n}"), "Action": {"Block": {}}}))
            .collect();
        WebAclSpec {
            rules: Some(rules),
            ..WebAclSpec::default()
        }
    }

    #[test]
    fn all_own_rules_are_named_or_counted() {
        let told = of_own_rules(&free(40), 3);
        assert!(told.len() > 1);
        assert!(told[0].contains("diff"), "{}", told[0]);
        let all = told.join("\n");
        for n in 0..40 {
            assert!(all.contains(&format!("team-{n} (Block)")), "{n}: {all}");
        }
        assert!(!all.contains("more"), "{all}");

        let told = of_own_rules(&free(400), 2);
        assert_eq!(told.len(), 2);
        let named = told.join("\n").matches("(Block)").count();
        let more = format!(" and {} more.", 400 - named);
        assert!(told[1].ends_with(&more), "{}", told[1]);
        assert!(told.iter().all(|told| told.chars().count() <= VALUE), "{told:?}");
    }

    #[test]
    fn all_copied_rules_are_named_or_counted() {
        let rules: Vec<Value> = (0..400)
            .map(|n| json!({"Name": format!("copied-{n}"), "Priority": n, "Action": {"Block": {}}}))
            .collect();
        let former = json!({"Name": "theirs", "DefaultAction": {"Allow": {}}, "Rules": rules});
        let copied = copied(&former, &WebAclSpec::default(), "ours");
        let told = of_copied(&copied, &WebAclSpec::default());
        let named = told.join("\n").matches("copied-").count();
        assert!(
            told[1].ends_with(&format!(" and {} more.", 400 - named)),
            "{}",
            told[1]
        );
        assert_eq!(told[2], "Not copied, since spec.webAcl says it: none.");
        assert!(told.iter().all(|told| told.chars().count() <= VALUE), "{told:?}");
    }

    #[test]
    fn whom_an_own_rule_lets_in_gets_none_of_the_headers_of_the_default_action() {
        let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
        let former = json!({"DefaultAction": {"Allow": {"CustomRequestHandling": header}}});
        let told = |yaml: &str| {
            let spec = spec(yaml);
            of_headers(&copied(&former, &spec, "ours"), &spec).unwrap()
        };
        let blocking = "{blockCidrs: [198.51.100.0/24], rules: [{Name: mine, Action: {Block: {}}}]}";
        assert!(!told(blocking).contains("Not into"), "{}", told(blocking));
        let allowing = told("{allowCidrs: [192.0.2.0/24], rules: [{Name: mine, Action: {Allow: {}}}]}");
        assert!(
            allowing.contains("palisade-allow, palisade-rule-mine"),
            "{allowing}"
        );
    }
}
