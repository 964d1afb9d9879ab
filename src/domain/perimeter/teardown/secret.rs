//! How what lets the perimeter in by a secret value goes, or stays: API keys with their usage plan, and the Lambda authorizer.

use super::marks::needs;
use super::steps::act;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::proof::Proof;
use crate::domain::access::table::marks::Marks;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{self, Id, Kind, Verb};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Next, Plan};
use crate::domain::signer::role;

/// What has to happen next so that neither keys nor authorizer are left; true once that is so.
pub(super) fn goes(owner: &Owner, observed: &Observed, plan: &mut Plan) -> bool {
    let keys = next_of(observed, Kind::ApiKey, &observed.api_key, |found| {
        removal(api_key::removal(owner, found))
    });
    let authorizer = next_of(observed, Kind::Authorizer, &observed.authorizer, |found| {
        removal(authorizer::removal_with_lock(
            owner,
            observed.owns_authorizer(),
            found,
        ))
    });
    let is_gone = keys == Next::Done && authorizer == Next::Done;
    plan.add(Id::of(Kind::ApiKey), keys);
    plan.add(Id::of(Kind::Authorizer), authorizer);
    is_gone
}

fn removal<A: Into<Action>>(step: Option<planning::Step<A>>) -> Next {
    step.map_or(Next::Done, |step| Next::Act(Box::new(step.map(Into::into))))
}

/// What has to happen next so that keys and authorizer stay and are marked.
pub(super) fn mark(owner: &Owner, observed: &Observed, mark: &Tags, plan: &mut Plan) {
    let keys = next_of(observed, Kind::ApiKey, &observed.api_key, |found| {
        mark_keys(owner, found, mark)
    });
    let authorizer = next_of(observed, Kind::Authorizer, &observed.authorizer, |found| {
        mark_authorizer(observed, found, mark)
    });
    plan.add(Id::of(Kind::ApiKey), keys);
    plan.add(Id::of(Kind::Authorizer), authorizer);
}

/// What `of_present` wants of what the owner has of `kind`, which is looked at only where there may be anything.
fn next_of<L, T>(
    observed: &Observed,
    kind: Kind,
    seen: &Seen<L, T>,
    of_present: impl Fn(&T) -> Next,
) -> Next {
    match seen {
        _ if !had_secret(observed, kind) => Next::Done,
        Seen::Present(found) => of_present(found),
        Seen::Absent => Next::Done,
        Seen::Listed(_) => Next::Read,
    }
}

/// Whether status, too, or the spec tells that there may be keys or an authorizer.
pub(super) fn is_recorded(observed: &Observed) -> bool {
    let kinds = [Kind::ApiKey, Kind::Authorizer];
    let is_by_spec = observed.proof.has_value() || observed.proof == Proof::Certificate;
    kinds.iter().any(|kind| observed.has_record(*kind)) || is_by_spec
}

/// Whether the object ever had a secret value, or asks for one: then there may be keys, or an authorizer, also where nothing was
/// ever as it should be.
fn had_secret(observed: &Observed, kind: Kind) -> bool {
    let tags = observed.distribution.present().map(|found| &found.tags);
    let is_marked = tags.is_some_and(|tags| Marks::of(tags, observed.pass.at).rotated.is_some());
    let is_asked = match kind {
        Kind::ApiKey => observed.proof == Proof::Key,
        _ => matches!(observed.proof, Proof::Header(_)),
    };
    // A secret value may have gone on beside a client certificate, or come before it.
    let is_asked = is_asked || observed.proof == Proof::Certificate;
    let is_known = observed.has_record(kind) || observed.begun.contains(&kind);
    observed.gate.is_some() && (is_marked || is_asked || is_known)
}

fn mark_keys(owner: &Owner, found: &api_key::Observed, mark: &Tags) -> Next {
    let unmarked = found.bearers(owner).find_map(|(bearer, name, tags)| {
        let tags = needs(api_key::ownership_of(owner, name, tags), tags, owner, mark)?;
        Some((bearer, name, tags))
    });
    let Some((bearer, name, tags)) = unmarked else {
        return Next::Done;
    };
    let action = Action::ApiKey(api_key::Action::Tag { bearer, tags });
    act(Kind::ApiKey, "", name, Verb::Update, action)
}

