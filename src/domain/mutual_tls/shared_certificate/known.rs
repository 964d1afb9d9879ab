//! Which of the certificates of an origin's name is one that objects share.

use super::key::SERVES_SHARED;
use crate::domain::edge::certificate::{self, SeenCertificate};
use crate::domain::mutual_tls::{Inputs, TAG_SERVES};

/// ARN of the one that status remembers.
#[must_use]
pub fn remembered<'a>(inputs: &Inputs<'a>) -> Option<&'a String> {
    inputs.remembered?.shared_certificate_arn.as_ref()
}

/// Whether a certificate is one that objects share, whoever needs it, or was when it had its tags.
#[must_use]
pub fn is_one(inputs: &Inputs<'_>, arn: &str, seen: &SeenCertificate) -> bool {
    let serves = certificate::tags_of(seen).and_then(|tags| tags.get(TAG_SERVES));
    serves.map_or_else(
        || remembered(inputs).is_some_and(|known| known == arn),
        |serves| serves == SERVES_SHARED,
    )
}
