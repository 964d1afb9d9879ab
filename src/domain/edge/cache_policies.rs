//! AWS's managed cache policies: what they keep answers apart by, and what they send on.
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>

use super::config::CACHING_DISABLED;
use super::host::{HostSent, Known, sender};
use crate::api::{AccessMode, ProtectedApiSpec, ViewerAuthorization};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use serde::Serialize;

/// A managed policy that caches.
#[derive(Clone, Copy)]
struct CachePolicy {
    id: &'static str,
    name: &'static str,
    /// Whether answers to different Authorization headers are kept apart.
    knows_authorization: bool,
    /// Whether the viewer's Host is in the key, and so goes to the origin.
    sends_host: bool,
}

const fn policy(id: &'static str, name: &'static str) -> CachePolicy {
    CachePolicy {
        id,
        name,
        knows_authorization: false,
        sends_host: false,
    }
}

const fn with_host(policy: CachePolicy) -> CachePolicy {
    CachePolicy {
        sends_host: true,
        ..policy
    }
}

const MANAGED: [CachePolicy; 6] = [
    policy("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized"),
    policy(
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
        "CachingOptimizedForUncompressedObjects",
    ),
    policy("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage"),
    with_host(policy(
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
        "UseOriginCacheControlHeaders",
    )),
    with_host(policy(
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        "UseOriginCacheControlHeaders-QueryStrings",
    )),
    CachePolicy {
        knows_authorization: true,
        ..with_host(policy("2e54312d-136d-493c-8eb9-b001f22f67d2", "Amplify"))
    },
];

/// The team's own choice of a policy that caches.
fn caching(spec: &ProtectedApiSpec) -> Option<&str> {
    let id = spec.distribution.as_ref()?.cache_policy_id.as_deref()?;
    (id != CACHING_DISABLED).then_some(id)
}

/// Whether the team has answers cached, by a policy of its own choice.
#[must_use]
pub fn caches(spec: &ProtectedApiSpec) -> bool {
    caching(spec).is_some()
}

/// Whether a viewer's own Authorization header reaches the API.
fn sends_authorization(spec: &ProtectedApiSpec) -> bool {
    match mode(spec) {
        AccessMode::ApiKey | AccessMode::SecretHeader | AccessMode::MutualTls => true,
        AccessMode::SigV4 => {
            let options = spec.access.as_ref().and_then(|access| access.sig_v4.as_ref());
            options.and_then(|options| options.viewer_authorization) == Some(ViewerAuthorization::Forward)
        }
    }
}

fn mode(spec: &ProtectedApiSpec) -> AccessMode {
    let access = spec.access.as_ref();
    access.and_then(|access| access.mode).unwrap_or_default()
}

/// Refuses a managed cache policy by which one viewer would get another's answer, or every viewer a refusal.
///
/// # Errors
/// What the policy lacks, and what to write instead.
pub fn check(spec: &ProtectedApiSpec) -> Result<(), Rejection> {
    let found = caching(spec).and_then(managed);
    let Some(policy) = found.filter(|_| sends_authorization(spec)) else {
        return Ok(());
    };
    let name = policy.name;
    let why = if !policy.knows_authorization {
        format!(
            "{name} does not keep answers to different Authorization headers apart, which reach the API: one viewer's answer \
             would be served to others"
        )
    } else if policy.sends_host && mode(spec) != AccessMode::SigV4 {
        format!("{name} sends the viewer's Host header on, which API Gateway refuses")
    } else {
        return Ok(());
    };
    Err(Rejection::new(
        Reason::InvalidSpec,
        format!(
            "spec.distribution.cachePolicyId: {why}; leave the field out, or make a cache policy with Authorization and without \
             Host among its headers"
        ),
    ))
}

