//! A mode that goes on in the place of the declared one, as status tells.
//!
//! - A change to `SigV4` that waits (`docs/decisions/0037-tokens.md`): until it can be made, all goes on in the mode before.
//! - A change to `MutualTls` (`docs/decisions/0038-mutual-tls.md`): the mode before goes on beside it, as long as methods ask for what it
//!   has CloudFront send. After `SigV4` that is another one, with which a client certificate can be shown.
//! - A change from `MutualTls` to `SigV4` (`docs/decisions/0043-way-back.md`): such a one comes first, until no certificate is shown.

use super::proof::Proof;
use crate::api::{
    AccessMode, AccessSpec, ApiKeySpec, Enforcement, HeldModeStatus, MethodName, OriginType,
    ProtectedApiSpec, ProtectedApiStatus, SecretHeaderSpec,
};
use crate::domain::kernel::planning::{Id, Kind};

/// What a plan tells of such a change: that it waits, or goes on.
#[must_use]
pub fn change_of_mode() -> Id {
    Id {
        kind: Kind::Access,
        part: "mode".to_owned(),
    }
}

/// The mode that goes on, as `status` tells.
#[must_use]
pub fn held_mode(status: &ProtectedApiStatus) -> Option<&HeldModeStatus> {
    status.access.as_ref()?.held_mode.as_ref()
}

/// What is done with the methods in place of `spec` as long as another mode goes on; `None` where none does. Under `Observe` nothing is
/// locked anew, and a mode that was set back, or to a third, waits for nothing.
#[must_use]
pub fn spec_meanwhile(spec: &ProtectedApiSpec, held: Option<&HeldModeStatus>) -> Option<ProtectedApiSpec> {
    let is_held = |held: &&HeldModeStatus| !matches!(held.mode, AccessMode::SigV4 | AccessMode::MutualTls);
    let held = held.filter(is_held)?;
    let access = spec.access.clone().unwrap_or_default();
    if access.enforcement.unwrap_or_default() != Enforcement::Enforce {
        return None;
    }
    let exclude_methods = match access.mode.unwrap_or_default() {
        AccessMode::SigV4 => access.exclude_methods.clone(),
        // Its spec names none. What was noted for another change tells nothing of which methods stay as they are.
        AccessMode::MutualTls => {
            let names = held.exclude_methods.as_ref()?.iter();
            Some(names.cloned().map(MethodName).collect())
        }
        AccessMode::ApiKey | AccessMode::SecretHeader => return None,
    };
    let access = AccessSpec {
        exclude_methods,
        mutual_tls: None,
        ..access
    };
    Some(with_mode(spec, access, held.mode, Some(held)))
}

/// `spec` with `access`, in the mode that goes on, with its options.
fn with_mode(
    spec: &ProtectedApiSpec,
    access: AccessSpec,
    mode: AccessMode,
    held: Option<&HeldModeStatus>,
) -> ProtectedApiSpec {
    let plan = held.and_then(|held| held.usage_plan_id.clone());
    let header = held.and_then(|held| held.header.clone());
    let access = AccessSpec {
        mode: Some(mode),
        api_key: plan.map(|id| ApiKeySpec {
            usage_plan_id: Some(id),
        }),
        secret_header: header.map(|name| SecretHeaderSpec { name: Some(name) }),
        ..access
    };
    ProtectedApiSpec {
        access: Some(access),
        ..spec.clone()
    }
}

/// What is done with the methods in place of `spec` after a change from `MutualTls`; `None` where that needs no other mode. CloudFront
/// signs for no origin that it shows a client certificate to, so a key, or a secret header, comes first.
#[must_use]
pub fn spec_on_the_way_back(
    spec: &ProtectedApiSpec,
    held: Option<&HeldModeStatus>,
) -> Option<ProtectedApiSpec> {
    let access = spec.access.clone().unwrap_or_default();
    if access.mode.unwrap_or_default() != AccessMode::SigV4 {
        return None;
    }
    let is_held = |held: &&HeldModeStatus| !matches!(held.mode, AccessMode::SigV4 | AccessMode::MutualTls);
    let held = held.filter(is_held);
    let of_type = match spec.origin.r#type {
        OriginType::Rest => AccessMode::ApiKey,
        OriginType::Http | OriginType::WebSocket => AccessMode::SecretHeader,
    };
    let mode = held.map_or(of_type, |held| held.mode);
    Some(with_mode(spec, access, mode, held))
}

