//! What the controller is asked to delete of one UID: what goes, what viewers notice, the annotation that asks for it, and the answer.

use super::acting::{Found, Refused, found, not_ready};
use super::{Account, ONE_SNAPSHOT, advice, named};
use crate::api::{AwsAccountStatus, DELETE_ORPHANS, OrphanDeletionState, OrphanDeletionStatus, OrphanStatus};
use crate::plugin::lines::Lines;
use crate::plugin::look::Look;
use crate::plugin::read::{clean, part};
use crate::plugin::words::quoted;
use serde::Serialize;
use serde_json::{Value, json};

/// What would go, in all accounts that have any of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// Of which object.
    pub uid: String,
    /// Where.
    pub accounts: Vec<InAccount>,
}

/// What would go in one account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InAccount {
    /// Name of the `AwsAccount`.
    pub name: String,
    /// Id of the AWS account, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// What goes.
    pub parts: Vec<OrphanStatus>,
    /// How much the list leaves out, which may be of it and goes then, too: the controller looks at all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<i64>,
    /// What the controller said in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<OrphanDeletionStatus>,
}

impl Deletion {
    /// What would go of `uid`.
    ///
    /// # Errors
    /// [`Refused`]: it may serve viewers, was left on purpose, or what is told of it may be old.
    pub fn of(accounts: &[Account], uid: &str) -> Result<Self, Refused> {
        let all = found(accounts, uid)?;
        for found in &all {
            if let Some(why) = kept(found) {
                let uid = clean(uid);
                return Err(Refused::Kept { uid, why });
            }
        }
        let accounts = all.iter().map(|found| InAccount {
            name: found.account.name.clone(),
            account_id: found.account.account_id.clone(),
            parts: found.parts.iter().map(|part| (*part).clone()).collect(),
            left_out: found.account.left_out.filter(|_| !found.is_whole),
            result: None,
        });
        Ok(Self {
            uid: clean(uid),
            accounts: accounts.collect(),
        })
    }

    /// What goes, and what comes of that, for people.
    #[must_use]
    pub fn text(&self, look: Look) -> String {
        let mut lines = Lines::new(look);
        for found in &self.accounts {
            let id = found.account_id.as_deref().unwrap_or("not known yet");
            let whose = found.parts.first().map(named).unwrap_or_default();
            let title = format!("In AWS account {id} (AwsAccount {}), {whose}:", found.name);
            lines.paragraph(0, None, &title);
            for part in &found.parts {
                lines.verbatim(2, &format!("{} {}", part.kind, part.arn));
            }
            if let Some(count) = found.left_out {
                let more = format!(
                    "… and what is of this UID among {count} more, for which a status has no room: the controller looks at all of it"
                );
                lines.paragraph(2, None, &more);
            }
            lines.gap();
        }
        lines.paragraph(
            0,
            None,
            "Viewers notice nothing: no viewer came by any of it when the controller last counted. The API stays as it is: what asks for \
             a signature goes on asking, and whoever was refused stays refused.",
        );
        lines.paragraph(
            0,
            None,
            "The controller looks at all of it again first, and leaves everything as it is where viewers may come by any of it, an object \
             knows it, or it may be another's. What is gone cannot be brought back: an object builds a perimeter anew.",
        );
        lines.paragraph(0, None, &format!("{ONE_SNAPSHOT}."));
        lines.into_text()
    }
}

/// Why the controller is not asked.
fn kept(found: &Found<'_>) -> Option<String> {
    let first = found.parts.first()?;
    let serves = found.parts.iter().any(|part| part.may_serve);
    let distribution = found.distribution();
    let is_anothers = found.parts.iter().any(|part| part.retained || part.adopted);
    if serves || is_anothers {
        let mut why = advice(found.account, first, serves, distribution);
        if !serves {
            why.retain(|advice| !advice.starts_with(super::BY_ASKING));
            why.insert(
                0,
                "It was left on purpose, or stood before its object.".to_owned(),
            );
        }
        why.extend(distribution.filter(|_| serves && !is_anothers).map(who_comes));
        return Some(why.join("\n"));
    }
    not_ready(found)
}

