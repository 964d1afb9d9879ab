//! `status.adoption`: how far the adoption of a distribution has come, what it changes, and what keeps it back.

use super::planned::effects;
use crate::api::{
    AdoptionChange, AdoptionRefusal, AdoptionRival, AdoptionState, AdoptionStatus, AdoptionUnused,
    PlanEffect, PlanVerb, ProtectedApiStatus,
};
use crate::domain::adoption::arns;
use crate::domain::adoption::before::Before;
use crate::domain::adoption::refusals;
use crate::domain::edge::config::{Settings, settings_of};
use crate::domain::edge::distribution;
use crate::domain::firewall::copied::Copied;
use crate::domain::firewall::own_rules;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::words::cut;
use crate::domain::perimeter::adoption::Standing;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::pricing_plans::subscription::Seen;
use crate::domain::pricing_plans::words::not_read_before_adoption;
use serde_json::Value;

/// As many characters of a value, and of a text, are shown.
const VALUE: usize = 1000;
const TEXT: usize = 2000;
/// As many changes, and others, are shown.
const CHANGES: usize = 64;
const OTHERS: usize = 16;

/// Writes what is known of the adoption into `status`.
pub(super) fn fill(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    let Some(desired) = desired else { return };
    let known = status.adoption.take();
    status.adoption = adoption(desired, observed, known);
    let is_back = matches!(observed.standing(desired), Some(Standing::Released));
    let is_foreign = matches!(observed.standing(desired), Some(Standing::Foreign(_)));
    if is_back || is_foreign {
        // By what stands here a distribution would be taken for the object's.
        status.distribution = None;
        status.url = None;
    }
}

/// How far it has come; `known` is what was told before.
#[must_use]
pub fn adoption(
    desired: &Desired,
    observed: &Observed,
    known: Option<AdoptionStatus>,
) -> Option<AdoptionStatus> {
    let declared = desired.adoption.as_ref()?;
    let known = known.filter(|known| known.id == declared.id);
    let known = known.unwrap_or_else(|| nothing(&declared.id));
    let standing = observed.standing(desired)?;
    if matches!(standing, Standing::Unread) {
        // Also why a release is taken back, which is noted there.
        return Some(known);
    }
    let before = AdoptionStatus {
        refusals: vec![],
        ..known
    };
    let memory_hash = before.memory_hash.clone();
    let refused = |refusals: Vec<AdoptionRefusal>| AdoptionStatus {
        state: AdoptionState::Refused,
        memory_hash: memory_hash.clone(),
        refusals: bounded(refusals),
        ..nothing(&declared.id)
    };
    Some(match standing {
        Standing::Unread => before,
        Standing::Missing => refused(vec![refusals::missing(declared)]),
        Standing::Another(own) => refused(vec![refusals::has_another(declared, own)]),
        Standing::Switching(_) if observed.was_adopted() => adopted(observed, before),
        Standing::Foreign(found) | Standing::Switching(found) => {
            let refusals = observed.adoption_refusals(desired, found);
            if refusals.is_empty() {
                planned(desired, observed, found)
            } else {
                AdoptionStatus {
                    rivals: shown_rivals(desired, observed, found),
                    ..refused(refusals)
                }
            }
        }
        Standing::Adopted => adopted(observed, before),
        Standing::Releasing(found) => {
            let refusals = bounded(observed.release_refusals(desired, found));
            AdoptionStatus {
                state: if refusals.is_empty() {
                    AdoptionState::Releasing
                } else {
                    AdoptionState::Refused
                },
                refusals,
                worth_knowing: vec![LOCK_STAYS.to_owned()],
                ..before
            }
        }
        Standing::Released => AdoptionStatus {
            state: AdoptionState::Released,
            worth_knowing: vec![LOCK_STAYS.to_owned()],
            ..nothing(&declared.id)
        },
    })
}

