//! `status.access`: who may call the API, and by what the answers of probes are read.

use crate::api::access::AccessMode;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The API's authorization, as last read.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct AccessStatus {
    /// The deployment that the stage serves; absent where changes are live at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub deployment: Option<String>,
    /// Whether the stage's lock is begun, and neither proven nor put back. The stage of the spec cannot change meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lock_unproven: bool,
    /// The stage that this object has locked, as the tag `palisade.dev/access` of its distribution says, too. Where somebody opens
    /// it, it is locked again at once, also where the distribution was deleted and made anew: what holds a first lock back does
    /// not hold it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub locked_stage: Option<String>,
    /// The mode in which that stage was last read to be locked. It stays while somebody opens the stage, or nobody can read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_mode: Option<AccessMode>,
    /// The mode that goes on in the place of spec.access.mode: while a change to SigV4 waits (`AuthorizerInTheWay`) or one from it does
    /// (`HostHeaderInTheWay`), or beside MutualTls, as long as methods ask for what it has CloudFront send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_mode: Option<HeldModeStatus>,
    /// Methods or routes that spec.access.excludeMethods named when all were last read in a mode that has it. A change to MutualTls leaves
    /// them as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 300)))]
    pub excluded_methods: Vec<String>,
    /// Stages that spec.origin.stage named before, that this object has locked and that may still ask for what they asked for then:
    /// CloudFront goes on sending it. A stage that asks for nothing any more is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub earlier_stages: Vec<LockedStage>,
    /// Why the lock was put back; absent unless the last attempt was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_back: Option<PutBackStatus>,
    /// The path that probes request, as viewers write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub probe_path: Option<String>,
    /// What is known of the method or route that probes request, by which their answers are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed: Option<ProbedStatus>,
    /// Mode MutualTls: what stands of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutual_tls: Option<MutualTlsStatus>,
    /// What else leads to the API: other stages, open ones first, custom domain names, and distributions of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub other_doors: Vec<OtherDoor>,
    /// Why not all of them could be read when they were last looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub other_doors_unread: Option<String>,
    /// Statements of the API's resource policy that ask for the caller's address, which is CloudFront's now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 128)))]
    pub source_ip_statements: Vec<String>,
    /// When all methods were last read (RFC 3339).
    #[schemars(length(max = 64))]
    pub verified_at: String,
}

/// The mode that goes on in the place of spec.access.mode, with those of its options that a spec of that mode cannot have. The others
/// are the baseline's.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct HeldModeStatus {
    /// The mode.
    pub mode: AccessMode,
    /// SecretHeader: the header's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub header: Option<String>,
    /// ApiKey: the usage plan of the team's that the key is in; absent where the plan is the perimeter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub usage_plan_id: Option<String>,
    /// Under MutualTls: methods or routes that do not ask for the perimeter's proof, and stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100), inner(length(max = 300)))]
    pub exclude_methods: Option<Vec<String>>,
}

/// A stage that this object has locked.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct LockedStage {
    /// The stage's name.
    #[schemars(length(max = 128))]
    pub stage: String,
    /// The mode in which it was last read to be locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<AccessMode>,
}

/// Why a lock was put back.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PutBackStatus {
    /// What was answered, without secrets.
    #[schemars(length(max = 1024))]
    pub said: String,
    /// When the lock was refused (RFC 3339). It speaks of no other refusal.
    #[schemars(length(max = 64))]
    pub at: String,
}

/// What is known of the method or route that probes request.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ProbedStatus {
    /// The method that probes use.
    pub method: ProbeMethod,
    /// What the route asks for as deployed; absent where API Gateway does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// What a probe through the perimeter was answered before the lock, in short: 200, or 403w where the body was worded
    /// as API Gateway's refusals are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    pub viewer_before: Option<String>,
    /// Which error of API Gateway's that answer named; absent where that was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer_before_error: Option<ErrorNamed>,
    /// The same of a probe past the perimeter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    pub direct_before: Option<String>,
    /// Which error of API Gateway's that answer named; absent where that was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_before_error: Option<ErrorNamed>,
    /// Whether the stage has a web ACL of its own, which refuses in the words of a missing key; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_web_acl: Option<bool>,
    /// Statuses that gateway responses give to refusals whose error type they take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub refused_as: Vec<u16>,
}

/// Which of its errors API Gateway named in an answer. Unsigned: nothing was signed, or there is no such method. Signature:
/// what was signed is not right. Authorizer: an authorizer got nothing, said nothing, or cannot be asked. Denied: a policy
/// does not allow it. Forbidden: a key is missing, or something before the stage refuses.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ErrorNamed {
    Nothing,
    Unsigned,
    Signature,
    Authorizer,
    Denied,
    Forbidden,
    Other,
}

/// What a route asks its callers for.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Asks {
    /// What comes first. Nothing; Signature: of a principal of the account; Perimeter: the header that CloudFront sends;
    /// Authorizer: what the team's own authorizer wants.
    pub route: RouteAsks,
    /// Whose API key is asked for after it.
    pub key: KeyAsked,
}

