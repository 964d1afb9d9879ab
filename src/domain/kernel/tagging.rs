//! Which tag call a resource needs next, and whose it is where its tags do not tell.

use super::change::{Change, changes_between};
use super::identity::{Owner, Ownership, Tags, ownership, tag_changes};
use super::planning::{Id, Problem};
use super::reason::Reason;

/// The problem of a resource that has our name, while neither its tags nor anything else prove that it is `owner`'s. It may
/// serve viewers, so nobody is told to delete it.
#[must_use]
pub fn name_taken(id: Id, what: &str, name: &str, owner: &Owner) -> Problem {
    let tags: Vec<String> = owner
        .tags()
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    Problem {
        id,
        reason: Reason::NameTaken,
        field: None,
        message: format!(
            "{what} {name} exists, but neither its tags nor anything else prove that it is this object's: it is left \
             alone. If its tags were taken away, give it back {}. If it is somebody else's and nothing of this object \
             serves viewers yet, declare this object anew: its resources then have other names",
            tags.join(", ")
        ),
        remedy: None,
        stands: false,
        retry_after: None,
    }
}

/// What one tag call does: AWS has a call for either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagStep {
    /// Sets these tags.
    Set(Tags),
    /// Removes these keys.
    Remove(Vec<String>),
}

/// One call that changes tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCall {
    /// The resource whose tags they are.
    pub arn: String,
    /// What changes.
    pub step: TagStep,
}

impl TagCall {
    /// A call for the resource `arn`.
    #[must_use]
    pub fn new(arn: &str, step: TagStep) -> Self {
        Self {
            arn: arn.to_owned(),
            step,
        }
    }

    /// A call that sets `tags`.
    #[must_use]
    pub fn setting(arn: &str, tags: Tags) -> Self {
        Self::new(arn, TagStep::Set(tags))
    }

    /// A call that removes `keys`.
    #[must_use]
    pub fn removing(arn: &str, keys: Vec<String>) -> Self {
        Self::new(arn, TagStep::Remove(keys))
    }

    /// The tags that it sets; `None` where it removes some.
    #[must_use]
    pub fn set(&self) -> Option<&Tags> {
        match &self.step {
            TagStep::Set(tags) => Some(tags),
            TagStep::Remove(_) => None,
        }
    }

    /// Makes of `tags` what they are after it.
    pub fn change(&self, tags: &mut Tags) {
        match &self.step {
            TagStep::Set(set) => tags.extend(set.clone()),
            TagStep::Remove(unset) => tags.retain(|key, _| !unset.contains(key)),
        }
    }
}

/// The next tag call, if one is needed: tags to set, or keys to remove; with the change it makes.
///
/// What has to go goes first: the tag that lists the keys of ours is among those to set, and once it is, a key that it
/// no longer lists could not be told from one of others.
#[must_use]
pub fn tag_step_changes(found: &Tags, wanted: &Tags) -> Option<(Vec<Change>, TagStep)> {
    let (set, unset) = tag_changes(found, wanted);
    let mut after = found.clone();
    let step = if !unset.is_empty() {
        after.retain(|key, _| !unset.contains(key));
        TagStep::Remove(unset)
    } else if !set.is_empty() {
        after.extend(set.clone());
        TagStep::Set(set)
    } else {
        return None;
    };
    Some((tag_change(found, &after), step))
}

fn tag_change(found: &Tags, after: &Tags) -> Vec<Change> {
    let changes = changes_between(found, after).into_iter();
    let named = changes.map(|change| Change {
        path: format!("tags.{}", change.path),
        ..change
    });
    named.collect()
}

/// The tags that were taken away of a resource that is proven ours, with the change that putting them back is. They go first
/// and alone: until they are there, the controller has no right to change anything else of it.
#[must_use]
pub fn tags_back(found: &Tags, wanted: &Tags) -> (Vec<Change>, Tags) {
    let (missing, _) = tag_changes(found, wanted);
    let mut after = found.clone();
    after.extend(missing.clone());
    (tag_change(found, &after), missing)
}

/// What the tags in a resource's row need.
pub enum RowTags {
    /// Nothing.
    Right,
    /// The lists do not show whose it is: only the service's own tag call tells.
    Unknown,
    /// One tag call, with the change it makes.
    Wrong(Vec<Change>, TagStep),
}

/// Compares the tags in the row of a resource of `owner` with those that it should have.
#[must_use]
pub fn row_tags(found: Option<&Tags>, owner: &Owner, wanted: &Tags) -> RowTags {
    let Some(found) = found.filter(|tags| is_told(tags, owner)) else {
        return RowTags::Unknown;
    };
    tag_step_changes(found, wanted).map_or(RowTags::Right, |(changes, step)| RowTags::Wrong(changes, step))
}

/// Whether `tags` as they are listed say that the resource is the owner's. What the keeper before it left is looked at whole.
fn is_told(tags: &Tags, owner: &Owner) -> bool {
    !matches!(ownership(tags, owner), Ownership::Foreign | Ownership::Stripped)
}

/// The tags to set on a resource of `owner` so that it bears `mark`; `None` where it does. The owner's are always set with it: lists
/// that lag behind may show tags that were taken away, and without the cluster's no sweep finds the resource.
#[must_use]
pub fn marked(ownership: Ownership, tags: &Tags, owner: &Owner, mark: &Tags) -> Option<Tags> {
    let is_marked = mark.keys().all(|key| tags.contains_key(key));
    if is_marked || ownership == Ownership::Foreign {
        return None;
    }
    let mut all = owner.tags();
    all.extend(mark.clone());
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::identity::{TAG_CONDEMNED, TAG_UID, tags_for};

    #[test]
    fn a_mark_is_set_once_with_its_owners_tags_whatever_was_listed_and_never_on_what_is_foreign() {
        let owner = Owner {
            cluster: "c0ffee00-0000".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "12345678-aaaa-bbbb".into(),
            taken: None,
        };
        let mark = Tags::from([(TAG_CONDEMNED.to_owned(), "now".to_owned())]);
        for (ownership, listed) in [
            (Ownership::Ours, owner.tags()),
            (Ownership::Stripped, Tags::new()),
        ] {
            let mut tags = listed;
            let set = marked(ownership, &tags, &owner, &mark).expect("it is not marked");
            assert_eq!(set.get(TAG_UID), Some(&owner.uid));
            assert!(set.contains_key(TAG_CONDEMNED));
            tags.extend(set);
            assert_eq!(marked(Ownership::Condemned, &tags, &owner, &mark), None);
        }
        assert_eq!(marked(Ownership::Foreign, &Tags::new(), &owner, &mark), None);
    }

    #[test]
    fn a_tag_taken_out_of_the_spec_goes_also_when_others_stay_or_come() {
        let owner = Owner {
            cluster: "c".into(),
            namespace: "n".into(),
            name: "o".into(),
            uid: "u".into(),
            taken: None,
        };
        let tags = |keys: &[&str]| {
            let custom = keys.iter().map(|key| ((*key).to_owned(), "x".to_owned()));
            tags_for(&owner, &custom.collect())
        };
        let wanted = tags(&["stays", "comes"]);
        let mut found = tags(&["stays", "goes"]);
        while let Some((_, step)) = tag_step_changes(&found, &wanted) {
            TagCall::new("arn", step).change(&mut found);
        }
        assert_eq!(found, wanted);
    }
}
