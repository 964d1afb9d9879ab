//! What people are told to do about refusals of what serves mutual TLS.

use crate::aws::operations::Service;
use crate::aws::refused_fixtures::error;
use crate::aws::remedies::remedy;

#[test]
fn what_mutual_tls_is_refused_names_the_field_and_the_right() {
    let cases = [
        (
            Service::S3,
            "GetBucketVersioning",
            "NoSuchBucket",
            "The specified bucket does not exist",
            "spec.access.mutualTls.truststoreBucket names no bucket",
        ),
        (
            Service::S3,
            "PutObject",
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint.",
            "in another Region",
        ),
        (
            Service::S3,
            "PutObject",
            "AccessDenied",
            "Access Denied",
            "kms:Decrypt",
        ),
        (
            Service::S3,
            "PutObject",
            "AccessDenied",
            "User: arn:aws:sts::1:assumed-role/palisade/x is not authorized to perform: s3:PutObject on resource: \
             \"arn:aws:s3:::b/palisade/c/u.pem\" because no identity-based policy allows the s3:PutObject action",
            "statement WriteTruststores of `palisade iam-policy --mutual-tls`",
        ),
        (
            Service::Acm,
            "ImportCertificate",
            "LimitExceededException",
            "",
            "Imported certificates in last 365 days",
        ),
        (
            Service::ApiGatewayV2,
            "CreateDomainName",
            "TooManyRequestsException",
            "Maximum number of domain names has been reached",
            "Public custom domain names",
        ),
        (
            Service::ApiGatewayV2,
            "CreateDomainName",
            "LimitExceededException",
            "Maximum number of domain names has been reached",
            "Public custom domain names",
        ),
        (
            Service::ApiGatewayV2,
            "CreateDomainName",
            "BadRequestException",
            "Invalid truststore",
            "statement WriteTruststores",
        ),
        (
            Service::ApiGatewayV2,
            "UpdateDomainName",
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/palisade/x is not authorized to perform: apigateway:PATCH on resource: \
             arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com",
            "statement ChangeOriginDomains",
        ),
    ];
    for (service, name, code, message, words) in cases {
        let error = error(service, name, code, message);
        assert!(remedy(&error).unwrap().contains(words), "{name} {code}");
    }
}
