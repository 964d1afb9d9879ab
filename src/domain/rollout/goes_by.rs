//! Which revision of its class one object goes by.

use crate::api::RolloutStatus;

/// An object, as far as it matters which revision it goes by.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Its UID.
    pub uid: &'a str,
    /// The revision of this class that its status says it goes by.
    pub held: Option<&'a str>,
    /// Whether it comes to the class without being let: it names the class itself, or nothing stands for it yet.
    pub joins_at_once: bool,
}

/// What an object goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoesBy {
    /// This revision of its class.
    Revision(String),
    /// What it went by before it came to the class: it is not its turn.
    Before,
    /// Nothing is known of the class yet, and nothing stands or the object itself asks for the class: wait.
    NotYet,
}

/// What the object goes by. `rollout`: what is remembered of the class's; `None` before the first look at the class.
#[must_use]
pub fn goes_by(rollout: Option<&RolloutStatus>, own: Own<'_>) -> GoesBy {
    let held = own.held.map(ToOwned::to_owned);
    let Some(rollout) = rollout else {
        // What stands keeps what it has, also in the moment in which a class is made that is to be its own.
        let new = if own.joins_at_once {
            GoesBy::NotYet
        } else {
            GoesBy::Before
        };
        return held.map_or(new, GoesBy::Revision);
    };
    if rollout.moving.iter().any(|moving| moving.uid == own.uid) {
        return GoesBy::Revision(rollout.revision.clone());
    }
    match held {
        Some(held) => GoesBy::Revision(held),
        None if own.joins_at_once => GoesBy::Revision(entry(rollout).to_owned()),
        None => GoesBy::Before,
    }
}

/// The revision at which an object comes to the class: the last one that all went by, if there is one.
#[must_use]
pub fn entry(rollout: &RolloutStatus) -> &str {
    rollout.completed.as_ref().unwrap_or(&rollout.revision)
}
