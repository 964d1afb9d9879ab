//! A mode that goes on in the place of the declared one, as status tells.
//!
//! - A change to `SigV4` that waits (`docs/decisions/0037-tokens.md`): until it can be made, all goes on in the mode before.
//! - A change to `MutualTls` (`docs/decisions/0038-mutual-tls.md`): the mode before goes on beside it, as long as methods ask for what it
//!   has CloudFront send. After `SigV4` that is another one, with which a client certificate can be shown.
//! - A change from `SigV4` that waits (`docs/decisions/0048-host.md`): as long as a policy sends the viewer's Host on, which the signer
//!   alone puts right, CloudFront goes on signing.
//! - A change from `MutualTls` to `SigV4` (`docs/decisions/0043-way-back.md`): such a one comes first, until no certificate is shown.

use super::proof::{Proof, Sent};
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

/// The mode that goes on, where `is_host_sent` says that the policies that `spec` names send the viewer's Host on, or may: one with a signer
/// that begins no change ([`is_begun`]). `signs` tells whether the distribution has ours, of an object whose status was lost.
#[must_use]
pub fn held_with_host(
    spec: &ProtectedApiSpec,
    status: Option<&ProtectedApiStatus>,
    signs: bool,
    is_host_sent: bool,
) -> Option<HeldModeStatus> {
    let known = status.and_then(held_mode).cloned();
    let declared = spec
        .access
        .as_ref()
        .and_then(|access| access.mode)
        .unwrap_or_default();
    if declared == AccessMode::SigV4 {
        return known;
    }
    let access = status.and_then(|status| status.access.as_ref());
    let is_signed = match (&known, access) {
        (Some(held), _) => held.mode == AccessMode::SigV4,
        (None, Some(access)) => access.locked_mode == Some(AccessMode::SigV4),
        // Which methods stay as they are, a spec with MutualTls does not tell.
        (None, None) => signs && declared != AccessMode::MutualTls,
    };
    if !is_signed {
        return known;
    }
    let excluded = || {
        access
            .map(|access| access.excluded_methods.clone())
            .unwrap_or_default()
    };
    is_host_sent.then(|| signed_on(declared, excluded))
}

/// Whether a change to the mode that `spec` declares is begun, where the distribution sends `sent`. It goes on then, beside the signer: to
/// turn it back would be one more change of every method.
#[must_use]
pub fn is_begun(spec: &ProtectedApiSpec, sent: &Sent) -> bool {
    match Proof::of(spec) {
        // By way of another mode.
        Proof::Certificate => sent.proofs().iter().any(|proof| *proof != Proof::Signature),
        proof => sent.has(&proof),
    }
}

/// Signatures that go on in the place of the mode `declared`; `excluded` are the methods that stay as they are.
pub(super) fn signed_on(declared: AccessMode, excluded: impl FnOnce() -> Vec<String>) -> HeldModeStatus {
    HeldModeStatus {
        mode: AccessMode::SigV4,
        header: None,
        usage_plan_id: None,
        exclude_methods: (declared == AccessMode::MutualTls).then(excluded),
    }
}

/// `proof` as a mode that goes on: only a header of a secret has a name that a spec gives, and only a key a plan.
pub(super) fn goes_on(
    proof: &Proof,
    usage_plan_id: Option<String>,
    exclude_methods: Option<Vec<String>>,
) -> HeldModeStatus {
    let header = proof.header().filter(|_| *proof != Proof::Key);
    HeldModeStatus {
        mode: proof.access_mode(),
        header: header.map(ToOwned::to_owned),
        usage_plan_id: usage_plan_id.filter(|_| *proof == Proof::Key),
        exclude_methods,
    }
}