/// How to see whether anybody comes, and what to do where nobody does: nothing of it can harm for longer than minutes.
fn who_comes(distribution: &OrphanStatus) -> String {
    let id = distribution.arn.rsplit('/').next().unwrap_or_default();
    let (dimension, id) = (quoted(&format!("Name=DistributionId,Value={id}")), clean(id));
    format!(
        "Who comes by distribution {id}, its metric says, by day of this month:\naws cloudwatch get-metric-statistics --region us-east-1 \
         --namespace AWS/CloudFront --metric-name Requests --dimensions {dimension} Name=Region,Value=Global --start-time \"$(date -u \
         +%Y-%m-01T00:00:00Z)\" --end-time \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" --period 86400 --statistics Sum\nThe names that lead there \
         are its aliases, and their DNS records. If it is sure that nobody comes, disable it in CloudFront (enabling it takes that back \
         within minutes), and wait for some days in which nobody misses it. Then ask again."
    )
}

/// What the controller says of a wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Nothing yet.
    Silent,
    /// It is looked at, or goes.
    UnderWay(String),
    /// It is over.
    Ended(OrphanDeletionStatus),
    /// Somebody took it back, or the controller is of a version that says nothing.
    TakenBack,
}

impl Answer {
    /// What `account`, as the API server has it, says of `uid`; `before`: what it said before it was asked.
    #[must_use]
    pub fn of(account: &Value, uid: &str, before: Option<&OrphanDeletionStatus>) -> Self {
        let told = told(account, uid);
        if !is_wished(account, uid) {
            let ended = told.filter(|told| is_over(told.state));
            return ended.map_or(Self::TakenBack, Self::Ended);
        }
        match told {
            // What it said of an earlier wish is no answer.
            Some(told) if is_over(told.state) => Self::Silent,
            Some(told) if before != Some(&told) || told.state == OrphanDeletionState::Deleting => {
                Self::UnderWay(clean(&told.message))
            }
            _ => Self::Silent,
        }
    }
}

fn is_over(state: OrphanDeletionState) -> bool {
    matches!(state, OrphanDeletionState::Deleted | OrphanDeletionState::Kept)
}

/// What the `AwsAccount` says of `uid` now.
#[must_use]
pub fn told(account: &Value, uid: &str) -> Option<OrphanDeletionStatus> {
    let status: AwsAccountStatus = part(&account["status"]).unwrap_or_default();
    status.orphan_deletions.into_iter().find(|told| told.uid == uid)
}

fn wished(account: &Value) -> Vec<&str> {
    let annotation = account["metadata"]["annotations"][DELETE_ORPHANS].as_str();
    let all = annotation.unwrap_or_default().split(',').map(str::trim);
    all.filter(|uid| !uid.is_empty()).collect()
}

/// Whether the `AwsAccount` asks for it.
#[must_use]
pub fn is_wished(account: &Value, uid: &str) -> bool {
    wished(account).contains(&uid)
}

