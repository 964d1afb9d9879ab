//! What AWS refused with, against the table of errors.

use crate::recordings::folder::{self, by_operation, by_step};
use palisade::aws::errors::{ErrorKind, classify};
use palisade::aws::operations::{OPERATIONS, Operation, Service};
use serde_json::Value;

/// The kinds that an error of this code may be.
fn sensible(code: &str, message: &str) -> Option<&'static [ErrorKind]> {
    use ErrorKind::{Conflict, Denied, Exists, NotFound, NotYet, Terminal, Throttled};
    let kinds: &[ErrorKind] = match code {
        "NotFoundException" | "ResourceNotFoundException" | "NoSuchHostedZone" => &[NotFound],
        "TooManyRequestsException" => &[Throttled],
        "AccessDeniedException" => &[Denied],
        "ConflictException" if message.contains("concurrent modification") => &[Conflict],
        "ConflictException" => &[Conflict, Exists, Terminal],
        // Of a destination that is not there, or of what a rule names.
        "WAFNonexistentItemException" => &[NotFound, NotYet, Terminal],
        "BadRequestException" if message.contains("Deployment id does not exist") => &[Conflict],
        "InvalidParameterValueException" => &[Terminal, NotYet],
        "ProvisionedConcurrencyConfigNotFoundException"
        | "BadRequestException"
        | "ValidationException"
        | "ValidationError"
        | "SerializationException"
        | "InvalidParameterValue"
        | "InvalidRequestContentException"
        | "InvalidVPCId" => &[Terminal],
        _ => return None,
    };
    Some(kinds)
}

fn of(service: Service, name: Option<&str>) -> Operation {
    let mut all = OPERATIONS.iter().filter(|operation| operation.service == service);
    let found = all.find(|operation| name.is_none_or(|name| operation.name == name));
    *found.unwrap_or_else(|| panic!("no {name:?} of {service:?}"))
}

fn judge(place: &str, operation: Operation, error: &Value, wrong: &mut Vec<String>) {
    let (code, message) = (error["Code"].as_str(), error["Message"].as_str());
    let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
    let kind = classify(operation, code, message);
    match sensible(code, message) {
        None => wrong.push(format!("{place}: {code} is new: {message}")),
        Some(kinds) if !kinds.contains(&kind) => {
            wrong.push(format!(
                "{place}: {code} is {kind:?}, not one of {kinds:?}: {message}"
            ));
        }
        Some(_) => {}
    }
}

#[test]
fn each_recorded_refusal_is_of_a_kind_that_makes_sense() {
    let Some(folder) = folder::folder() else { return };
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for recording in by_operation(&folder) {
        let Some(error) = recording.data.get("Error") else {
            continue;
        };
        let service = match recording.service.as_str() {
            "apigateway" => Service::ApiGateway,
            "apigatewayv2" => Service::ApiGatewayV2,
            "wafv2" => Service::Waf,
            "shield" => Service::Shield,
            other => panic!("{other}"),
        };
        let is_ours =
            |operation: &&Operation| operation.service == service && operation.name == recording.operation;
        let operation = OPERATIONS.iter().find(is_ours).copied();
        judge(
            &recording.place,
            operation.unwrap_or_else(|| of(service, None)),
            error,
            &mut wrong,
        );
        judged += 1;
    }
    for (file, service) in [
        ("test_apigateway_api", Service::ApiGateway),
        ("test_apigateway_canary", Service::ApiGateway),
        ("test_apigateway_extended", Service::ApiGateway),
        ("test_apigateway_integrations", Service::ApiGateway),
        ("test_lambda", Service::Lambda),
        ("test_route53", Service::Route53),
        ("test_sts", Service::Sts),
    ] {
        for (place, data) in by_step(&folder, file) {
            if data["Error"].get("Code").is_some() {
                judge(&place, of(service, None), &data["Error"], &mut wrong);
                judged += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(judged >= 100, "{judged}");
}

#[test]
fn the_refusals_that_matter_are_known_without_the_recordings_too() {
    use ErrorKind::{Conflict, Denied, NotFound, Terminal, Throttled};
    let rest = |name| of(Service::ApiGateway, Some(name));
    let denied = "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: apigateway:GET on resource: \
                  arn:aws:apigateway:eu-north-1::/restapis/a1 because no identity-based policy allows the apigateway:GET action";
    for (operation, code, message, kind) in [
        (
            rest("GetRestApi"),
            "NotFoundException",
            "Invalid API identifier specified 111122223333:a1",
            NotFound,
        ),
        (
            rest("GetStage"),
            "NotFoundException",
            "Invalid stage identifier specified",
            NotFound,
        ),
        (
            rest("GetRestApi"),
            "TooManyRequestsException",
            "Too Many Requests",
            Throttled,
        ),
        (rest("GetRestApi"), "AccessDeniedException", denied, Denied),
        (
            rest("CreateAuthorizer"),
            "ConflictException",
            "Unable to complete operation due to concurrent modification. Please try again later.",
            Conflict,
        ),
        (
            rest("UpdateMethod"),
            "BadRequestException",
            "Invalid patch path /httpMethod",
            Terminal,
        ),
        (
            rest("CreateApiKey"),
            "BadRequestException",
            "API Key value exceeds maximum size of 128 characters",
            Terminal,
        ),
        (
            of(Service::Sts, Some("AssumeRole")),
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            Terminal,
        ),
        (
            of(Service::Shield, Some("DescribeSubscription")),
            "ResourceNotFoundException",
            "The subscription does not exist.",
            NotFound,
        ),
    ] {
        assert_eq!(classify(operation, code, message), kind, "{code}: {message}");
    }
}
