//! What the access mode MutualTls needs besides, in a policy of its own.

use super::table::{Condition, Operations, Statement, When, called, dependent, statement};

const ACM: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html";
const API_GATEWAY: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html";
const MUTUAL_TLS: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html";
const LINKED_ROLE: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html";
const ROUTE53: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html";
const S3: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html";

const CERTIFICATES: &[&str] = &["arn:{partition}:acm:*:{account}:certificate/*"];
const ZONES: &[&str] = &["arn:{partition}:route53:::hostedzone/*"];
const BUCKETS: &[&str] = &["arn:{partition}:s3:::{truststores}"];
/// All keys of a cluster's begin so.
const TRUSTSTORES: &[&str] = &["arn:{partition}:s3:::{truststores}/palisade/{cluster}/*"];
/// API Gateway asks for tags on the domain name, and on a path of their own.
const DOMAINS: &[&str] = &[
    "arn:{partition}:apigateway:*::/domainnames/*",
    "arn:{partition}:apigateway:*::/tags/*",
    "arn:{partition}:apigateway:*::/v2/tags/*",
];

const MAKE: Operations = &["acm:ImportCertificate", "acm:RequestCertificate"];
const CREATE: Operations = &["apigatewayv2:CreateDomainName"];
const WRITE: Operations = &["apigatewayv2:CreateDomainName", "apigatewayv2:UpdateDomainName"];
const TAG: Operations = &["apigatewayv2:TagResource"];
const UNTAG: Operations = &["apigatewayv2:UntagResource"];

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // The three of certificates are of the public one of the origin's name and of the client certificate alike.
    // A certificate that is not there yet has no ARN to name.
    statement!("CreateOriginCertificates", &["*"], Some(Condition::RequestTag), &[
        dependent("acm:AddTagsToCertificate", MAKE, "tags at the request or import", ACM),
        called("acm:ImportCertificate", &["acm:ImportCertificate"], "the client certificate that CloudFront shows", ACM),
        called("acm:RequestCertificate", &["acm:RequestCertificate"], "the public certificate of spec.access.mutualTls.originDomain", ACM),
    ], When::ForMutualTls, " --mutual-tls"),
    // Whose key it is cannot be read by anybody.
    statement!("ReadOriginCertificates", CERTIFICATES, None, &[
        called("acm:GetCertificate", &["acm:GetCertificate"], "the client certificate and the CA that the truststore must have", ACM),
        called("acm:ListTagsForCertificate", &["acm:ListTagsForCertificate"], "whose it is", ACM),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("ChangeOriginCertificates", CERTIFICATES, Some(Condition::ResourceTag), &[
        called("acm:AddTagsToCertificate", &["acm:AddTagsToCertificate"], "changed tags", ACM),
        called("acm:DeleteCertificate", &["acm:DeleteCertificate"], "client certificates that were replaced, and teardown", ACM),
        called("acm:RemoveTagsFromCertificate", &["acm:RemoveTagsFromCertificate"], "changed tags", ACM),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("CreateOriginDomains", &["arn:{partition}:apigateway:*::/domainnames"], Some(Condition::OriginDomain), &[
        called("apigateway:POST", CREATE, "the custom domain name that asks for the client certificate", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    // Which of these API Gateway asks for tags at creation has changed, and is not written down.
    statement!("TagNewOriginDomains", &["arn:{partition}:apigateway:*::/domainnames", DOMAINS[0], DOMAINS[1], DOMAINS[2]], Some(Condition::RequestTag), &[
        dependent("apigateway:PUT", CREATE, "tags at creation", API_GATEWAY),
        dependent("apigateway:TagResource", CREATE, "tags at creation", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("TagOriginDomains", &[DOMAINS[1], DOMAINS[2]], Some(Condition::RequestTag), &[
        dependent("apigateway:POST", CREATE, "tags at creation", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    // Tags change without a word of the truststore. The one that the name has is no condition: a foreign one has to be set right.
    statement!("ChangeOriginDomains", DOMAINS, Some(Condition::ChangedOriginDomain), &[
        called("apigateway:DELETE", &["apigatewayv2:DeleteDomainName", "apigatewayv2:UntagResource"], "teardown, and changed tags", API_GATEWAY),
        called("apigateway:PATCH", &["apigatewayv2:UpdateDomainName"], "another version of the truststore", API_GATEWAY),
        dependent("apigateway:PATCH", &["apigatewayv2:TagResource", "apigatewayv2:UntagResource"], "changed tags", API_GATEWAY),
        called("apigateway:POST", TAG, "changed tags, and what was done about the default endpoint", API_GATEWAY),
        dependent("apigateway:PUT", TAG, "changed tags", API_GATEWAY),
        dependent("apigateway:TagResource", TAG, "changed tags", API_GATEWAY),
        dependent("apigateway:UntagResource", UNTAG, "changed tags", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    // No condition: mappings inherit the name's tags in API Gateway's first API, as AWS documents, and of the second one, which is called,
    // nothing is told.
    statement!("MapOriginDomains", &[
        "arn:{partition}:apigateway:*::/domainnames/*/apimappings",
        "arn:{partition}:apigateway:*::/domainnames/*/apimappings/*",
    ], None, &[
        called("apigateway:DELETE", &["apigatewayv2:DeleteApiMapping"], "mappings that lead elsewhere, and teardown", API_GATEWAY),
        called("apigateway:POST", &["apigatewayv2:CreateApiMapping"], "the way from the custom domain name to the stage", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    // People report that API Gateway asks for these on no ARN of the domain name, so its tags are not asked for either.
    statement!("UseOriginCertificates", &["*"], Some(Condition::Truststore), &[
        dependent("apigateway:AddCertificateToDomain", WRITE, "the certificate of the custom domain name", API_GATEWAY),
        dependent("apigateway:RemoveCertificateFromDomain", &["apigatewayv2:UpdateDomainName", "apigatewayv2:DeleteDomainName"], "the certificate of the custom domain name", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    // Both ways, since a lock that refuses viewers is put back. REST APIs: statement SetAuthorization. An API's id has ten characters.
    statement!("SwitchDefaultEndpoints", &["arn:{partition}:apigateway:*::/apis/??????????"], Some(Condition::Endpoint), &[
        called("apigateway:PATCH", &["apigatewayv2:UpdateApi"], "the default endpoint of an HTTP API", API_GATEWAY),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("ReadTruststores", BUCKETS, None, &[
        called("s3:GetBucketVersioning", &["s3:GetBucketVersioning"], "whether the bucket keeps versions", S3),
        dependent("s3:ListBucket", &["s3:GetObject"], "that there is no truststore yet: without it S3 says Access Denied", S3),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("ListTruststores", BUCKETS, Some(Condition::Prefix), &[
        called("s3:ListBucketVersions", &["s3:ListObjectVersions"], "teardown", S3),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("WriteTruststores", TRUSTSTORES, None, &[
        called("s3:DeleteObjectVersion", &["s3:DeleteObject"], "teardown", S3),
        called("s3:GetObject", &["s3:GetObject"], "the CAs that are accepted", S3),
        dependent("s3:GetObject", WRITE, "API Gateway reads the truststore as the caller", MUTUAL_TLS),
        dependent("s3:GetObjectVersion", WRITE, "API Gateway reads the truststore as the caller", MUTUAL_TLS),
        called("s3:PutObject", &["s3:PutObject"], "the CAs that are accepted", S3),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("ReadOriginZones", ZONES, None, &[
        called("route53:GetHostedZone", &["route53:GetHostedZone"], "what spec.access.mutualTls.hostedZoneId names", ROUTE53),
        called("route53:ListResourceRecordSets", &["route53:ListResourceRecordSets"], "the records, and whose they are", ROUTE53),
    ], When::ForMutualTls, " --mutual-tls"),
    // Whose a record is, only the TXT record beside it tells.
    statement!("ChangeOriginRecords", ZONES, Some(Condition::RecordTypes), &[
        called("route53:ChangeResourceRecordSets", &["route53:ChangeResourceRecordSets"], "records of the origin's name, and those that prove its certificate", ROUTE53),
    ], When::ForMutualTls, " --mutual-tls"),
    statement!("LinkApiGateway", &["arn:{partition}:iam::{account}:role/aws-service-role/*"], Some(Condition::LinkedTo(&["ops.apigateway.amazonaws.com"])), &[
        dependent("iam:CreateServiceLinkedRole", CREATE, "once an account: the role by which API Gateway uses certificates", LINKED_ROLE),
    ], When::ForMutualTls, " --mutual-tls"),
];
