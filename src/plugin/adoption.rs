//! The adoption of a distribution that stands already, in words: for the picture of an object, and for a plan.

use super::words::in_context;
use crate::api::{AdoptionRefusal, AdoptionState, AdoptionStatus};
use crate::domain::adoption::refusals::NOT_LET_GO;

/// How far it has come.
pub(super) fn state(adoption: &AdoptionStatus) -> &'static str {
    match adoption.state {
        AdoptionState::Refused => "refused",
        AdoptionState::Planned => "planned; nothing is written before it is confirmed",
        AdoptionState::Adopting => "under way",
        AdoptionState::Adopted => "done",
        AdoptionState::Releasing => "being undone",
        AdoptionState::Released => "undone: the distribution is given back",
    }
}

/// The command that confirms the plan of this hash.
pub(super) fn confirm(namespace: &str, name: &str, hash: &str) -> String {
    format!(
        "kubectl -n {namespace} patch protectedapi {name} --type=merge -p \
         '{{\"spec\":{{\"distribution\":{{\"adopt\":{{\"confirm\":\"{hash}\"}}}}}}}}'"
    )
}

/// What is to be known of it before the rest of an object is read, with commands for the cluster of this context.
pub(super) fn remarks(
    adoption: &AdoptionStatus,
    namespace: &str,
    name: &str,
    context: Option<&str>,
) -> Vec<String> {
    let id = &adoption.id;
    let here = |command: String| in_context(&command, context);
    let hash = adoption.hash.as_deref();
    match (adoption.state, hash) {
        (AdoptionState::Planned, Some(hash)) => vec![format!(
            "distribution {id} is not adopted yet: {} of its fields would change, and {} shows them. To confirm that plan: {}",
            adoption.changes.len(),
            here(format!("kubectl palisade diff {name} -n {namespace}")),
            here(confirm(namespace, name, hash))
        )],
        (AdoptionState::Refused | AdoptionState::Planned, _) => {
            let refusals = adoption.refusals.iter();
            let refusals =
                refusals.map(|found| format!("{}: {}. {}", found.field, ended(&found.message), found.remedy));
            refusals.collect()
        }
        (AdoptionState::Adopting, _) => vec![format!("distribution {id} is being adopted")],
        (AdoptionState::Releasing, _) => vec![format!("distribution {id} is being given back")],
        (AdoptionState::Released, _) => vec![format!(
            "distribution {id} is given back, with the configuration that it had before: this object may be deleted"
        )],
        (AdoptionState::Adopted, _) => vec![],
    }
}

/// Whether a refusal says no more than that a tool has to let the distribution go, which the tools themselves are told with.
pub(super) fn is_for_consent(refusal: &AdoptionRefusal) -> bool {
    refusal.reason == NOT_LET_GO
}

/// What is left of what stood there before.
pub(super) fn notes(adoption: &AdoptionStatus) -> Vec<String> {
    let unused = adoption.no_longer_used.iter();
    let unused = unused.map(|found| {
        format!(
            "no longer used ({}): {}. {}",
            found.kind, found.arn, found.command
        )
    });
    unused.chain(adoption.worth_knowing.iter().cloned()).collect()
}

/// A sentence without its full stop.
fn ended(text: &str) -> &str {
    text.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn adoption(state: &str) -> AdoptionStatus {
        serde_json::from_value(json!({
            "id": "E1ABCDEF2GHIJK", "state": state, "hash": "7f3a9c41",
            "changes": [{"field": "webAclArn", "from": "\"old\"", "effect": "Visible"}],
            "rivals": [{"tool": "CloudFormation", "seen": "stack api-perimeter", "command": "Set DeletionPolicy: Retain.", "needsConsent": true}],
            "refusals": [{"reason": "Shared", "field": "spec.distribution.adopt.id", "message": "it has a staging distribution.", "remedy": "End it."}],
            "noLongerUsed": [{"kind": "webAcl", "arn": "arn:old", "command": "aws wafv2 …"}],
        }))
        .expect("an adoption")
    }

    #[test]
    fn what_waits_for_a_person_says_the_command_that_confirms_it() {
        let said = remarks(&adoption("Planned"), "shop", "petstore", None);
        assert!(
            said[0].contains(r#"'{"spec":{"distribution":{"adopt":{"confirm":"7f3a9c41"}}}}'"#),
            "{said:?}"
        );
        assert!(
            said[0].contains("kubectl palisade diff petstore -n shop"),
            "{said:?}"
        );
    }

    #[test]
    fn the_commands_are_for_the_cluster_that_was_asked() {
        let said = remarks(&adoption("Planned"), "shop", "petstore", Some("prod"));
        for part in [
            "kubectl palisade diff petstore -n shop --context prod",
            "kubectl --context prod -n shop patch",
        ] {
            assert!(said[0].contains(part), "{said:?}");
        }
    }

    #[test]
    fn what_is_refused_says_why_and_what_to_do() {
        let said = remarks(&adoption("Refused"), "shop", "petstore", None);
        assert_eq!(
            said[0],
            "spec.distribution.adopt.id: it has a staging distribution. End it."
        );
    }

    #[test]
    fn what_is_adopted_names_what_is_no_longer_used_and_no_more() {
        assert!(remarks(&adoption("Adopted"), "shop", "petstore", None).is_empty());
        assert_eq!(
            notes(&adoption("Adopted")),
            ["no longer used (webAcl): arn:old. aws wafv2 …"]
        );
    }
}
