//! A change of `spec.access.mode` to `SigV4` that waits (`docs/decisions/0037-tokens.md`): until it can be made, all goes on in the
//! mode before, as status tells.

use super::proof::Proof;
use crate::api::{
    AccessMode, AccessSpec, ApiKeySpec, Enforcement, HeldModeStatus, ProtectedApiSpec, ProtectedApiStatus,
    SecretHeaderSpec,
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

/// What is done in place of `spec` as long as its mode waits; `None` where it does not. Under `Observe` nothing is locked anew, and
/// a mode that was set back, or to a third, waits for nothing.
#[must_use]
pub fn spec_meanwhile(spec: &ProtectedApiSpec, held: Option<&HeldModeStatus>) -> Option<ProtectedApiSpec> {
    let is_held = |held: &&HeldModeStatus| !matches!(held.mode, AccessMode::SigV4 | AccessMode::MutualTls);
    let held = held.filter(is_held)?;
    let access = spec.access.clone().unwrap_or_default();
    let is_enforced = access.enforcement.unwrap_or_default() == Enforcement::Enforce;
    if !is_enforced || access.mode.unwrap_or_default() != AccessMode::SigV4 {
        return None;
    }
    let access = AccessSpec {
        mode: Some(held.mode),
        api_key: held.usage_plan_id.clone().map(|id| ApiKeySpec {
            usage_plan_id: Some(id),
        }),
        secret_header: held
            .header
            .clone()
            .map(|name| SecretHeaderSpec { name: Some(name) }),
        ..access
    };
    Some(ProtectedApiSpec {
        access: Some(access),
        ..spec.clone()
    })
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
}
