//! What is said of changes that a live object does not take: the API server says so by the rules of the definitions, and the controller of
//! a plan, which nobody applies.

/// Of another stage, while the lock of the present one is not proven.
pub const STAGE_UNPROVEN: &str = "spec.origin.stage cannot change while the lock of the present stage is not proven: wait until AccessRestricted is True, or set spec.access.enforcement to Observe first, which puts back what was begun";
/// Of another perimeter, once one is taken over.
pub const TAKEN_OVER: &str = "spec.takeOver.uid is immutable once the perimeter is taken over, since a restored object is known by it: write the UID that status.takeOver has";
/// Of another stage or path, while something of mutual TLS is left.
pub const STAGE_OF_LEFT: &str = "spec.origin.stage and spec.origin.path cannot change while status.access.mutualTls is there, since CloudFront may still reach the API by that custom domain name: set them back, and change them once Ready is True in the new mode";
/// Of mutual TLS otherwise than what is left of it.
pub const LEFT: &str = "spec.access.mutualTls: originDomain, hostedZoneId and truststoreBucket have to be those of status.access.mutualTls as long as that is there: write those, or wait until Ready is True in the mode before";
/// Of another stage or path under mutual TLS.
pub const STAGE_OF_MUTUAL_TLS: &str = "spec.origin.stage and spec.origin.path are immutable under spec.access.mode MutualTls, since viewers would be refused while the custom domain name changes: set them back";
/// That takes the adoption out.
pub const ADOPT: &str = "spec.distribution.adopt is immutable in that it cannot be taken out: to give the distribution back set adopt.release: true; deleting this object leaves it as it is, unless spec.deletionPolicy is Delete";
/// Of another API.
pub const ENDPOINT: &str = "spec.origin.endpoint is immutable: create another ProtectedApi for another API";
/// Of another type.
pub const TYPE: &str = "spec.origin.type is immutable: where Accepted is False and nothing was built yet, delete this object and declare it anew; for another API create another ProtectedApi";
/// Of another distribution that is adopted.
pub const ADOPT_ID: &str =
    "spec.distribution.adopt.id is immutable: declare another object for another distribution";
/// Of another hosted zone of mutual TLS.
pub const HOSTED_ZONE: &str =
    "spec.access.mutualTls.hostedZoneId is immutable, since the origin's records stand in it: set it back";
/// Of another name of the origin.
pub const ORIGIN_DOMAIN: &str =
    "spec.access.mutualTls.originDomain is immutable, since CloudFront reaches the API by it: set it back";
/// Of another bucket of the truststore.
pub const TRUSTSTORE_BUCKET: &str = "spec.access.mutualTls.truststoreBucket is immutable, since API Gateway reads the truststore there: set it back";
/// All of them.
pub const ALL: [&str; 12] = [
    STAGE_UNPROVEN,
    TAKEN_OVER,
    STAGE_OF_LEFT,
    LEFT,
    STAGE_OF_MUTUAL_TLS,
    ADOPT,
    ENDPOINT,
    TYPE,
    ADOPT_ID,
    HOSTED_ZONE,
    ORIGIN_DOMAIN,
    TRUSTSTORE_BUCKET,
];