/// What is told of one that is adopted; `before` is what was told before.
fn adopted(observed: &Observed, before: AdoptionStatus) -> AdoptionStatus {
    AdoptionStatus {
        state: AdoptionState::Adopted,
        no_longer_used: unused(observed).unwrap_or(before.no_longer_used),
        worth_knowing: with_way_back(before.worth_knowing, observed.is_way_back_lost()),
        ..before
    }
}

/// Said of each release.
const LOCK_STAYS: &str = "The lock of the API stays as it is: a release opens nothing. Where the API asks for a signature, the former \
                          function has to give one.";

/// Said where the tags that remember what stood before were taken away.
const WAY_BACK_LOST: &str = "The way back is lost: somebody took away the tags palisade.dev/before-…, which remember what the distribution \
                             was before. It cannot be given back (release). It goes on as it is.";

/// What was said before, with what is known of the way back now.
fn with_way_back(told: Vec<String>, is_lost: Option<bool>) -> Vec<String> {
    let Some(is_lost) = is_lost else { return told };
    let first = is_lost.then(|| WAY_BACK_LOST.to_owned());
    let others = told.into_iter().filter(|told| told != WAY_BACK_LOST);
    first.into_iter().chain(others).take(OTHERS).collect()
}

fn nothing(id: &str) -> AdoptionStatus {
    AdoptionStatus {
        id: id.to_owned(),
        state: AdoptionState::Planned,
        hash: None,
        memory_hash: None,
        changes: vec![],
        worth_knowing: vec![],
        rivals: vec![],
        refusals: vec![],
        no_longer_used: vec![],
    }
}

fn planned(desired: &Desired, observed: &Observed, found: &distribution::Observed) -> AdoptionStatus {
    let plan = observed.adoption_plan(desired, found);
    let is_confirmed = observed.is_confirmed(desired, found);
    let changes = plan.changes.iter().take(CHANGES);
    AdoptionStatus {
        state: if is_confirmed {
            AdoptionState::Adopting
        } else {
            AdoptionState::Planned
        },
        hash: Some(plan.hash),
        memory_hash: observed.memory_hash(desired, found),
        changes: changes.map(shown).collect(),
        worth_knowing: worth_knowing(desired, observed, found),
        rivals: shown_rivals(desired, observed, found),
        ..nothing(&found.content.id)
    }
}

/// A field that changes, with what viewers notice.
fn shown(change: &Change) -> AdoptionChange {
    let text = |value: &Value| (!value.is_null()).then(|| cut(&value.to_string(), VALUE));
    AdoptionChange {
        field: cut(&change.path, 250),
        from: text(&change.from),
        to: text(&change.to),
        effect: effect(change),
    }
}

/// A function of somebody else's may do more than to sign.
fn effect(change: &Change) -> PlanEffect {
    let had_function =
        change.path == "signerVersionArn" && change.from.as_str().is_some_and(|arn| !arn.is_empty());
    if had_function {
        return PlanEffect::Visible;
    }
    effects::effect(Kind::Distribution, PlanVerb::Change, [change.path.as_str()]).0
}

/// What goes on elsewhere once the distribution is adopted.
fn worth_knowing(desired: &Desired, observed: &Observed, found: &distribution::Observed) -> Vec<String> {
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
        let names = |names: &[String]| {
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        told.push(format!(
            "Rules copied from the former web ACL: {}. Not copied, since spec.webAcl says it: {}.",
            names(&copied.names()),
            names(&copied.left)
        ));
        if !copied.of_shield.is_empty() {
            told.push(format!(
                "Not copied, since Shield puts it there by itself: {}.",
                names(&copied.of_shield)
            ));
        }
        if !copied.renamed.is_empty() {
            let renamed = copied.renamed.iter().map(|(own, new)| format!("{own} as {new}"));
            told.push(format!(
                "Names that begin with palisade- are those of an object's own rules, so that rules are copied under other names: {}. The IP \
                 sets that they refer to go on as they are, and have to stay.",
                names(&renamed.collect::<Vec<_>>())
            ));
        }
        told.extend(of_labels_and_headers(&copied));
    }
    told.extend(of_own_rules(desired));
    told.into_iter()
        .map(|told| cut(&told, VALUE))
        .take(OTHERS)
        .collect()
}

