//! What keeps an API from being locked: nothing of it changes then, and the reason is told.

use super::access::{PETS, assert_untouched, before, desired, problem, start, story};
use super::api::Api;
use palisade::api::OriginType;
use palisade::domain::access::authorization::{Authorization, Pending};
use palisade::domain::access::probe::Verdict;
use palisade::domain::kernel::reason::Reason;

#[test]
fn an_api_that_its_own_tool_has_locked_is_left_alone_and_marked_as_locked() {
    let mut api = Api::petstore();
    for key in PETS {
        api.deploy_by_hand(key, &Authorization::aws_iam());
    }
    let mut world = before(api);
    let plan = world.build(&desired(OriginType::Rest, ""));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    // The mark alone, which is the distribution's: whoever opens it later opens what was locked.
    assert_eq!(story(&world.done), ["finish"]);
    assert_eq!(world.api.marks.locks, [start()]);
}

#[test]
fn a_custom_domain_name_holds_the_lock_of_what_stands_open_and_of_nothing_else() {
    let mut world = before(Api::petstore());
    world.domain_names = ["api.example.com".to_owned()].into();
    let plan = world.build(&desired(OriginType::Rest, ""));
    assert_eq!(
        problem(&plan),
        Some(Reason::DomainNameInTheWay),
        "{}",
        plan.to_yaml()
    );
    assert_eq!(story(&world.done), Vec::<String>::new());
    // Who comes by it meets a lock already.
    let mut api = Api::petstore();
    for key in PETS {
        api.deploy_by_hand(key, &Authorization::aws_iam());
    }
    let mut world = before(api);
    world.domain_names = ["api.example.com".to_owned()].into();
    let plan = world.build(&desired(OriginType::Rest, ""));
    assert_eq!(problem(&plan), None, "{}", plan.to_yaml());
}

/// Its distribution may have been made anew since, so that no tag tells of it.
#[test]
fn a_custom_domain_name_holds_no_lock_of_a_stage_that_status_says_was_locked() {
    let of_status = |stage: &str| {
        let mut world = before(Api::petstore());
        world.domain_names = ["api.example.com".to_owned()].into();
        world.observed.outputs.locked_stage = Some(stage.to_owned());
        let plan = world.build(&desired(OriginType::Rest, ""));
        (problem(&plan), world.api.open_routes().is_empty())
    };
    assert_eq!(of_status("prod"), (None, true));
    assert_eq!(of_status("dev"), (Some(Reason::DomainNameInTheWay), false));
}

#[test]
fn under_observe_nothing_of_the_api_changes() {
    assert_untouched(&Api::petstore(), "access: {enforcement: Observe}", None);
}

#[test]
fn a_method_with_an_authorizer_keeps_all_as_it_is() {
    let mut api = Api::petstore();
    let cognito = Authorization {
        kind: "COGNITO_USER_POOLS".into(),
        authorizer: Some("a1".into()),
        api_key_required: false,
    };
    api.deploy_by_hand("POST /pets", &cognito);
    assert_untouched(&api, "", Some(Reason::AuthorizerInTheWay));
    let mut world = before(api);
    let plan = world.build(&desired(
        OriginType::Rest,
        "access: {excludeMethods: ['POST /pets']}",
    ));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!(world.api.routes[1].authorization, cognito);
}

#[test]
fn edits_that_nobody_deployed_are_not_deployed_by_a_lock() {
    let api = Api {
        pending: Pending::At(vec!["GET /pets (integration.uri)".into()]),
        ..Api::petstore()
    };
    assert_untouched(&api, "", Some(Reason::UndeployedChanges));
    let unknown = Api {
        pending: Pending::Unknown("the export failed".into()),
        ..api.clone()
    };
    assert_untouched(&unknown, "", Some(Reason::UndeployedChanges));
    let mut world = before(api);
    let plan = world.build(&desired(OriginType::Rest, "access: {deployPendingChanges: true}"));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
}

#[test]
fn nothing_is_locked_that_a_probe_has_not_reached() {
    let refusals = [
        (Verdict::BlockedByWebAcl, Some(Reason::ProbeBlockedByWebAcl)),
        (Verdict::BlockedByCountry, Some(Reason::ProbeBlockedByWebAcl)),
        (Verdict::NoRoute, Some(Reason::ProbePathNotFound)),
        (
            Verdict::Unanswered {
                why: "no answer".into(),
            },
            None,
        ),
    ];
    for (verdict, reason) in refusals {
        assert_untouched(
            &Api {
                in_between: Some(verdict),
                ..Api::petstore()
            },
            "",
            reason,
        );
    }
}

#[test]
fn an_api_without_anything_to_probe_is_locked_only_without_the_first_probe() {
    let api = Api::open(OriginType::Rest, &["POST /pets"]);
    assert_untouched(&api, "", Some(Reason::ProbePathNotFound));
    for yaml in [
        "access: {cutOver: AfterDeployed}",
        "access: {cutOver: AfterDeployed}\nprobes: Disabled",
    ] {
        let mut world = before(api.clone());
        let plan = world.build(&desired(OriginType::Rest, yaml));
        assert!(plan.is_empty(), "{}", plan.to_yaml());
        assert_eq!(world.api.open_routes(), Vec::<String>::new());
    }
}
