//! A change of the stage by which a switch takes effect: of what it says of itself, there and back.
//!
//! Whether a stage that is given what it has makes a switch effective, AWS does not say; a change of any setting does. What is written
//! meanwhile stands at the end of the description, so that what was there is found again after a crash in between.

use super::seen::{Action, Observed};

/// Stands at the end of a stage's description meanwhile.
const MARK: &str = " (Palisade: the default endpoint is being switched)";
/// What a stage says that had nothing to say, where API Gateway takes no empty description.
pub const NOTHING: &str = "No description.";
/// API Gateway takes no longer description of a stage.
const LONGEST: usize = 1024;

/// What a stage says of itself meanwhile, in place of `description`.
#[must_use]
pub fn marked(description: &str) -> String {
    format!("{description}{MARK}")
}

/// What stood there, where a change was begun and not taken back.
#[must_use]
pub fn before(description: &str) -> Option<&str> {
    description.strip_suffix(MARK)
}

/// The change of the stage, or the half of it that is left; `None` where its description has no room.
#[must_use]
pub fn change_of(found: &Observed) -> Option<Action> {
    if let Some(change) = left_over(found) {
        return Some(change);
    }
    let description = found.description.clone();
    let has_room = marked(&description).chars().count() <= LONGEST;
    has_room.then_some(Action::Touch {
        description,
        is_begun: false,
    })
}

/// What gives the stage its description back, where a change was begun and not taken back.
#[must_use]
pub fn left_over(found: &Observed) -> Option<Action> {
    before(&found.description).map(|before| Action::Touch {
        description: before.to_owned(),
        is_begun: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::endpoint::world_fixtures::{REFUSED, World};
    use crate::domain::mutual_tls::endpoint::{Mark, Step};
    use std::time::Duration;

    fn found(description: &str) -> Observed {
        Observed {
            is_off: true,
            deployment: Some("d1".into()),
            auto_deploy: false,
            stages: vec![],
            description: description.into(),
            security_policy: None,
            endpoint_access_mode: None,
            published_at: None,
            switched_off: None,
            rests: false,
        }
    }

    #[test]
    fn what_was_there_is_found_again_whatever_it_was() {
        for description in ["", "Our stage.", "ends in a space ", "(Palisade)"] {
            assert_eq!(before(description), None);
            assert_eq!(before(&marked(description)), Some(description));
            let whole = change_of(&found(description)).unwrap();
            let expected = |is_begun| Action::Touch {
                description: description.into(),
                is_begun,
            };
            assert_eq!(whole, expected(false));
            assert_eq!(left_over(&found(description)), None);
            let half = found(&marked(description));
            assert_eq!(change_of(&half), Some(expected(true)));
            assert_eq!(left_over(&half), Some(expected(true)));
        }
    }

    #[test]
    fn a_description_without_room_is_left_alone() {
        assert_eq!(change_of(&found(&"x".repeat(1000))), None);
        assert!(change_of(&found(&"x".repeat(900))).is_some());
    }

    #[test]
    fn where_only_a_change_of_the_stage_counts_its_description_is_changed_and_given_back() {
        let mut world = World::open();
        world.fixture.endpoint_mut().description = "Our stage.".into();
        (world.takes_effect, world.changes_take_effect) = (false, true);
        world.pass();
        assert_eq!(world.told(), ["trying", "off", "publish"]);
        world.later(Duration::from_secs(65));
        assert_eq!(world.told(), ["change", "locked"]);
        assert_eq!(world.fixture.endpoint_mut().description, "Our stage.");
    }

    #[test]
    fn a_description_that_a_crash_left_changed_is_given_back_once_viewers_wait_for_nothing() {
        let mut world = World::open();
        world.fixture.endpoint_mut().description = marked("Our stage.");
        world.pass();
        assert_eq!(
            world.told(),
            ["trying", "off", "publish", "locked", "change back"]
        );
        assert_eq!(world.fixture.endpoint_mut().description, "Our stage.");
    }

    #[test]
    fn an_endpoint_by_which_viewers_are_refused_is_switched_on_before_a_description_is_given_back() {
        let mut world = World::locked();
        world.fixture.endpoint_mut().description = marked("Our stage.");
        let refused = Mark::new(Step::Refused, world.fixture.pass.at);
        let arn = String::new();
        world.call(Action::Mark {
            arn,
            mark: Some(refused),
        });
        world.viewer = REFUSED;
        world.fixture.probes.clear();
        world.told();
        world.pass();
        assert_eq!(world.told()[0], "on");
        assert_eq!(world.fixture.endpoint_mut().description, "Our stage.");
    }
}
