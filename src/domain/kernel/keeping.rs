//! Who keeps a perimeter, where that is not the object that it was made for: names, comments and marks stay as they were made, so that a
//! takeover changes nothing by which viewers are served; tags say who keeps it now, for whom it was made, and who kept it before.

use super::identity::{Owner, TAG_CLUSTER, TAG_CONDEMNED, TAG_NAME, TAG_NAMESPACE, Tags};
use crate::api::{ProtectedApi, ProtectedApiStatus};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The object that the parts were made for, and are named after: `<cluster>/<namespace>/<name>`.
pub const TAG_MADE_FOR: &str = "palisade.dev/made-for";
/// The object that kept the perimeter before the present one took it over.
pub const TAG_TAKEN_FROM: &str = "palisade.dev/taken-from";
/// How often the perimeter was taken over. Of two keepers the one of the higher number came later, also where it goes back and forth
/// between them.
pub const TAG_TAKEOVERS: &str = "palisade.dev/takeovers";

/// On the distribution: to whom its keeper offers the perimeter.
pub const TAG_OFFERED_TO: &str = "palisade.dev/offered-to";
/// On the distribution: who has come for what is offered.
pub const TAG_CLAIMED_BY: &str = "palisade.dev/claimed-by";
/// On the distribution: to whom its keeper has let it go. From this tag on that one keeps it, and no other.
pub const TAG_RELEASED_TO: &str = "palisade.dev/released-to";

/// An object that keeps a perimeter, or kept it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Keeper {
    /// UID of the cluster's kube-system namespace.
    pub cluster: String,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

/// Whose a perimeter was that was taken over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TakenOver {
    /// The object that the parts were made for.
    pub made_for: Keeper,
    /// The object that kept it before.
    pub taken_from: Keeper,
    /// How often it was taken over by now.
    pub takeovers: u32,
}

impl Keeper {
    /// The keeper that a tag or a status names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/').filter(|part| !part.is_empty());
        Some(Self {
            cluster: parts.next()?.to_owned(),
            namespace: parts.next()?.to_owned(),
            name: parts.next()?.to_owned(),
        })
    }

    /// `<namespace>/<name>`.
    #[must_use]
    pub fn object(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

impl fmt::Display for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.cluster, self.namespace, self.name)
    }
}

impl TakenOver {
    /// What a status says of it.
    #[must_use]
    pub fn of_status(status: &ProtectedApiStatus) -> Option<Self> {
        let known = status.take_over.as_ref()?;
        Some(Self {
            made_for: Keeper::parse(&known.made_for)?,
            taken_from: Keeper::parse(&known.taken_from)?,
            takeovers: known.takeovers,
        })
    }

    /// What tags say of it.
    pub(super) fn of_tags(tags: &Tags) -> Option<Self> {
        let kept = |key: &str| Keeper::parse(tags.get(key)?);
        Some(Self {
            made_for: kept(TAG_MADE_FOR)?,
            taken_from: kept(TAG_TAKEN_FROM)?,
            takeovers: tags.get(TAG_TAKEOVERS)?.parse().ok()?,
        })
    }

    /// The tags that say it.
    pub fn tags(&self) -> impl Iterator<Item = (String, String)> {
        let all = [
            (TAG_MADE_FOR, self.made_for.to_string()),
            (TAG_TAKEN_FROM, self.taken_from.to_string()),
            (TAG_TAKEOVERS, self.takeovers.to_string()),
        ];
        all.map(|(key, value)| (key.to_owned(), value)).into_iter()
    }
}

