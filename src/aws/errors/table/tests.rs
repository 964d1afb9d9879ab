//! What each row of the table is.

use super::*;
use crate::aws::errors::reason;
use crate::aws::operations::OPERATIONS;
use crate::aws::refused_fixtures::error;

#[test]
fn every_row_can_be_reached_and_is_written_in_lower_case_where_messages_are_compared() {
    for (index, row) in TABLE.iter().enumerate() {
        let hidden = TABLE[..index].iter().any(|earlier| {
            earlier.code == row.code
                && (earlier.services.is_empty() || earlier.services == row.services)
                && (earlier.operations.is_empty() || earlier.operations == row.operations)
                && row.message.contains(earlier.message)
        });
        assert!(!hidden, "{} {}", row.code, row.message);
        assert_eq!(row.message, row.message.to_lowercase());
    }
}

#[test]
fn every_wording_has_a_source_and_nothing_else_has() {
    for row in TABLE {
        let (is_worded, has_source) = (!row.message.is_empty(), !row.source.is_empty());
        assert_eq!(is_worded, has_source, "{} {}", row.code, row.message);
    }
}

/// AWS's words, from the sources in the table.
#[test]
fn where_one_code_has_several_meanings_its_message_says_what_people_are_told() {
    let cases = [
        (
            Service::ApiGateway,
            "GetStage",
            "NotFoundException",
            "Invalid stage identifier specified",
            Some(Reason::StageNotFound),
        ),
        // The id of an API may have any letters.
        (
            Service::ApiGateway,
            "GetRestApi",
            "NotFoundException",
            "Invalid API identifier specified 111122223333:stage1a2b3",
            Some(Reason::ApiNotFound),
        ),
        (
            Service::Lambda,
            "CreateFunction",
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
            Some(Reason::RolePropagating),
        ),
        (
            Service::Waf,
            "UpdateWebACL",
            "WAFInvalidParameterException",
            "Error reason: You exceeded the capacity limit for a rule group or web ACL., field: WEB_ACL, parameter: 5200",
            Some(Reason::CapacityExceeded),
        ),
        (
            Service::Waf,
            "UpdateWebACL",
            "WAFInvalidParameterException",
            "Error reason: A reference in your rule statement is not valid., field: RULE, parameter: Statement",
            None,
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "InvalidArgument",
            "You can't remove or replace the web ACL for your distribution. Distributions with a pricing plan subscription \
             must have a web ACL resource.",
            Some(Reason::PricingPlan),
        ),
        (
            Service::Shield,
            "CreateProtection",
            "InvalidParameterException",
            "AWS Shield Advanced could not proceed with your request because the distribution belongs a CloudFront \
             Pricing Plan.",
            Some(Reason::PricingPlan),
        ),
    ];
    for (service, name, code, message, expected) in cases {
        let refused = error(service, name, code, message);
        let found = reason(refused.operation, &refused.code, &refused.message);
        assert_eq!(found, expected, "{message}");
    }
}

#[test]
fn every_row_names_operations_that_exist() {
    for row in TABLE {
        for name in row.operations {
            assert!(
                OPERATIONS.iter().any(|operation| operation.name == *name),
                "{name}"
            );
        }
    }
}