/// AWS's managed origin request policies that do not send the viewer's Host; the API server refuses those that do.
const WITHOUT_HOST: [&str; 5] = [
    // AllViewerExceptHostHeader
    "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    // CORS-CustomOrigin
    "59781a5b-3903-41f3-afcb-af62929ccde1",
    // CORS-S3Origin
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
    // Elemental-MediaTailor-PersonalizedManifests
    "775133bc-15f2-49f9-abea-afb2e0bf67d2",
    // UserAgentRefererHeaders
    "acba4595-bd28-49b8-b9fe-13317c0390fa",
];

/// Those that do, by id, with their names.
const WITH_HOST: [(&str, &str); 3] = [
    ("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer"),
    (
        "33f36d7e-f396-46d9-90e0-52428a34d9dc",
        "AllViewerAndCloudFrontHeaders-2022-06",
    ),
    ("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly"),
];

/// The name of one of AWS's managed origin request policies that sends the viewer's Host on.
#[must_use]
pub fn sends_host(origin_request_policy: &str) -> Option<&'static str> {
    let mut known = WITH_HOST.iter();
    let (_, name) = known.find(|(id, _)| *id == origin_request_policy)?;
    Some(*name)
}

/// Whether a cache policy of AWS's sends the viewer's Host on; `None` of one that is none of AWS's.
pub(super) fn host_of_cache(id: &str) -> Option<bool> {
    let managed = managed(id).map(|policy| policy.sends_host);
    managed.or_else(|| (id == CACHING_DISABLED).then_some(false))
}

/// The same of an origin request policy.
pub(super) fn host_of_request(id: &str) -> Option<bool> {
    let without = WITHOUT_HOST.contains(&id).then_some(false);
    without.or_else(|| sends_host(id).map(|_| true))
}

/// What is to be known of what the spec names, and what nobody reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caveat {
    /// Which kind of thing.
    pub reason: Reason,
    /// What is not known, and what follows from it.
    pub message: String,
}

/// What is to be known of policies that are none of AWS's, as far as they are not read; and that `host` is sent on, where the signer alone
/// puts that right.
#[must_use]
pub fn caveats(spec: &ProtectedApiSpec, host: Option<&HostSent>, known: &Known) -> Vec<Caveat> {
    let puts_host_right = mode(spec) == AccessMode::SigV4;
    let is_unknown = |sends: Option<bool>| !puts_host_right && sends == Some(false);
    let stays = if known.signs == Some(true) {
        "; until that is known, CloudFront goes on signing, which puts it right"
    } else {
        ""
    };
    let own_cache = caching(spec).filter(|id| managed(id).is_none());
    let of_cache = own_cache.filter(|_| sends_authorization(spec)).map(|id| Caveat {
        reason: Reason::CachePolicyNotRead,
        message: format!(
            "viewers' Authorization reaches the API and cache policy {id} is not read for it: if Authorization is not among the \
             headers of its cache key, one viewer's answer is served to others{}",
            if is_unknown(sender(id, host_of_cache(id), known)) {
                format!("; if Host is among them, API Gateway refuses every viewer{stays}")
            } else {
                String::new()
            }
        ),
    });
    let distribution = spec.distribution.as_ref();
    let own_request = distribution.and_then(|wanted| wanted.origin_request_policy_id.as_deref());
    let own_request = own_request.filter(|id| is_unknown(sender(id, host_of_request(id), known)));
    let of_request = own_request.map(|id| Caveat {
        reason: Reason::OriginRequestPolicyNotRead,
        message: format!(
            "origin request policy {id} is not read: if it sends the viewer's Host header on, API Gateway refuses every \
             viewer{stays}"
        ),
    });
    let host = host.filter(|host| host.is_known && !puts_host_right && known.signs.is_some());
    let of_host = host.map(|host| Caveat {
        reason: Reason::HostHeaderInTheWay,
        message: if known.signs == Some(true) {
            format!(
                "{}, which the signer alone puts right, so CloudFront goes on signing. {}",
                host.so, host.remedy
            )
        } else {
            format!(
                "{}; API Gateway refuses every viewer by it who asks for no custom domain name of its own. {}",
                host.so, host.remedy
            )
        },
    });
    of_host.into_iter().chain(of_cache).chain(of_request).collect()
}