fn mark_authorizer(observed: &Observed, found: &authorizer::Observed, mark: &Tags) -> Next {
    let owner = &observed.owner;
    let role = found
        .role
        .as_ref()
        .and_then(|role| needs(observed.owns_authorizer_role(role), &role.tags, owner, mark));
    let function = found.function.as_ref().and_then(|function| {
        let ownership = observed.owns_authorizer_function(function);
        needs(ownership, &function.tags, owner, mark)
    });
    let action = match (role, function) {
        (Some(tags), _) => authorizer::Action::ChangeRole(role::Action::Tag(tags)),
        (None, Some(tags)) => authorizer::Action::TagFunction(tags),
        (None, None) => return Next::Done,
    };
    let name = authorizer::name(owner);
    act(
        Kind::Authorizer,
        "",
        &name,
        Verb::Update,
        Action::Authorizer(action),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::OriginType;
    use crate::domain::access::authorization::Gate;
    use crate::domain::access::credentials::api_key_fixtures::{owner, plan_and_keys};
    use crate::domain::kernel::identity::TAG_RETAINED;
    use crate::domain::kernel::observing::Pass;

    /// An object that was seen with a key before.
    fn observed(api_key: Seen<crate::domain::kernel::observing::Never, api_key::Observed>) -> Observed {
        Observed {
            gate: Some(Gate {
                region: "eu-north-1".into(),
                api_id: "a1b2c3d4e5".into(),
                stage: "prod".into(),
                r#type: OriginType::Rest,
                host: "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into(),
                origin_path: String::new(),
            }),
            pass: Pass {
                recorded: [(Kind::ApiKey.name().to_owned(), "wanted.found".to_owned())].into(),
                ..Pass::default()
            },
            api_key,
            ..Observed::of(owner())
        }
    }

    fn marked(observed: &Observed) -> Plan {
        let mut plan = Plan::default();
        let tags = Tags::from([(TAG_RETAINED.to_owned(), "now".to_owned())]);
        mark(&owner(), observed, &tags, &mut plan);
        plan
    }

    /// Follows the plans to their end for a key and a plan with these tags; answers the names of what was marked.
    fn follow(plan: Tags, is_given: bool) -> Vec<String> {
        let mut found = plan_and_keys(plan, &[owner().tags()]);
        found.is_given = is_given;
        let mut names = Vec::new();
        while let Some(step) = marked(&observed(Seen::Present(found.clone()))).ready.pop() {
            let Action::ApiKey(action) = &step.action else {
                panic!("{step:?}");
            };
            api_key::after(&mut found, action);
            names.push(step.name);
        }
        names
    }

    #[test]
    fn plan_and_keys_are_read_and_then_marked_once() {
        assert_eq!(marked(&observed(Seen::default())).reads, [Id::of(Kind::ApiKey)]);
        assert_eq!(
            follow(owner().tags(), false),
            [
                "palisade-shop-petstore-12345678",
                "palisade-shop-petstore-12345678-0"
            ]
        );
    }

    #[test]
    fn a_plan_of_others_is_not_marked() {
        assert_eq!(follow(Tags::new(), true), ["palisade-shop-petstore-12345678-0"]);
    }

    #[test]
    fn under_a_client_certificate_what_came_before_it_is_looked_for() {
        let without_record = Observed {
            pass: Pass::default(),
            proof: Proof::Certificate,
            ..observed(Seen::default())
        };
        let reads = marked(&without_record).reads;
        assert_eq!(reads, [Id::of(Kind::ApiKey), Id::of(Kind::Authorizer)]);
    }

    #[test]
    fn nothing_is_read_for_an_object_that_never_had_a_secret_value() {
        let without = Observed {
            pass: Pass::default(),
            ..observed(Seen::default())
        };
        assert!(marked(&without).is_empty());
    }
}
