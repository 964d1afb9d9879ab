//! What of an API is read apart from its routes, and only where it decides something.

use super::machine::Reading;
use crate::domain::kernel::planning::{Id, Kind};

/// As the part of an [`Id`]: the stage, as it serves by now.
pub const STAGE: &str = "stage";
/// As the part of an [`Id`]: edits that the stage does not serve yet.
pub const PENDING: &str = "pending";
/// As the part of an [`Id`]: all stages of the API.
pub const STAGES: &str = "stages";
/// As the part of an [`Id`]: what leads viewers to the stage past the perimeter.
const WAYS_IN: &str = "ways in";

/// To be read: the stage again, which deploys by itself or whose canary decides.
#[must_use]
pub fn stage_read() -> Id {
    part(STAGE)
}

/// To be read: which edits of the working copy the stage does not serve, and what gateway responses make of refusals.
#[must_use]
pub fn pending_read() -> Id {
    part(PENDING)
}

/// To be read: which custom domain names and distributions lead to the stage. All objects of a Region share that.
#[must_use]
pub fn ways_in_read() -> Id {
    part(WAYS_IN)
}

fn part(part: &str) -> Id {
    Id {
        kind: Kind::Access,
        part: part.to_owned(),
    }
}

impl Reading {
    pub(in crate::domain::access) fn id(self) -> Id {
        match self {
            Self::Authorizer => Id::of(Kind::Authorizer),
            Self::ApiKey => Id::of(Kind::ApiKey),
            Self::Stage => stage_read(),
            Self::Pending => pending_read(),
            Self::Stages => part(STAGES),
            Self::WaysIn => ways_in_read(),
        }
    }
}
