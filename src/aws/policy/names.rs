//! What names need besides, in a policy of its own: certificates, records, and aliases that are taken over.

use super::table::{Condition, Statement, When, called, dependent, statement};

const ACM: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html";
const CLOUDFRONT: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html";
const ROUTE53: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html";

const CERTIFICATES: &[&str] = &["arn:{partition}:acm:us-east-1:{account}:certificate/*"];
const ZONES: &[&str] = &["arn:{partition}:route53:::hostedzone/*"];

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // A certificate that is not there yet has no ARN to name.
    statement!("RequestCertificates", &["*"], Some(Condition::RequestTag), &[
        dependent("acm:AddTagsToCertificate", &["acm:RequestCertificate"], "tags at the request", ACM),
        called("acm:RequestCertificate", &["acm:RequestCertificate"], "spec.distribution.requestCertificate", ACM),
    ], When::ForNames, " --names"),
    statement!("ReadCertificates", CERTIFICATES, None, &[
        called("acm:ListTagsForCertificate", &["acm:ListTagsForCertificate"], "whose it is", ACM),
    ], When::ForNames, " --names"),
    statement!("ChangeCertificates", CERTIFICATES, Some(Condition::ResourceTag), &[
        called("acm:AddTagsToCertificate", &["acm:AddTagsToCertificate"], "changed tags", ACM),
        called("acm:DeleteCertificate", &["acm:DeleteCertificate"], "other aliases, and teardown", ACM),
        called("acm:RemoveTagsFromCertificate", &["acm:RemoveTagsFromCertificate"], "changed tags", ACM),
    ], When::ForNames, " --names"),
    statement!("ReadHostedZones", ZONES, None, &[
        called("route53:GetHostedZone", &["route53:GetHostedZone"], "what spec.distribution.hostedZoneId names", ROUTE53),
        called("route53:ListResourceRecordSets", &["route53:ListResourceRecordSets"], "the records, and whose they are", ROUTE53),
    ], When::ForNames, " --names"),
    // Whose a record is, only the TXT record beside it tells.
    statement!("ChangeRecords", ZONES, Some(Condition::RecordTypes), &[
        called("route53:ChangeResourceRecordSets", &["route53:ChangeResourceRecordSets"], "records of the aliases, and those that prove a certificate's names", ROUTE53),
    ], When::ForNames, " --names"),
    // Which resource AWS asks it of is not written down.
    statement!("ReadConflicts", &["*"], None, &[
        called("cloudfront:ListDomainConflicts", &["cloudfront:ListDomainConflicts"], "whether another account has a name that spec.distribution.takeOverAliases asks for", CLOUDFRONT),
    ], When::ForNames, " --names"),
    // Into a distribution of ours alone; AWS asks for no right on the one that loses the alias.
    statement!("TakeAliasesOver", &["arn:{partition}:cloudfront::{account}:distribution/*"], Some(Condition::ResourceTag), &[
        called("cloudfront:AssociateAlias", &["cloudfront:AssociateAlias"], "spec.distribution.takeOverAliases", CLOUDFRONT),
    ], When::ForNames, " --names"),
];
