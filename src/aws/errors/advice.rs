//! What people can do about refusals, as rows of the table say it.

pub(super) const EXPIRED: &str = "the controller's AWS credentials have expired and were not renewed: check the pod's role (IRSA or Pod Identity), or sign in again";
pub(super) const UNTRUSTED_TOKEN: &str = "IAM does not accept the token of the controller's ServiceAccount: check the cluster's OIDC provider in IAM, and the trust policy of the role";
pub(super) const UNKNOWN_KEY: &str =
    "AWS does not know the controller's credentials: check the account, the role and AWS_ENDPOINT_URL";
pub(super) const NO_AUTOMATIC_RESPONSE: &str = "if AWS does not offer Shield's automatic response to this account (since 2026-03 new customers get it on request only), leave spec.shield.automaticResponse out and set spec.webAcl.antiDdos in its place; if the web ACL has no rate limit, leave spec.webAcl.rateLimits out for the baseline's";
pub(super) const UNKNOWN_FORM: &str = "AWS answers in a form that this version of Palisade does not know: what stands is left as it is. Upgrade Palisade, or report the service, the operation and the place that are named here";
pub(super) const CLOCK: &str = "AWS refuses the signature: check the secret key, and the clock of the node";
pub(super) const FLAT_RATE: &str = "the flat-rate pricing plan of the distribution does not take what the message names, and AWS changes what plans take: where it is Lambda@Edge, use the mode ApiKey or SecretHeader, which need none, or move the distribution to pay-as-you-go";
pub(super) const CONTINUOUS: &str = "a continuous deployment policy is on the distribution, and CloudFront does not take this change beside it: promote what it tries, or disable the policy, in the CloudFront console; viewers are served all the while, and this goes on by itself";
pub(super) const REPLICATOR: &str = "Lambda@Edge's service-linked role is missing: allow the controller's role iam:CreateServiceLinkedRole (statement LinkServices of `palisade iam-policy`), or have an administrator run `aws iam create-service-linked-role --aws-service-name replicator.lambda.amazonaws.com`";
pub(super) const NO_ACL: &str =
    "spec.distribution.logging.bucket must be an S3 bucket with ACLs enabled, as BUCKET.s3.amazonaws.com";
pub(super) const LOG_BUCKET: &str = "spec.distribution.logging: allow the controller's role s3:GetBucketAcl and s3:PutBucketAcl on the bucket (statement DeliverEdgeLogs of `palisade iam-policy --log-bucket NAME`); the bucket's ACL must give this account FULL_CONTROL";
pub(super) const UNVERIFIED: &str = "AWS has not verified this account for CloudFront yet, which no right can help: open a case with AWS Support (Account and billing), and this goes on by itself after it";
pub(super) const CERTIFICATE: &str = "spec.distribution.certificateArn must be an issued ACM certificate in us-east-1 of this account that covers every alias";
pub(super) const FOREIGN_ALIAS: &str = "another distribution has one of spec.distribution.aliases: spec.distribution.takeOverAliases moves it here without a gap if it is of this account; of another, its owner moves it. An edge-optimised name of API Gateway: see \"Edge-optimised custom domain names\" in docs/names.md";

pub(super) const BUCKET_ELSEWHERE: &str = "the bucket of spec.access.mutualTls.truststoreBucket is in another Region: name one in the API's Region, with versions";
pub(super) const BUCKET_CLOSED: &str = "spec.access.mutualTls.truststoreBucket: the bucket has to be in the object's AWS account; allow the controller's role what the statements ReadTruststores and WriteTruststores of `palisade iam-policy --mutual-tls` have, and, where a KMS key of yours encrypts the bucket, kms:Decrypt and kms:GenerateDataKey on that key; the bucket's own policy may refuse it, too";
pub(super) const NAME_ELSEWHERE: &str = "another AWS account has a custom domain name of that name in this Region: name another in spec.access.mutualTls.originDomain of a new object, or have its owner give the name up. What was made for it, its certificate and its truststore, is used once the name is free, or goes with this object";
pub(super) const DOMAIN_NAMES: &str = "quota reached: have \"Public custom domain names\" of Amazon API Gateway (120, unless it was raised) raised in Service Quotas, in the API's Region; this goes on by itself after it";
pub(super) const DOMAIN_REFUSED: &str = "API Gateway refuses the custom domain name of spec.access.mutualTls, and its message says why: the certificate has to be ISSUED, of this account and Region, and cover originDomain; the truststore is read with the rights of the controller's role (statement WriteTruststores of `palisade iam-policy --mutual-tls`, and kms:Decrypt where a KMS key of yours encrypts the bucket)";
