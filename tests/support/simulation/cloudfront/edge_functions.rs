//! Which functions CloudFront accepts at the edge.

use super::super::account::Account;
use super::super::refusal::{Outcome, Refusal};
use super::behaviours;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::signer::function::State;
use std::collections::BTreeSet;

impl Account {
    /// `known` are the versions that the distribution is associated with already: they were checked then.
    pub(super) fn check_associations(&self, config: &Element, known: &BTreeSet<String>) -> Outcome<()> {
        for behaviour in behaviours(config) {
            let mut events = BTreeSet::new();
            for association in xml::items_at(behaviour, "LambdaFunctionAssociations") {
                let event = xml::text_at(association, "EventType").unwrap_or_default();
                let body = xml::text_at(association, "IncludeBody").as_deref() == Some("true");
                if body && !event.ends_with("request") {
                    return refuse(
                        "IncludeBody can only be used with viewer-request and origin-request event types.",
                    );
                }
                if !events.insert(event.clone()) {
                    return refuse(
                        "You cannot have multiple Lambda functions associated with the same event type.",
                    );
                }
                let arn = xml::text_at(association, "LambdaFunctionARN").unwrap_or_default();
                self.check_edge_function(&arn, &event, known.contains(&arn))?;
            }
        }
        Ok(())
    }

    fn check_edge_function(&self, arn: &str, event: &str, known: bool) -> Outcome<()> {
        let parts: Vec<_> = arn.split(':').collect();
        if parts.len() != 8 || parts[7].parse::<u32>().is_err() {
            return refuse(format!(
                "The function ARN must reference a specific function version. (The ARN must end with the version number.) \
                 ARN: {arn}"
            ));
        }
        if parts[3] != "us-east-1" {
            return refuse(format!("The function must be in us-east-1. ARN: {arn}"));
        }
        let Some(version) = self.version_by_arn(arn).filter(|_| parts[4] == self.id) else {
            return refuse(format!(
                "The function does not exist, or is not accessible: {arn}"
            ));
        };
        if known {
            return Ok(());
        }
        let state = version.state();
        if state != State::Active {
            return refuse(format!(
                "The function must be in an Active state. The current state for function {arn} is {state:?}"
            ));
        }
        let foreign = &version.settings.foreign;
        let forbidden = [
            (!foreign.environment.is_empty(), "environment variables"),
            (!foreign.subnets.is_empty(), "a VPC configuration"),
            (!foreign.layers.is_empty(), "layers"),
        ];
        if let Some((_, what)) = forbidden.iter().find(|(has, _)| *has) {
            return refuse(format!("The function cannot have {what}. Function: {arn}"));
        }
        let longest = if event.starts_with("viewer") { 5 } else { 30 };
        let timeout = version.settings.timeout;
        if timeout > longest {
            return refuse(format!(
                "The function timeout is larger than the maximum allowed for functions that are triggered by a CloudFront \
                 event: {timeout} Max allowed: {longest} Function: {arn}"
            ));
        }
        let role = &version.settings.role;
        let assumable = self.role_by_arn(role).is_some_and(|role| {
            role.trusts("lambda.amazonaws.com") && role.trusts("edgelambda.amazonaws.com")
        });
        if !assumable {
            return refuse(format!(
                "The function execution role must be assumable with edgelambda.amazonaws.com as well as \
                 lambda.amazonaws.com principals. Update the IAM role and try again. Role: {role}"
            ));
        }
        Ok(())
    }
}

fn refuse(message: impl Into<String>) -> Outcome<()> {
    Refusal::refuse("InvalidLambdaFunctionAssociation", message)
}