/// Whether a cache policy is one of AWS's managed ones that are known here.
#[must_use]
pub fn is_managed_cache_policy(id: &str) -> bool {
    id == CACHING_DISABLED || managed(id).is_some()
}

/// The same of an origin request policy.
#[must_use]
pub fn is_managed_request_policy(id: &str) -> bool {
    WITHOUT_HOST.contains(&id) || sends_host(id).is_some()
}

/// The name of one of AWS's managed policies that cache; none of them has x-api-key in its key.
#[must_use]
pub fn managed_name(id: &str) -> Option<&'static str> {
    managed(id).map(|policy| policy.name)
}

fn managed(id: &str) -> Option<&'static CachePolicy> {
    MANAGED.iter().find(|policy| policy.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    const ORIGIN_HEADERS: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
    const AMPLIFY: &str = "2e54312d-136d-493c-8eb9-b001f22f67d2";
    const OWN: &str = "11111111-2222-3333-4444-555555555555";

    /// Nobody has read anything.
    fn caveats(spec: &ProtectedApiSpec) -> Vec<Caveat> {
        super::caveats(spec, None, &Known::default())
    }

    fn spec(policy: &str, access: &str) -> ProtectedApiSpec {
        let yaml = format!(
            "origin: {{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}}\n\
             distribution: {{cachePolicyId: {policy}}}\naccess: {access}"
        );
        serde_yaml::from_str(&yaml).unwrap()
    }

    const SENDING: [&str; 4] = [
        "{mode: ApiKey}",
        "{mode: SecretHeader}",
        "{mode: MutualTls}",
        "{mode: SigV4, sigV4: {viewerAuthorization: Forward}}",
    ];

    #[test]
    fn a_managed_policy_that_does_not_know_authorization_is_refused_where_authorization_reaches_the_api() {
        for access in SENDING {
            for policy in [OPTIMIZED, ORIGIN_HEADERS] {
                let refusal = check(&spec(policy, access)).unwrap_err();
                assert!(
                    refusal.message.starts_with("spec.distribution.cachePolicyId: "),
                    "{}",
                    refusal.message
                );
            }
            assert_eq!(check(&spec(CACHING_DISABLED, access)), Ok(()));
        }
    }

    #[test]
    fn where_the_signer_drops_authorization_every_policy_is_taken() {
        for policy in [OPTIMIZED, ORIGIN_HEADERS, AMPLIFY, OWN] {
            assert_eq!(check(&spec(policy, "{}")), Ok(()));
            assert!(caveats(&spec(policy, "{}")).is_empty());
        }
    }

    #[test]
    fn a_managed_policy_that_sends_host_is_refused_where_no_signer_puts_it_right() {
        for access in &SENDING[..3] {
            assert!(check(&spec(AMPLIFY, access)).is_err(), "{access}");
        }
        assert_eq!(check(&spec(AMPLIFY, SENDING[3])), Ok(()));
    }

    #[test]
    fn a_policy_of_ones_own_is_warned_of_where_authorization_reaches_the_api() {
        for access in SENDING {
            assert_eq!(check(&spec(OWN, access)), Ok(()));
            assert!(caveats(&spec(OWN, access))[0].message.contains(OWN));
            assert!(caveats(&spec(CACHING_DISABLED, access)).is_empty());
        }
    }

    #[test]
    fn an_origin_request_policy_of_ones_own_is_warned_of_where_no_signer_puts_host_right() {
        let with = |policy: &str, access: &str| {
            let mut spec = spec(CACHING_DISABLED, access);
            let distribution = spec.distribution.get_or_insert_default();
            distribution.origin_request_policy_id = Some(policy.to_owned());
            caveats(&spec)
        };
        for access in &SENDING[..3] {
            assert_eq!(with(OWN, access)[0].reason, Reason::OriginRequestPolicyNotRead);
            assert!(WITHOUT_HOST.iter().all(|policy| with(policy, access).is_empty()));
        }
        assert!(with(OWN, SENDING[3]).is_empty());
    }
}