/// What `spec` asks for by now.
#[must_use]
pub fn proof_meanwhile(spec: &ProtectedApiSpec, held: Option<&HeldModeStatus>) -> Proof {
    spec_meanwhile(spec, held).map_or_else(|| Proof::of(spec), |meanwhile| Proof::of(&meanwhile))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(access: &str) -> ProtectedApiSpec {
        let origin = "{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
        serde_yaml::from_str(&format!("origin: {origin}\naccess: {access}")).unwrap()
    }

    #[test]
    fn only_a_change_to_signatures_that_is_enforced_leaves_the_mode_before_in_its_place() {
        let held = HeldModeStatus {
            mode: AccessMode::SecretHeader,
            header: Some("x-perimeter".to_owned()),
            usage_plan_id: None,
            exclude_methods: None,
        };
        let before = Proof::Header("x-perimeter".to_owned());
        for (access, proof) in [
            ("{mode: SigV4}", before.clone()),
            ("{}", before),
            ("{mode: SigV4, enforcement: Observe}", Proof::Signature),
            ("{mode: ApiKey}", Proof::Key),
        ] {
            assert_eq!(proof_meanwhile(&spec(access), Some(&held)), proof, "{access}");
            assert_eq!(proof_meanwhile(&spec(access), None), Proof::of(&spec(access)));
        }
    }

    const MUTUAL_TLS: &str =
        "mutualTls: {hostedZoneId: Z1, originDomain: origin.example.com, truststoreBucket: store}";

    #[test]
    fn on_the_way_back_to_signatures_a_value_comes_first_whatever_is_enforced() {
        for (access, mode) in [
            ("{mode: SigV4, sigV4: {logs: true}}", Some(AccessMode::ApiKey)),
            ("{enforcement: Observe}", Some(AccessMode::ApiKey)),
            ("{mode: ApiKey}", None),
            ("{mode: SecretHeader}", None),
        ] {
            let meanwhile = spec_on_the_way_back(&spec(access), None);
            let found = meanwhile.and_then(|spec| spec.access.unwrap().mode);
            assert_eq!(found, mode, "{access}");
        }
        let mut http = spec("{}");
        http.origin.r#type = OriginType::Http;
        let meanwhile = spec_on_the_way_back(&http, None).unwrap();
        assert_eq!(meanwhile.access.unwrap().mode, Some(AccessMode::SecretHeader));
        let held = HeldModeStatus {
            mode: AccessMode::SecretHeader,
            header: Some("x-perimeter".to_owned()),
            usage_plan_id: None,
            exclude_methods: None,
        };
        let meanwhile = spec_on_the_way_back(&spec("{}"), Some(&held)).unwrap();
        assert_eq!(Proof::of(&meanwhile), Proof::Header("x-perimeter".to_owned()));
    }

    #[test]
    fn beside_a_client_certificate_the_mode_before_goes_on_and_leaves_methods_as_they_are() {
        let held = HeldModeStatus {
            mode: AccessMode::ApiKey,
            header: None,
            usage_plan_id: Some("gold".to_owned()),
            exclude_methods: Some(vec!["GET /health".to_owned()]),
        };
        let declared = spec(&format!("{{mode: MutualTls, {MUTUAL_TLS}}}"));
        let meanwhile = spec_meanwhile(&declared, Some(&held)).unwrap();
        let access = meanwhile.access.unwrap();
        assert_eq!(access.mode, Some(AccessMode::ApiKey));
        assert_eq!(access.mutual_tls, None);
        assert_eq!(
            access.exclude_methods,
            Some(vec![MethodName("GET /health".to_owned())])
        );
        assert_eq!(access.api_key.unwrap().usage_plan_id.as_deref(), Some("gold"));
        let observed = spec(&format!(
            "{{mode: MutualTls, enforcement: Observe, {MUTUAL_TLS}}}"
        ));
        assert_eq!(proof_meanwhile(&observed, Some(&held)), Proof::Certificate);
        // What goes on for want of a change to signatures does not tell which methods stay as they are.
        let of_another = HeldModeStatus {
            exclude_methods: None,
            ..held
        };
        assert_eq!(proof_meanwhile(&declared, Some(&of_another)), Proof::Certificate);
    }
}