/// The merge patch by which `account` asks for `uid`, or does so no more; nobody else's change is lost by it.
#[must_use]
pub fn patch(account: &Value, uid: &str, is_wanted: bool) -> Value {
    let mut all = wished(account);
    all.retain(|known| *known != uid);
    all.extend(is_wanted.then_some(uid));
    let text = (!all.is_empty()).then(|| all.join(","));
    json!({"metadata": {
        "resourceVersion": account["metadata"]["resourceVersion"],
        "annotations": {DELETE_ORPHANS: text},
    }})
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "0f1e2d3c-0000-4000-8000-000000000000";
    const DISTRIBUTION_ARN: &str = "arn:aws:cloudfront::123456789012:distribution/E1";
    const LOOK: Look = Look {
        width: 200,
        unicode: false,
        colour: false,
    };

    fn accounts(change: &Value) -> Vec<Account> {
        let mut orphan = json!({
            "kind": "distribution", "arn": DISTRIBUTION_ARN, "namespace": "shop", "name": "petstore", "uid": UID,
            "since": "2026-01-01T00:00:00Z", "retained": false, "mayServe": false,
        });
        for (field, value) in change.as_object().into_iter().flatten() {
            orphan[field] = value.clone();
        }
        let ready = json!({
            "type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
        });
        vec![Account::of(
            &json!({
                "metadata": {"name": "production"}, "spec": {},
                "status": {"accountId": "123456789012", "conditions": [ready], "orphans": [orphan]},
            }),
            None,
        )]
    }

    fn refused(change: &Value) -> String {
        Deletion::of(&accounts(change), UID)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn what_serves_nobody_is_shown_whole_with_what_viewers_notice() {
        let text = Deletion::of(&accounts(&json!({})), UID)
            .expect("a look")
            .text(LOOK);
        for told in [
            DISTRIBUTION_ARN,
            "In AWS account 123456789012 (AwsAccount production), of shop/petstore",
            "Viewers notice nothing",
            "same etcd snapshot",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
    }

    #[test]
    fn what_a_status_has_no_room_for_is_told_and_does_not_keep_the_rest() {
        let mut accounts = accounts(&json!({}));
        accounts[0].left_out = Some(30);
        let deletion = Deletion::of(&accounts, UID).expect("a look");
        assert_eq!(deletion.accounts[0].left_out, Some(30));
        let text = deletion.text(LOOK);
        assert!(text.contains("what is of this UID among 30 more"), "{text}");
    }

    #[test]
    fn of_what_may_serve_it_is_told_who_comes_and_the_controller_is_not_asked() {
        let refused = refused(&json!({"mayServe": true}));
        for told in [
            "Delete nothing of it.",
            "Value=E1",
            "--metric-name Requests",
            "disable it in CloudFront",
        ] {
            assert!(refused.contains(told), "{told}: {refused}");
        }
    }

    #[test]
    fn what_was_left_on_purpose_or_stood_before_stays() {
        for change in [
            json!({"retained": true}),
            json!({"adopted": true}),
            json!({"adopted": true, "mayServe": true}),
        ] {
            let refused = refused(&change);
            assert!(!refused.contains("orphans delete"), "{change}: {refused}");
            assert!(!refused.contains("disable"), "{change}: {refused}");
        }
    }

    #[test]
    fn a_wish_stands_beside_those_of_others_and_is_taken_back_alone() {
        let asking = |text: Value| json!({"metadata": {"resourceVersion": "7", "annotations": {DELETE_ORPHANS: text}}});
        let annotation = |patch: Value| patch["metadata"]["annotations"][DELETE_ORPHANS].clone();
        assert_eq!(annotation(patch(&asking(Value::Null), UID, true)), UID);
        assert_eq!(
            annotation(patch(&asking(json!("u-1")), UID, true)),
            format!("u-1,{UID}")
        );
        assert_eq!(
            annotation(patch(&asking(json!(format!("u-1,{UID}"))), UID, false)),
            "u-1"
        );
        assert_eq!(annotation(patch(&asking(json!(UID)), UID, false)), Value::Null);
        assert_eq!(
            patch(&asking(Value::Null), UID, true)["metadata"]["resourceVersion"],
            "7"
        );
    }

    #[test]
    fn an_answer_is_what_was_said_after_it_was_asked() {
        let account = |wished: Value, state: &str| {
            let told = json!({"uid": UID, "state": state, "message": "so", "since": "2026-01-01T00:00:00Z"});
            json!({"metadata": {"annotations": {DELETE_ORPHANS: wished}}, "status": {"orphanDeletions": [told]}})
        };
        let answer = |account: &Value| Answer::of(account, UID, None);
        let asked = json!(UID);
        assert_eq!(answer(&account(asked.clone(), "Kept")), Answer::Silent);
        assert_eq!(
            answer(&account(asked.clone(), "Asked")),
            Answer::UnderWay("so".to_owned())
        );
        assert_eq!(
            answer(&account(asked.clone(), "Deleting")),
            Answer::UnderWay("so".to_owned())
        );
        assert!(matches!(
            answer(&account(Value::Null, "Deleted")),
            Answer::Ended(_)
        ));
        assert_eq!(answer(&account(Value::Null, "Deleting")), Answer::TakenBack);
        let unheard = json!({"metadata": {"annotations": {DELETE_ORPHANS: UID}}});
        assert_eq!(answer(&unheard), Answer::Silent);
    }
}
