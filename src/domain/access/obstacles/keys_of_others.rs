//! API keys of others: a lock that asks for a key lets each of them in, past the perimeter; a key that CloudFront sends opens what
//! asks customers for theirs; and a mode that asks for none takes from nobody what they ask their customers for.

use crate::domain::access::asked::{AWS_IAM, NONE, Route};
use crate::domain::access::credentials::api_key::Observed;
use crate::domain::access::listing::{agreed, listed};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::words::{keys_from_authorizer, modes_without_key, words_of_held};
use crate::domain::kernel::reason::Reason;

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

impl Routes<'_> {
    /// What keeps a key of ours from being asked for, besides what the routes that should be locked ask for.
    pub(super) fn keys_in_the_way(&self) -> Option<String> {
        if self.found.keys_from_authorizer {
            let kept = self.found.kept(self.desired);
            let asking = kept.filter(|route| self.asks_an_authorizer_of_the_teams(route));
            let asking: Vec<&str> = asking.map(|route| route.key.as_str()).collect();
            let left_open = self.left_open(asking.len());
            return Some(keys_from_authorizer(&asking, left_open, self.is_held()));
        }
        let opened: Vec<&str> = self.opened_by_our_key().collect();
        if !opened.is_empty() {
            return Some(opened_by_key(&opened, self.is_held()));
        }
        let plans = self.plans_of_others();
        (!plans.is_empty()).then(|| keys_of_others(&self.desired.gate.stage, &plans, self.is_held()))
    }

    /// Which keys pass a lock by key, or open it to anybody, while that goes on beside a client certificate.
    pub(super) fn keys_that_pass(&self) -> Option<String> {
        if self.found.keys_from_authorizer {
            return Some(words_of_held::keys_from_authorizer().to_owned());
        }
        let opened: Vec<&str> = self.opened_by_our_key().collect();
        if !opened.is_empty() {
            return Some(words_of_held::in_the_way(Reason::ApiKeyInTheWay, &opened));
        }
        let plans = self.plans_of_others();
        let stage = &self.desired.gate.stage;
        (!plans.is_empty()).then(|| words_of_held::keys_of_others(stage, &plans))
    }

    /// Whether a route asks an authorizer that is none of ours, which goes with no other mode.
    fn asks_an_authorizer_of_the_teams(&self, route: &Route) -> bool {
        let found = &route.authorization;
        found.kind != NONE && found.kind != AWS_IAM && self.may_have_key_of_ours(found)
    }

    /// Why it cannot be told whose key the routes ask for that the next mode would have ask for none. Whoever names in
    /// `excludeMethods` one that asks for a key has said which of them customers use.
    pub(super) fn keys_in_doubt(&self) -> Option<String> {
        let mut excluded = self.found.excluded(self.desired);
        let is_said = excluded.any(|route| route.authorization.api_key_required);
        let doubtful = self.asked_for_a_key();
        if doubtful.is_empty() || is_said || self.found.marks.is_unproven() {
            return None;
        }
        let plans = self.plans_of_others();
        (!plans.is_empty()).then(|| keys_in_doubt(&self.desired.gate.stage, &plans, &doubtful))
    }

    /// Whether the next mode would take away demands for a key, and nobody looked whose keys open the stage.
    pub(in crate::domain::access) fn drops_unknown_keys(&self) -> bool {
        let is_other = self.desired.proof != Proof::Key && !self.found.marks.is_unproven();
        is_other && self.inputs.api_key.present().is_none() && !self.asked_for_a_key().is_empty()
    }

    /// Keys of the routes that should be locked and ask for a key, which may be ours.
    fn asked_for_a_key(&self) -> Vec<&str> {
        let asks = |route: &&Route| {
            let found = &route.authorization;
            self.ours.has_key && found.api_key_required && self.may_have_key_of_ours(found)
        };
        let kept = self.found.kept(self.desired).filter(asks);
        kept.map(|route| route.key.as_str()).collect()
    }

    /// Keys of the excluded routes that ask customers for a key, and that whoever comes through the perimeter would pass with ours.
    fn opened_by_our_key(&self) -> impl Iterator<Item = &str> {
        let is_opened = move |route: &&Route| {
            let found = &route.authorization;
            self.asks_customers_for_key(found) && (found.kind != AWS_IAM || self.ours.signs)
        };
        let excluded = self.found.excluded(self.desired);
        excluded.filter(is_opened).map(|route| route.key.as_str())
    }

    /// The usage plans through which keys of others open the stage, as far as they were read.
    pub(in crate::domain::access) fn plans_of_others(&self) -> Vec<String> {
        let gate = &self.desired.gate;
        let stage = (gate.api_id.clone(), gate.stage.clone());
        let keys = self.inputs.api_key.present();
        keys.map(|keys| keys.plans_with_keys_of_others(&stage))
            .unwrap_or_default()
    }
}

/// What is told of excluded methods whose customers' keys ours would stand in for.
fn opened_by_key(routes: &[&str], is_held: bool) -> String {
    format!(
        "{} callers for an API key, which CloudFront would overwrite with the perimeter's, so that anybody would get in, though \
         spec.access.excludeMethods leaves them as they are; nothing more is locked. Set spec.access.mode to {}, and no key is sent",
        agreed(routes, "asks its", "ask their"),
        modes_without_key(is_held)
    )
}

/// What is told where nobody knows whose key methods ask for, and what to do.
fn keys_in_doubt(stage: &str, plans: &[String], routes: &[&str]) -> String {
    format!(
        "keys of others open stage {stage} by usage plan {}, and {} for a key: nowhere is written which of these methods customers \
         show theirs to, so each goes on asking for one. Name those that customers use in spec.access.excludeMethods, and the \
         others change to the new mode; where they use none, take the stage out of that usage plan",
        listed(plans),
        agreed(routes, "asks", "ask")
    )
}

/// What is told where keys of others open the stage, and what to do.
#[must_use]
pub fn keys_of_others(stage: &str, plans: &[String], is_held: bool) -> String {
    format!(
        "keys of others open stage {stage} by usage plan {}: a method that asks for an API key lets each of them in past the \
         perimeter. Set spec.access.mode to {}; where customers show these keys to methods that this object has \
         locked by key, name those in spec.access.excludeMethods as well: in another mode the others ask for none",
        listed(plans),
        modes_without_key(is_held)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::credentials::api_key::{OtherPlan, UsagePlan};
    use crate::domain::access::credentials::api_key_fixtures::{owner, plan_and_keys};
    use std::collections::BTreeSet;

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
        let told = keys_of_others("prod", &["customers (gold)".to_owned()], false);
        assert!(
            told.contains("customers (gold)") && told.contains("SecretHeader"),
            "{told}"
        );
        assert!(!told.contains("delete") && !told.contains("remove"), "{told}");
    }
}
