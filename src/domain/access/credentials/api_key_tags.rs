//! Tags of an owner's API keys and usage plan.

use super::api_key::{Action, Desired, Next, Observed, Step, ownership_of, step};
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::planning::Verb;
use crate::domain::kernel::tagging::{TagStep, tag_step_changes, tags_back};

/// What of the two bears tags, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Bearer {
    Key(String),
    Plan(String),
}

impl Bearer {
    /// Its ARN in `region`; API Gateway's have no account.
    #[must_use]
    pub fn arn(&self, region: &str) -> String {
        let path = match self {
            Self::Key(id) => format!("apikeys/{id}"),
            Self::Plan(id) => format!("usageplans/{id}"),
        };
        format!("arn:aws:apigateway:{region}::/{path}")
    }
}

impl Observed {
    /// What bears tags of `owner`'s, with names and tags: its plans, never one that is only named, and its keys.
    pub fn bearers(&self, owner: &Owner) -> impl Iterator<Item = (Bearer, &str, &Tags)> {
        let plans = self.own_plans(owner);
        let plans = plans.map(|plan| (Bearer::Plan(plan.id.clone()), plan.name.as_str(), &plan.tags));
        let keys = self.keys.iter();
        plans.chain(keys.map(|key| (Bearer::Key(key.id.clone()), key.name.as_str(), &key.tags)))
    }

    pub(super) fn change_tags(&mut self, bearer: &Bearer, change: impl FnOnce(&mut Tags)) {
        let tags = match bearer {
            Bearer::Key(id) => {
                let key = self.keys.iter_mut().find(|key| key.id == *id);
                key.map(|key| &mut key.tags)
            }
            Bearer::Plan(id) => self.plan_mut(id).map(|plan| &mut plan.tags),
        };
        if let Some(tags) = tags {
            change(tags);
        }
    }
}

/// Puts tags back that were taken away of what is ours.
pub(in crate::domain::access) fn tags_first(owner: &Owner, found: &Observed, wanted: &Tags) -> Option<Step> {
    let stripped =
        |(_, name, tags): &(Bearer, &str, &Tags)| ownership_of(owner, name, tags) == Ownership::Stripped;
    let (bearer, name, tags) = found.bearers(owner).find(stripped)?;
    let (changes, tags) = tags_back(tags, wanted);
    Some(Step {
        changes,
        ..step(Verb::Update, name, Action::Tag { bearer, tags })
    })
}

/// The next tag call, where plan and keys are otherwise as they should be.
pub(in crate::domain::access) fn next_of_tags(desired: &Desired, found: &Observed) -> Next {
    let wrong = found.bearers(&desired.owner).find_map(|(bearer, name, tags)| {
        let (changes, tags) = tag_step_changes(tags, &desired.tags)?;
        let action = match tags {
            TagStep::Set(tags) => Action::Tag { bearer, tags },
            TagStep::Remove(keys) => Action::Untag { bearer, keys },
        };
        Some(Step {
            changes,
            ..step(Verb::Update, name, action)
        })
    });
    wrong.map_or(Next::Done, |step| Next::Act(Box::new(step)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::credentials::api_key::after;
    use crate::domain::access::credentials::api_key_fixtures::{owner, plan_and_keys};
    use crate::domain::kernel::identity::{TAG_CONDEMNED, tags_for};

    fn tags(custom: &[(&str, &str)]) -> Tags {
        let custom = custom.iter().map(|(key, value)| ((*key).into(), (*value).into()));
        tags_for(&owner(), &custom.collect())
    }

    fn wanted(tags: Tags) -> Desired {
        Desired {
            owner: owner(),
            stage: ("api".into(), "prod".into()),
            given_plan: None,
            tags,
        }
    }

    /// Makes the calls until none is needed; answers what each changed of what.
    fn follow(desired: &Desired, found: &mut Observed) -> Vec<String> {
        let mut told = Vec::new();
        while let Next::Act(step) = next_of_tags(desired, found) {
            told.push(format!("{} {}", step.name, step.fields().join(" ")));
            after(found, &step.action);
        }
        told
    }

    #[test]
    fn a_changed_tag_reaches_plan_and_keys_one_after_the_other() {
        let before = tags(&[("team", "shop")]);
        let desired = wanted(tags(&[("team", "pets")]));
        let mut found = plan_and_keys(before.clone(), &[before.clone(), before]);
        assert_eq!(
            follow(&desired, &mut found),
            [
                "palisade-shop-petstore-12345678 tags.team",
                "palisade-shop-petstore-12345678-0 tags.team",
                "palisade-shop-petstore-12345678-1 tags.team"
            ]
        );
        let is_right = |(_, _, tags): (Bearer, &str, &Tags)| *tags == desired.tags;
        assert!(found.bearers(&owner()).all(is_right));
    }

    #[test]
    fn a_tag_taken_out_of_the_spec_goes_with_our_marks_and_those_of_others_stay() {
        let mut before = tags(&[("team", "shop")]);
        before.insert(TAG_CONDEMNED.into(), "now".into());
        before.insert("cost-center".into(), "42".into());
        let desired = wanted(tags(&[]));
        let mut found = plan_and_keys(desired.tags.clone(), &[before]);
        follow(&desired, &mut found);
        let mut after = desired.tags.clone();
        after.insert("cost-center".into(), "42".into());
        assert_eq!(found.keys[0].tags, after);
    }

    #[test]
    fn a_plan_that_the_spec_only_names_keeps_its_tags() {
        let theirs = Tags::from([("team".into(), "theirs".into())]);
        let desired = Desired {
            given_plan: Some("plan".into()),
            ..wanted(tags(&[("team", "pets")]))
        };
        let mut found = plan_and_keys(theirs.clone(), &[tags(&[])]);
        found.is_given = true;
        follow(&desired, &mut found);
        assert_eq!(found.plan.unwrap().tags, theirs);
        assert_eq!(found.keys[0].tags, desired.tags);
    }

    #[test]
    fn arns_have_a_region_and_no_account() {
        let arn = |bearer: Bearer| bearer.arn("eu-north-1");
        assert_eq!(
            arn(Bearer::Key("k1".into())),
            "arn:aws:apigateway:eu-north-1::/apikeys/k1"
        );
        assert_eq!(
            arn(Bearer::Plan("p1".into())),
            "arn:aws:apigateway:eu-north-1::/usageplans/p1"
        );
    }
}
