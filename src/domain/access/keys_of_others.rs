//! API keys of others that open the stage: a lock that asks for a key lets each of them in, past the perimeter.

use super::api_key::{Observed, UsagePlan};
use super::words::listed;
use serde::Serialize;
use std::collections::BTreeSet;

/// A usage plan beside the one that is used: of others, where it has the stage, or the owner's. And the ids of its keys. API Gateway does not tell there which are switched off,
/// so all count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct OtherPlan {
    pub plan: UsagePlan,
    pub keys: BTreeSet<String>,
    /// Whether an object of ours that is gone left it behind: what it opens is a perimeter, and no customer.
    pub is_left_behind: bool,
    /// Whether it is the owner's: an earlier spec used it, or nobody was told that it was made.
    pub is_own: bool,
}

impl Observed {
    /// The usage plans, by name and id, through which keys other than the owner's open `stage`.
    #[must_use]
    pub fn plans_with_keys_of_others(&self, stage: &(String, String)) -> Vec<String> {
        let used = self.plan.iter().map(|plan| (plan, &self.in_plan));
        let others = self.others.iter().filter(|other| !other.is_left_behind);
        let all = used.chain(others.map(|other| (&other.plan, &other.keys)));
        let is_others = |id: &String| self.keys.iter().all(|key| key.id != *id);
        let open = all.filter(|(plan, keys)| plan.stages.contains(stage) && keys.iter().any(is_others));
        open.map(|(plan, _)| format!("{} ({})", plan.name, plan.id))
            .collect()
    }
}

/// What is told where keys of others open the stage, and what to do.
#[must_use]
pub fn keys_of_others(stage: &str, plans: &[String]) -> String {
    format!(
        "keys of others open stage {stage} by usage plan {}: a method that asks for an API key lets each of them in past the \
         perimeter. Set spec.access.mode to SigV4 or SecretHeader; where customers show these keys to methods of the API, name \
         those in spec.access.excludeMethods first: in another mode, what this object has locked by key asks for none",
        listed(plans)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::api_key_fixtures::{owner, plan_and_keys};

    fn stage(name: &str) -> (String, String) {
        ("a1b2c3d4e5".to_owned(), name.to_owned())
    }

    fn ids(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(ToString::to_string).collect()
    }

    /// A plan with one key of ours, beside a plan of customers.
    fn observed(in_plan: &[&str], of_customers: &[&str], stages: Vec<(String, String)>) -> Observed {
        let mut observed = plan_and_keys(owner().tags(), &[owner().tags()]);
        observed.in_plan = ids(in_plan);
        observed.plan.as_mut().unwrap().stages = vec![stage("prod")];
        let plan = UsagePlan {
            id: "gold".to_owned(),
            name: "customers".to_owned(),
            stages,
            tags: crate::domain::kernel::identity::Tags::new(),
        };
        observed.others = vec![OtherPlan {
            plan,
            keys: ids(of_customers),
            is_left_behind: false,
            is_own: false,
        }];
        observed
    }

    #[test]
    fn a_key_of_others_opens_the_stages_of_its_plan_whoever_made_that() {
        let of = |observed: Observed| observed.plans_with_keys_of_others(&stage("prod"));
        let nobody: Vec<String> = vec![];
        assert_eq!(of(observed(&["key0"], &[], vec![stage("prod")])), nobody);
        assert_eq!(of(observed(&["key0"], &["key0"], vec![stage("prod")])), nobody);
        assert_eq!(of(observed(&["key0"], &["theirs"], vec![stage("dev")])), nobody);
        assert_eq!(
            of(observed(
                &["key0"],
                &["theirs"],
                vec![stage("dev"), stage("prod")]
            )),
            ["customers (gold)"]
        );
        assert_eq!(
            of(observed(&["key0", "theirs"], &[], vec![])),
            ["palisade-shop-petstore-12345678 (plan)"]
        );
    }

    #[test]
    fn a_plan_that_an_object_of_ours_left_behind_opens_it_to_no_customer() {
        let mut found = observed(&["key0"], &["theirs"], vec![stage("prod")]);
        found.others[0].is_left_behind = true;
        assert_eq!(
            found.plans_with_keys_of_others(&stage("prod")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_is_told_names_the_plan_and_never_advises_to_delete() {
        let told = keys_of_others("prod", &["customers (gold)".to_owned()]);
        assert!(
            told.contains("customers (gold)") && told.contains("SecretHeader"),
            "{told}"
        );
        assert!(!told.contains("delete") && !told.contains("remove"), "{told}");
    }
}
