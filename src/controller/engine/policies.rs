//! Which policies of the distribution send the viewer's Host on, as far as the account's own are to be read for it; and how the signer, which
//! puts it right, goes on under another mode.

use super::Engine;
use super::accept::is_built;
use super::subject::Subject;
use crate::api::{
    AccessMode, AccessSpec, HeldModeStatus, ProtectedApiSpec, ProtectedApiStatus, SigV4Spec,
    ViewerAuthorization,
};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::access::held::{held_mode, held_with_host, is_begun};
use crate::domain::access::proof::Proof;
use crate::domain::edge::config::sent_of;
use crate::domain::edge::host::{Known, named, sent_by};
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed;
use crate::domain::signer::options::{SignerOptions, signer_options};
use crate::domain::status::conditions::{holds, types};
use crate::signer::{self, Package, PackageError};
use std::borrow::Cow;
use std::time::Duration;

/// While a signer may be taken off, what a policy sends is read again in each pass; of one pass all parts share it.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Else somebody's edit of a policy is told within this.
const SELDOM: Duration = Duration::from_hours(1);

impl Engine {
    /// What is known of the policies that the spec names, and the mode that goes on because of them, or because of something else.
    pub(super) async fn policies_of(
        &self,
        subject: &Subject<'_>,
        observed: Option<&Observed>,
    ) -> Result<(Known, Option<HeldModeStatus>), CloudError> {
        let (spec, status) = (&subject.object.spec, subject.object.status.as_ref());
        let signs = observed.map(|observed| observed.distribution.has_our_signer());
        let before = status.and_then(held_mode);
        // With a signer policies may send what they like.
        let read = if Proof::of(spec) != Proof::Signature || before.is_some() {
            let may_sign = signs.unwrap_or_default() || status.is_some_and(was_signed);
            let max_age = if may_sign { AT_ONCE } else { SELDOM };
            self.policies.of(&named(spec), max_age).await
        } else {
            Known::default()
        };
        let generation = subject.object.metadata.generation;
        let known = Known {
            signs,
            stands: observed.is_some_and(is_built),
            lets_in: status
                .is_some_and(|status| holds(&status.conditions, generation, types::VIEWER_ACCESS_VERIFIED)),
            ..read
        };
        let is_sent = sent_by(spec, &known).is_some();
        let held = held_with_host(spec, status, signs.unwrap_or_default(), is_sent);
        let begins = before.is_none() && held.is_some();
        if begins && self.is_begun(spec, observed).await? {
            return Ok((known, None));
        }
        Ok((known, held))
    }

