//! Whose tags win.

use super::specs::owner;

#[test]
fn the_specs_tags_win_over_the_controllers_in_whatever_case_they_are_spelt() {
    use super::specs::{facts, spec};
    use palisade::domain::kernel::identity::Tags;
    use palisade::domain::perimeter::desired::desired;
    let of = |defaults: &[(&str, &str)], tags: &str| {
        let mut facts = facts(&owner(), "code-1");
        let pairs = defaults
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        facts.default_tags = pairs.collect();
        let tags = desired(&spec(&format!("tags: {tags}")), &facts)
            .unwrap()
            .role
            .creation
            .tags;
        let custom = tags
            .into_iter()
            .filter(|(key, _)| !key.starts_with("palisade.dev/"));
        custom.collect::<Tags>()
    };
    let tags = |pairs: &[(&str, &str)]| -> Tags {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        pairs.collect()
    };
    assert_eq!(
        of(&[("Team", "platform"), ("cost", "1")], "{team: pets}"),
        tags(&[("team", "pets"), ("cost", "1")])
    );
    assert_eq!(of(&[("team", "platform")], "{}"), tags(&[("team", "platform")]));
}
