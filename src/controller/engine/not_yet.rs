//! What AWS refuses because it has not caught up with our own calls: that is waited for.

use super::failures::with_remedy;
use super::references;
use crate::aws::cloud::CloudError;
use crate::aws::errors;
use crate::aws::remedies::remedy;
use crate::domain::kernel::planning::{Id, Wait};
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// Propagation within AWS takes seconds.
const PROPAGATION_RETRY: Duration = Duration::from_secs(3);

/// What AWS has to do, and how long that takes.
fn awaited(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::RolePropagating) => {
            "Lambda does not know the new role yet; this usually takes seconds, and up to 15 minutes in a busy account."
        }
        _ => "AWS has not caught up with an earlier change yet; this usually takes seconds.",
    }
}

/// What is awaited of the resource.
pub(super) fn not_yet(id: &Id, error: &CloudError) -> Wait {
    let known = errors::reason(error.operation, &error.code, &error.message);
    let is_reference = references::is_missing(error);
    Wait {
        id: id.clone(),
        reason: if is_reference {
            Reason::InvalidReference
        } else {
            known.unwrap_or(Reason::Propagating)
        },
        message: format!(
            "{} It says: {}",
            awaited(known),
            with_remedy(error, remedy(error))
        ),
        retry_after: if is_reference {
            references::RETRY
        } else {
            PROPAGATION_RETRY
        },
    }
}
