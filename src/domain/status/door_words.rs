//! A way around the declared stage, in words.

use crate::api::{OtherDoor, OtherDoorState, OtherDoorType};

/// A door in a few words.
#[must_use]
pub fn described(door: &OtherDoor) -> String {
    let state = match door.state {
        OtherDoorState::Open => "stands open",
        OtherDoorState::Unknown => "API Gateway does not tell what it asks for",
        OtherDoorState::Locked => "locked",
    };
    match door.r#type {
        OtherDoorType::Stage => format!("stage {} ({state})", door.name),
        OtherDoorType::DomainName => format!("{} (stage {}, {state})", door.name, door.stage),
        OtherDoorType::Distribution => {
            format!("distribution {} before stage {} ({state})", door.name, door.stage)
        }
        OtherDoorType::Authority => {
            format!(
                "client certificates of {} (stage {}, {state})",
                door.name, door.stage
            )
        }
    }
}