/// What a route asks for first.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum RouteAsks {
    Nothing,
    Signature,
    Perimeter,
    Authorizer,
}

/// Whose API key is asked for.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum KeyAsked {
    #[default]
    None,
    Perimeter,
    Customers,
}

/// The method that probes use.
#[derive(
    Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default,
)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum ProbeMethod {
    #[default]
    Get,
    Head,
    Options,
    Post,
    Put,
    Patch,
}

impl ProbeMethod {
    /// As it stands in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }

    /// Whether it changes nothing, whoever answers.
    #[must_use]
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }
}

/// Something that leads to the API besides the stage's own endpoint.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct OtherDoor {
    /// What it is: another stage, a custom domain name, a distribution that Palisade did not make, or an authority of others whose
    /// client certificates the origin's name accepts.
    #[serde(rename = "type")]
    pub r#type: OtherDoorType,
    /// The stage's name, the domain name with its base path, the distribution's domain name and id, or the authority's hash and where
    /// its truststore is.
    #[schemars(length(max = 600))]
    pub name: String,
    /// The stage that it leads to.
    #[schemars(length(max = 128))]
    pub stage: String,
    /// Open: anybody may call a method there. Locked: nobody may without a proof. Unknown: API Gateway does not tell.
    pub state: OtherDoorState,
}

/// What else leads to an API.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum OtherDoorType {
    Stage,
    DomainName,
    Distribution,
    Authority,
}

/// Who may pass another door.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum OtherDoorState {
    Open,
    Unknown,
    Locked,
}

/// What stands of mutual TLS.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct MutualTlsStatus {
    /// The name by which CloudFront reaches the API, as spec.access.mutualTls named it. With hostedZoneId and truststoreBucket it is kept
    /// until nothing of it is left after a change to another mode: the spec does not name them any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub origin_domain: Option<String>,
    /// Id of the hosted zone that has its records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub hosted_zone_id: Option<String>,
    /// The bucket that has the truststore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub truststore_bucket: Option<String>,
    /// ARN of the team's own certificate of that name, where the spec named one: it is never deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub certificate_arn: Option<String>,
    /// ARN of the public certificate of the origin's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub origin_certificate_arn: Option<String>,
    /// Until when that is valid (RFC 3339), as ACM tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub origin_certificate_not_after: Option<String>,
    /// ARN of the certificate that objects share, where this one does: of all names beside the origin's. No deletion of an object
    /// takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub shared_certificate_arn: Option<String>,
    /// How many objects of the cluster share it, this one among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_by: Option<i64>,
    /// API Gateway's own name for the origin's, to which its records lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub target: Option<String>,
    /// The hosted zone of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub target_zone: Option<String>,
    /// ARN of the client certificate that CloudFront shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub client_certificate_arn: Option<String>,
    /// Until when that is valid (RFC 3339), as ACM tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub client_certificate_not_after: Option<String>,
    /// Since when it is valid (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub client_certificate_not_before: Option<String>,
    /// The client certificates that Palisade imported into ACM, the last one last. What ACM has otherwise, or elsewhere, is not this
    /// object's, whatever tags it bears: CloudFront never shows it, and its authority is not accepted. Where this list was lost,
    /// the certificate that CloudFront shows is taken for this object's, as far as the truststore has its authority.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub client_certificates: Vec<ImportedCertificateStatus>,
    /// Hash of the authority of the client certificate that is being made: it may stand in the truststore before ACM has the
    /// certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub next_ca_hash: Option<String>,
    /// The truststore's version that API Gateway uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub truststore_version: Option<String>,
    /// The version that was found to have authorities of this object's client certificates alone. AccessRestricted is True only while
    /// API Gateway uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub verified_truststore_version: Option<String>,
    /// Whether the API's default endpoint is switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_endpoint_off: bool,
}

/// A client certificate that Palisade imported into ACM. Nothing of it is secret. Hashes are of SHA-256, 128 bits of it.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ImportedCertificateStatus {
    /// Its ARN.
    #[schemars(length(max = 256))]
    pub arn: String,
    /// Hash of the certificate.
    #[schemars(length(max = 64))]
    pub leaf_hash: String,
    /// Hash of the authority that signed it; empty once the truststore has that no more.
    #[schemars(length(max = 64))]
    pub ca_hash: String,
    /// When it was imported (RFC 3339).
    #[schemars(length(max = 64))]
    pub imported_at: String,
    /// Hash of the truststore's version by which API Gateway let it in before it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub proven_with: Option<String>,
    /// Hash of the annotation palisade.dev/rotate that it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub rotate: Option<String>,
    /// Whether the authorities of those before it leave the truststore as soon as viewers come by it, and not with the next
    /// rotation: a person asked for it, or somebody had imported another in the place of one of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shuts_out_former: bool,
    /// Whether its authority is to leave the truststore.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shut_out: bool,
    /// Whether CloudFront has shown it everywhere: what came before it is replaced then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_shown: bool,
}
