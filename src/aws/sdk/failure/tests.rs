use super::*;
use crate::aws::operations::OPERATIONS;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

fn response(body: &'static str) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body))
}

fn refused(code: &str, message: &str, body: &'static str) -> Failure {
    refusal(
        &ErrorMetadata::builder().code(code).message(message).build(),
        &response(body),
    )
}

#[test]
fn wafs_field_parameter_and_reason_are_part_of_the_message() {
    let body =
        r#"{"Field":"IP_ADDRESS","Parameter":"10.0.0.0/99","Reason":"not a CIDR","message":"invalid"}"#;
    let failure = refused("WAFInvalidParameterException", "invalid", body);
    assert_eq!(
        failure.message,
        "invalid [Field: IP_ADDRESS] [Parameter: 10.0.0.0/99] [Reason: not a CIDR]"
    );
}

#[test]
fn an_error_page_without_a_code_is_an_unreadable_answer() {
    let failure = refusal(
        &ErrorMetadata::builder().build(),
        &response("<html>Bad gateway</html>"),
    );
    assert_eq!(failure, Failure::unreadable("HTTP 400 without an error code"));
}

#[test]
fn an_unknown_code_passes_where_the_fault_is_awss_own() {
    let kind = |status: u16, code: &str| {
        let response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from("{}"));
        let error = ErrorMetadata::builder().code(code).message("no").build();
        let operation = OPERATIONS.iter().find(|it| it.name == "GetRole").unwrap();
        refusal(&error, &response).of(*operation).kind
    };
    assert_eq!(kind(500, "NeverHeardOfException"), ErrorKind::Transient);
    assert_eq!(kind(503, "NeverHeardOfException"), ErrorKind::Transient);
    assert_eq!(kind(400, "NeverHeardOfException"), ErrorKind::Terminal);
    assert_eq!(kind(500, "AccessDenied"), ErrorKind::Denied);
}

#[test]
fn only_credentials_that_are_missing_need_a_person() {
    let kind = |failure: Failure| {
        let operation = OPERATIONS.iter().find(|it| it.name == "GetRole").unwrap();
        failure.of(*operation).kind
    };
    let missing = || no_credentials(&CredentialsError::not_loaded("no provider"));
    assert_eq!(kind(missing()), ErrorKind::Denied);
    assert_eq!(kind(missing().after_credentials()), ErrorKind::Transient);
    for passing in [
        CredentialsError::provider_timed_out(std::time::Duration::from_secs(5)),
        CredentialsError::provider_error("connection refused by 169.254.170.23"),
        CredentialsError::unhandled("the token file is being replaced"),
    ] {
        assert_eq!(
            kind(no_credentials(&passing)),
            ErrorKind::Transient,
            "{passing:?}"
        );
    }
    let refused = |code: &str| {
        let error = AssumeRoleWithWebIdentityError::generic(
            ErrorMetadata::builder().code(code).message("no").build(),
        );
        kind(no_credentials(&CredentialsError::provider_error(error)))
    };
    assert_eq!(refused("Throttling"), ErrorKind::Throttled);
    assert_eq!(refused("IDPCommunicationError"), ErrorKind::Transient);
    assert_eq!(refused("AccessDenied"), ErrorKind::Denied);
    assert_eq!(refused("InvalidIdentityToken"), ErrorKind::Denied);
}

#[test]
fn missing_credentials_say_what_to_set() {
    let failure = no_credentials(&CredentialsError::not_loaded("no provider"));
    assert_eq!(failure.code, NO_CREDENTIALS);
    assert!(failure.message.contains("IRSA"), "{}", failure.message);
}

#[test]
fn code_and_message_are_read_from_every_protocol_of_aws() {
    let told = |code: &str, message: &str| Some((code.to_owned(), message.to_owned()));
    let mut rest = response(r#"{"message":"Too Many Requests"}"#);
    rest.headers_mut().insert(
        "x-amzn-errortype",
        "TooManyRequestsException:http://internal.amazon.com/",
    );
    assert_eq!(
        wire_error(&rest),
        told("TooManyRequestsException", "Too Many Requests")
    );
    let json = response(r#"{"__type":"com.amazonaws.waf#ThrottlingException","Message":"slower"}"#);
    assert_eq!(wire_error(&json), told("ThrottlingException", "slower"));
    let xml = response(
        "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
    );
    assert_eq!(wire_error(&xml), told("Throttling", "Rate exceeded"));
    assert_eq!(wire_error(&response("")), None);
}