/// Rules that nobody copied, and that are confirmed with the rest: also those of the class and of the baseline.
fn of_own_rules(desired: &Desired) -> Option<String> {
    let rules = own_rules::told(&desired.web_acl.spec);
    (!rules.is_empty()).then(|| {
        format!(
            "This object's own rules, of spec.webAcl, its class or the baseline, are asked after all that is copied: {}. A plan \
             (kubectl palisade diff) shows them in full.",
            rules.join(", ")
        )
    })
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

/// What becomes of labels and headers by which rules and the API know each other.
fn of_labels_and_headers(copied: &Copied) -> Vec<String> {
    let mut told = Vec::new();
    if !copied.relabelled.is_empty() {
        told.push(format!(
            "Labels bear the name of the web ACL whose rules set them: rules {} name such labels, and are copied with the name of the new one.",
            copied.relabelled.join(", ")
        ));
    }
    let groups = copied.asking_groups();
    if !groups.is_empty() {
        told.push(format!(
            "Rules {} ask rule groups of the account, which are not read. Where a rule of such a group looks at a label by the name of the \
             former web ACL, have it look at that of the new one, too, before you confirm.",
            groups.join(", ")
        ));
    }
    let headers = copied.inserted_headers();
    if !headers.is_empty() {
        told.push(format!(
            "The headers {}, which the former web ACL inserts into requests that no rule decides on, are inserted by the new one, too.",
            headers.join(", ")
        ));
    }
    told
}

fn shown_rivals(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
) -> Vec<AdoptionRival> {
    let rivals = observed.adoption_rivals(desired, found).into_iter();
    let shown = rivals.map(|rival| AdoptionRival {
        seen: cut(&rival.seen, VALUE),
        command: cut(&rival.command, TEXT),
        ..rival
    });
    shown.take(8).collect()
}

fn bounded(refusals: Vec<AdoptionRefusal>) -> Vec<AdoptionRefusal> {
    let shown = refusals.into_iter().map(|refusal| AdoptionRefusal {
        message: cut(&refusal.message, TEXT),
        remedy: cut(&refusal.remedy, TEXT),
        ..refusal
    });
    shown.take(OTHERS).collect()
}

/// What the distribution used before, as its tags remember it; `None` where they are not known, or not those that were set. People paste
/// the commands, so an ARN that is none of this account is not shown.
fn unused(observed: &Observed) -> Option<Vec<AdoptionUnused>> {
    let tags = observed.distribution_tags()?;
    let before = Before::of_tags(tags)?;
    let noted = &observed.outputs.memory_hash;
    if noted.is_some() && *noted != Before::hash_of(tags) {
        return None;
    }
    let account = arns::account_of(observed.distribution_arn()?)?;
    let web_acl = before.web_acl();
    let web_acl = web_acl.filter(|arn| arns::is_of(arn, "wafv2", account));
    let web_acl = web_acl.map(|arn| AdoptionUnused {
        kind: "webAcl".to_owned(),
        command: format!(
            "aws cloudfront list-distributions-by-web-acl-id --web-acl-id {arn}: other distributions may use it. Once it is deleted, this \
             distribution cannot be given back"
        ),
        arn,
    });
    let function = before.function();
    let function = function.filter(|arn| arns::is_of(arn, "lambda", account));
    let function = function.map(|arn| AdoptionUnused {
        kind: "function".to_owned(),
        command: format!(
            "aws lambda get-function --region us-east-1 --function-name {arn}: Lambda deletes it only hours after its replicas are gone. \
             Once it is deleted, this distribution cannot be given back"
        ),
        arn,
    });
    Some(web_acl.into_iter().chain(function).collect())
}