impl Owner {
    /// The object itself, as the keeper of its perimeter.
    #[must_use]
    pub fn keeper(&self) -> Keeper {
        Keeper {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// The object that the parts were made for: names, comments, descriptions and marks in other services are made from it.
    #[must_use]
    pub fn made_for(&self) -> Keeper {
        let taken = self.taken.as_ref();
        taken.map_or_else(|| self.keeper(), |taken| taken.made_for.clone())
    }

    fn takeovers(&self) -> u32 {
        self.taken.as_ref().map_or(0, |taken| taken.takeovers)
    }

    /// This object as it keeps what `former` kept, once it has taken that over.
    #[must_use]
    pub fn taking_over(&self, former: &Owner) -> Self {
        Self {
            uid: former.uid.clone(),
            taken: Some(Box::new(TakenOver {
                made_for: former.made_for(),
                taken_from: former.keeper(),
                takeovers: former.takeovers().saturating_add(1),
            })),
            ..self.clone()
        }
    }
}

/// The object that the parts of `object` were made for, and the keeper before it, where it took them over from another.
#[must_use]
pub fn taken_over(object: &ProtectedApi) -> Option<Box<TakenOver>> {
    TakenOver::of_status(object.status.as_ref()?).map(Box::new)
}

/// Whether what bears `tags` was taken over from this keeper, and not by it.
#[must_use]
pub fn was_taken_from(tags: &Tags, keeper: &Keeper) -> bool {
    TakenOver::of_tags(tags).is_some_and(|taken| taken.taken_from == *keeper)
}

/// To whom the keeper of what bears `tags` has let it go, where that is not `owner`.
#[must_use]
pub fn released_to_another(tags: &Tags, owner: &Owner) -> Option<Keeper> {
    let to = Keeper::parse(tags.get(TAG_RELEASED_TO)?)?;
    (to != owner.keeper()).then_some(to)
}

/// Whether `tags` are of the keeper from which `owner` took the perimeter over, or of the first one, as it was before, and it did not
/// let it go to be deleted. What such a keeper has taken back since has a higher number.
pub(super) fn is_of_keeper_before(tags: &Tags, owner: &Owner) -> bool {
    let Some((taken, keeper)) = owner.taken.as_ref().zip(keeper_of(tags)) else {
        return false;
    };
    let is_earlier = TakenOver::of_tags(tags).is_none_or(|known| known.takeovers < taken.takeovers);
    let is_known = keeper == taken.taken_from || keeper == taken.made_for;
    is_known && is_earlier && !tags.contains_key(TAG_CONDEMNED)
}

/// Who keeps what bears `tags`, if they say so completely.
#[must_use]
pub fn keeper_of(tags: &Tags) -> Option<Keeper> {
    let get = |key: &str| tags.get(key).cloned();
    Some(Keeper {
        cluster: get(TAG_CLUSTER)?,
        namespace: get(TAG_NAMESPACE)?,
        name: get(TAG_NAME)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::identity::{Ownership, TAG_UID, owner_of, ownership};

    fn owner(cluster: &str, name: &str, uid: &str) -> Owner {
        Owner {
            cluster: cluster.into(),
            namespace: "shop".into(),
            name: name.into(),
            uid: uid.into(),
            taken: None,
        }
    }

    #[test]
    fn names_stay_and_tags_say_who_keeps_it_however_often_it_is_taken_over() {
        let first = owner("a", "petstore", "11111111-0");
        let second = owner("b", "pets", "2").taking_over(&first);
        let third = owner("c", "animals", "3").taking_over(&second);
        for taken in [&second, &third] {
            assert_eq!(taken.resource_name(64), first.resource_name(64));
            assert_eq!(taken.tags()[TAG_UID], first.uid);
            assert_eq!(owner_of(&taken.tags()).as_ref(), Some(taken));
        }
        assert!(was_taken_from(&third.tags(), &second.keeper()));
        assert!(!was_taken_from(&third.tags(), &first.keeper()));
    }

    #[test]
    fn what_goes_back_and_forth_is_of_the_one_who_took_it_last_and_parts_of_the_one_before_follow() {
        let first = owner("a", "petstore", "1");
        let second = owner("b", "pets", "2").taking_over(&first);
        let back = owner("a", "petstore", "3").taking_over(&second);
        let again = owner("b", "pets", "4").taking_over(&back);
        let all = [&first, &second, &back, &again];
        for (at, keeper) in all.iter().enumerate().skip(1) {
            assert_eq!(ownership(&keeper.tags(), keeper), Ownership::Ours);
            assert_eq!(
                ownership(&all[at - 1].tags(), keeper),
                Ownership::Stripped,
                "{at}"
            );
            for later in &all[at + 1..] {
                assert_eq!(ownership(&later.tags(), keeper), Ownership::Foreign, "{at}");
            }
        }
        let third = owner("c", "animals", "5").taking_over(&second);
        assert_eq!(
            ownership(&first.tags(), &third),
            Ownership::Stripped,
            "it broke off"
        );
    }

    #[test]
    fn what_the_keeper_before_left_is_tagged_anew_and_what_another_has_by_now_is_foreign() {
        let first = owner("a", "petstore", "1");
        let second = owner("b", "pets", "2").taking_over(&first);
        let third = owner("c", "animals", "3").taking_over(&second);
        assert_eq!(ownership(&first.tags(), &second), Ownership::Stripped);
        assert_eq!(ownership(&second.tags(), &second), Ownership::Ours);
        for (tags, keeper) in [(&second, &first), (&third, &first), (&third, &second)] {
            assert_eq!(ownership(&tags.tags(), keeper), Ownership::Foreign);
        }
        let mut condemned = first.tags();
        condemned.insert(TAG_CONDEMNED.into(), "now".into());
        assert_eq!(ownership(&condemned, &second), Ownership::Foreign);
        let another = owner("a", "petstore", "another");
        assert_eq!(ownership(&another.tags(), &second), Ownership::Foreign);
    }
}