/// What is done with the methods in place of `spec` as long as another mode goes on; `None` where none does. Under `Observe` nothing is
/// locked anew, and a mode that was set back, or to a third, waits for nothing.
#[must_use]
pub fn spec_meanwhile(spec: &ProtectedApiSpec, held: Option<&HeldModeStatus>) -> Option<ProtectedApiSpec> {
    let held = held.filter(|held| held.mode != AccessMode::MutualTls)?;
    let access = spec.access.clone().unwrap_or_default();
    if access.enforcement.unwrap_or_default() != Enforcement::Enforce {
        return None;
    }
    let exclude_methods = match (access.mode.unwrap_or_default(), held.mode) {
        (AccessMode::SigV4, AccessMode::SigV4) => return None,
        (AccessMode::SigV4, _) | (AccessMode::ApiKey | AccessMode::SecretHeader, AccessMode::SigV4) => {
            access.exclude_methods.clone()
        }
        // Its spec names none. What was noted for another change tells nothing of which methods stay as they are.
        (AccessMode::MutualTls, _) => {
            let names = held.exclude_methods.as_ref()?.iter();
            Some(names.cloned().map(MethodName).collect())
        }
        (AccessMode::ApiKey | AccessMode::SecretHeader, _) => return None,
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

    /// Status of an object whose stage is locked in this mode, with what goes on.
    fn status(locked: &str, held: Option<&str>) -> ProtectedApiStatus {
        let held = held.map(|mode| serde_json::json!({"mode": mode}));
        let access = serde_json::json!({"lockedMode": locked, "heldMode": held, "excludedMethods": ["GET /health"], "verifiedAt": ""});
        serde_json::from_value(serde_json::json!({"access": access})).unwrap()
    }

    #[test]
    fn a_change_from_signatures_waits_while_the_viewers_host_is_sent_on_and_no_other_does() {
        let tls = format!("{{mode: MutualTls, {MUTUAL_TLS}}}");
        let all = ["{mode: ApiKey}", "{mode: SecretHeader}", tls.as_str()];
        for access in all {
            let spec = spec(access);
            let held = |status: &ProtectedApiStatus, is_sent| {
                held_with_host(&spec, Some(status), true, is_sent).map(|held| held.mode)
            };
            let locked = status("SigV4", None);
            assert_eq!(held(&locked, true), Some(AccessMode::SigV4), "{access}");
            assert_eq!(held(&locked, false), None, "{access}");
            // What goes on does so whatever the stage was read to be locked by, and ends with the policy.
            let on = status("ApiKey", Some("SigV4"));
            assert_eq!(held(&on, true), Some(AccessMode::SigV4), "{access}");
            assert_eq!(held(&on, false), None, "{access}");
            // Another mode is on its way already, and goes on.
            let bridge = status("SigV4", Some("ApiKey"));
            assert_eq!(held(&bridge, true), Some(AccessMode::ApiKey), "{access}");
            assert_eq!(held(&status("ApiKey", None), true), None, "{access}");
        }
        let held = held_with_host(&spec(&tls), Some(&status("SigV4", None)), true, true).unwrap();
        assert_eq!(held.exclude_methods, Some(vec!["GET /health".to_owned()]));
        // What waits for another reason is not touched.
        let tokens = status("ApiKey", Some("ApiKey"));
        assert_eq!(
            held_with_host(&spec("{mode: SigV4}"), Some(&tokens), false, true),
            held_mode(&tokens).cloned()
        );
    }

    #[test]
    fn a_change_is_begun_once_the_next_proof_is_sent() {
        let signed = Sent::only(&Proof::Signature, None);
        let tls = format!("{{mode: MutualTls, {MUTUAL_TLS}}}");
        let value = || Some(crate::domain::kernel::secret::Secret::new("v"));
        for (access, proof) in [
            ("{mode: ApiKey}", Proof::Key),
            (
                "{mode: SecretHeader}",
                Proof::Header("x-origin-verify".to_owned()),
            ),
            (tls.as_str(), Proof::Key),
        ] {
            let spec = spec(access);
            assert!(!is_begun(&spec, &signed), "{access}");
            assert!(is_begun(&spec, &signed.clone().with(&proof, value())), "{access}");
        }
    }

    #[test]
    fn of_an_object_that_lost_its_status_the_signer_tells_where_the_spec_says_which_methods_stay() {
        let held = |access: &str, signs| held_with_host(&spec(access), None, signs, true).is_some();
        assert!(held("{mode: ApiKey}", true) && held("{mode: SecretHeader}", true));
        assert!(!held("{mode: ApiKey}", false));
        assert!(!held(&format!("{{mode: MutualTls, {MUTUAL_TLS}}}"), true));
    }

    #[test]
    fn signatures_that_go_on_leave_the_methods_alone_that_the_spec_names() {
        let held = signed_on(AccessMode::ApiKey, Vec::new);
        let declared = spec("{mode: ApiKey, excludeMethods: [GET /health]}");
        let meanwhile = spec_meanwhile(&declared, Some(&held)).unwrap().access.unwrap();
        assert_eq!(meanwhile.mode, Some(AccessMode::SigV4));
        assert_eq!(
            meanwhile.exclude_methods,
            Some(vec![MethodName("GET /health".to_owned())])
        );
        let observed = spec("{mode: ApiKey, enforcement: Observe}");
        assert_eq!(proof_meanwhile(&observed, Some(&held)), Proof::Key);
        let held = signed_on(AccessMode::MutualTls, || vec!["GET /health".to_owned()]);
        let declared = spec(&format!("{{mode: MutualTls, {MUTUAL_TLS}}}"));
        let meanwhile = spec_meanwhile(&declared, Some(&held)).unwrap().access.unwrap();
        assert_eq!(meanwhile.mode, Some(AccessMode::SigV4));
        assert_eq!(
            meanwhile.exclude_methods,
            Some(vec![MethodName("GET /health".to_owned())])
        );
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