    /// Whether the change to the mode that the spec declares is begun: CloudFront sends that proof already. A change that is begun goes on,
    /// and the signer stays beside it.
    async fn is_begun(
        &self,
        spec: &ProtectedApiSpec,
        observed: Option<&Observed>,
    ) -> Result<bool, CloudError> {
        let row = match observed.map(|observed| &observed.distribution) {
            Some(Seen::Present(found)) => return Ok(is_begun(spec, &found.sent())),
            Some(Seen::Listed(Some(row))) => row,
            Some(Seen::Listed(None) | Seen::Absent) | None => return Ok(false),
        };
        let cloud: &dyn Cloud = &self.patient();
        match cloud.get_distribution(row.listed.id.clone()).await {
            Ok(content) => Ok(is_begun(spec, &sent_of(&content.config))),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// `spec` with the options of a signer that goes on in the place of its mode. A spec that is set back to signatures says them itself.
pub(super) fn as_it_signs<'a>(
    spec: &'a ProtectedApiSpec,
    held: Option<&HeldModeStatus>,
    options: SigV4Spec,
) -> Cow<'a, ProtectedApiSpec> {
    let goes_on = held.is_some_and(|held| held.mode == AccessMode::SigV4);
    if !goes_on || Proof::of(spec) == Proof::Signature {
        return Cow::Borrowed(spec);
    }
    let access = AccessSpec {
        sig_v4: Some(options),
        ..spec.access.clone().unwrap_or_default()
    };
    Cow::Owned(ProtectedApiSpec {
        access: Some(access),
        ..spec.clone()
    })
}

/// The signer's package, with the options by which it is made so, where the spec of another mode says nothing of it: as long as it signs,
/// it does so as it did.
pub(super) fn signer_package(
    spec: &ProtectedApiSpec,
    previous: Option<&ProtectedApiStatus>,
) -> Result<(Package, SigV4Spec), PackageError> {
    let wanted = signer_options(spec);
    let known = previous.and_then(|previous| previous.signer.as_ref());
    let known = known.filter(|_| Proof::of(spec) != Proof::Signature);
    // Another version of the controller may have made it: its hash then tells nothing.
    let told = known.filter(|known| known.viewer_authorization.is_some() || known.logs.is_some());
    if let Some(known) = told {
        let options = SigV4Spec {
            viewer_authorization: known.viewer_authorization,
            logs: known.logs,
            exclusive: None,
        };
        return Ok((made_with(&wanted, &options)?, options));
    }
    let others = [ViewerAuthorization::Drop, ViewerAuthorization::Forward].into_iter();
    let others = others.flat_map(|kept| [false, true].map(|logs| (kept, logs)));
    for (viewer_authorization, logs) in others.filter(|_| known.is_some()) {
        let options = SigV4Spec {
            viewer_authorization: Some(viewer_authorization),
            logs: Some(logs),
            exclusive: None,
        };
        let package = made_with(&wanted, &options)?;
        if known.is_some_and(|known| known.code_sha256 == package.code_sha256) {
            return Ok((package, options));
        }
    }
    let options = SigV4Spec {
        viewer_authorization: Some(wanted.viewer_authorization),
        logs: Some(wanted.logs),
        exclusive: None,
    };
    Ok((signer::package(&wanted)?, options))
}

fn made_with(wanted: &SignerOptions, options: &SigV4Spec) -> Result<Package, PackageError> {
    signer::package(&SignerOptions {
        viewer_authorization: options.viewer_authorization.unwrap_or_default(),
        logs: options.logs.unwrap_or_default(),
        ..wanted.clone()
    })
}

fn was_signed(status: &ProtectedApiStatus) -> bool {
    let locked = status.access.as_ref().and_then(|access| access.locked_mode);
    let held = held_mode(status).map(|held| held.mode);
    [locked, held].contains(&Some(AccessMode::SigV4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::SignerStatus;

    fn status(signer: SignerStatus) -> ProtectedApiStatus {
        ProtectedApiStatus {
            signer: Some(signer),
            ..ProtectedApiStatus::default()
        }
    }

    fn spec(access: &str) -> ProtectedApiSpec {
        serde_yaml::from_str(&format!(
            "{{origin: {{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}}, access: {access}}}"
        ))
        .unwrap()
    }

    #[test]
    fn a_spec_that_is_set_back_to_signatures_says_itself_how_they_are_made_and_whom_they_let_in() {
        let held: HeldModeStatus = serde_yaml::from_str("{mode: SigV4}").unwrap();
        let kept = SigV4Spec {
            logs: Some(true),
            ..SigV4Spec::default()
        };
        let of = |access: &str| {
            let spec = spec(access);
            let signs = as_it_signs(&spec, Some(&held), kept.clone()).into_owned();
            signs.access.and_then(|access| access.sig_v4).unwrap()
        };
        assert_eq!(of("{mode: ApiKey}"), kept);
        let back = of("{mode: SigV4, sigV4: {exclusive: true}}");
        assert_eq!((back.exclusive, back.logs), (Some(true), None));
    }

    #[test]
    fn a_signer_that_goes_on_under_another_mode_does_so_as_it_did_whichever_version_made_it() {
        let forwards = spec("{sigV4: {viewerAuthorization: Forward, logs: true}}");
        let (made, options) = signer_package(&forwards, None).unwrap();
        assert_eq!(options.viewer_authorization, Some(ViewerAuthorization::Forward));
        let next = spec("{mode: ApiKey}");
        let of_this_version = SignerStatus {
            code_sha256: made.code_sha256.clone(),
            ..SignerStatus::default()
        };
        let of_another = SignerStatus {
            code_sha256: "of another version".to_owned(),
            viewer_authorization: options.viewer_authorization,
            logs: options.logs,
            ..SignerStatus::default()
        };
        for known in [of_this_version, of_another.clone()] {
            let (package, kept) = signer_package(&next, Some(&status(known))).unwrap();
            assert_eq!(package.code_sha256, made.code_sha256);
            assert_eq!(kept, options);
        }
        // Where the mode says it, that counts.
        let drops = spec("{mode: SigV4}");
        let (package, kept) = signer_package(&drops, Some(&status(of_another))).unwrap();
        assert_ne!(package.code_sha256, made.code_sha256);
        assert_eq!(kept.viewer_authorization, Some(ViewerAuthorization::Drop));
    }
}
