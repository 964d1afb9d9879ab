//! What is read of the routes by itself.

use super::machine::Reading;
use crate::domain::kernel::planning::{Id, Kind};

/// What is read of the routes by itself, as a part of [`Id`].
pub const STAGE: &str = "stage";
/// What is read of the routes by itself, as a part of [`Id`].
pub const PENDING: &str = "pending";

/// What is read of the routes by itself, as a part of [`Id`].
pub const STAGES: &str = "stages";

/// What is read of the routes by itself, as a part of [`Id`].
const WAYS_IN: &str = "ways in";

/// To read of the routes: what the stage has that deploys by itself, after a change.
#[must_use]
pub fn stage_read() -> Id {
    part(STAGE)
}

/// To read of the routes: what the working copy has besides that the stage does not serve.
#[must_use]
pub fn pending_read() -> Id {
    part(PENDING)
}

/// To read of the routes: which custom domain names and distributions lead to the stage. All objects of a Region share that.
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
    pub(super) fn id(self) -> Id {
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
