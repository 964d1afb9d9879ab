//! `access.sigV4.exclusive`: what of the API's resource policy is ours, when it is written, and what is left alone.

use super::access::{before, crash_after, desired, problem, start, story};
use super::api::{Api, TEAMS};
use super::specs::owner;
use super::world::World;
use jiff::SignedDuration;
use palisade::api::OriginType::Rest;
use palisade::domain::access::asked::policy::Policies;
use palisade::domain::access::authorization::Authorization;
use palisade::domain::access::probe::Verdict;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::plan::Plan;
use serde_json::{Value, json};

pub const EXCLUSIVE: &str = "access: {sigV4: {exclusive: true}}";
pub const ARN: &str = "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5";

pub fn wanted(yaml: &str) -> Desired {
    desired(Rest, yaml)
}

fn role() -> String {
    wanted(EXCLUSIVE).access.exclusive.unwrap()
}

pub fn statement(effect: &str, condition: &Value) -> Value {
    json!({"Sid": "Theirs", "Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": format!("{ARN}/*"),
        "Condition": condition})
}

pub fn theirs() -> Value {
    json!({"Version": "2012-10-17", "Id": "team", "Statement": [
        statement("Allow", &json!({"StringEquals": {"aws:PrincipalAccount": "123456789012"}})),
        statement("Deny", &json!({"StringLike": {"aws:UserAgent": "bad*"}})),
    ]})
}

/// Statements of the policy that the stage serves.
fn served(world: &World) -> Vec<Value> {
    let statements = world.api.served_policy()["Statement"].clone();
    statements.as_array().cloned().unwrap_or_default()
}

fn sid(statement: &Value) -> &str {
    statement["Sid"].as_str().unwrap()
}

pub fn built(api: Api, yaml: &str) -> World {
    let mut world = before(api);
    let plan = world.build(&wanted(yaml));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    world
}

/// Something else is wanted of a world that is at rest.
fn change(world: &mut World, desired: &Desired) -> Plan {
    world.forget(desired);
    world.observed.pass.recorded.remove("access");
    world.observed.due.probes = true;
    world.done.clear();
    world.build(desired)
}

#[test]
fn the_statement_goes_live_with_the_lock() {
    let world = built(Api::petstore(), EXCLUSIVE);
    let story = story(&world.done);
    let at = |what: &str| {
        story
            .iter()
            .position(|step| step == what)
            .unwrap_or_else(|| panic!("{story:?}"))
    };
    assert!(at("mark Trying") < at("policy with our statement"), "{story:?}");
    assert!(at("policy with our statement") < at("snapshot"), "{story:?}");
    assert_eq!(story.iter().filter(|step| *step == "snapshot").count(), 1);
    let only = json!({"Sid": "PalisadeOnly12345678000040008000000000000000", "Effect": "Deny", "Principal": "*",
        "Action": "execute-api:Invoke", "Resource": format!("{ARN}/prod/*"),
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role()}}});
    assert_eq!(served(&world), [only]);
    assert_eq!(world.api.open_routes(), Vec::<String>::new());
}

#[test]
fn statements_of_others_stay_as_they_are_in_their_order() {
    let mut world = built(Api::petstore().with_policy(theirs()), EXCLUSIVE);
    let ours = served(&world).pop().unwrap();
    let mut policy = world.api.served_policy();
    policy["Statement"].as_array_mut().unwrap().pop();
    assert_eq!(policy.to_string(), theirs().to_string());
    assert_eq!(ours["Effect"], "Deny");
    assert!(change(&mut world, &wanted("")).is_empty());
    assert_eq!(world.api.served_policy().to_string(), theirs().to_string());
}

#[test]
fn of_a_locked_api_only_the_policy_changes_and_no_lock_is_counted() {
    let mut world = built(Api::petstore(), "");
    let locks = world.api.marks.locks.clone();
    assert!(change(&mut world, &wanted(EXCLUSIVE)).is_empty());
    let steps = [
        "mark Narrowing",
        "policy with our statement",
        "snapshot",
        "serve",
        "finish",
    ];
    assert_eq!(story(&world.done), steps);
    assert!(change(&mut world, &wanted("")).is_empty());
    let steps = [
        "mark Narrowing",
        "policy without our statement",
        "snapshot",
        "serve",
        "finish",
    ];
    assert_eq!(story(&world.done), steps);
    assert_eq!((served(&world), world.api.policy.clone()), (vec![], Value::Null));
    assert_eq!(world.api.marks.locks, locks);
}

#[test]
fn where_exports_have_no_policy_our_deployments_tell_of_it() {
    let api = Api {
        is_exported: false,
        ..Api::petstore()
    };
    let mut world = built(api, EXCLUSIVE);
    assert_eq!(served(&world).len(), 1);
    assert!(change(&mut world, &wanted(EXCLUSIVE)).is_empty());
    assert_eq!(story(&world.done), Vec::<String>::new());
    assert!(change(&mut world, &wanted("")).is_empty());
    assert_eq!(served(&world), Vec::<Value>::new());
}

#[test]
fn a_refusal_puts_lock_and_policy_back() {
    let refusing = || Api {
        signer_works: false,
        ..Api::petstore().with_policy(theirs())
    };
    let mut world = before(refusing());
    let plan = world.build(&wanted(EXCLUSIVE));
    assert_eq!(
        problem(&plan),
        Some(Reason::SignatureRefused),
        "{}",
        plan.to_yaml()
    );
    assert_eq!(world.api.policy.to_string(), theirs().to_string());
    assert_eq!(world.api.stage.deployment.as_deref(), Some(TEAMS));
    assert!(world.api.routes.iter().all(|route| route.authorization.is_open()));
}

#[test]
fn a_refusal_of_the_policy_alone_leaves_the_lock() {
    let mut world = built(Api::petstore(), "");
    let locked = world.api.stage.deployment.clone();
    let narrower = wanted(EXCLUSIVE);
    world.forget(&narrower);
    world.observed.pass.recorded.remove("access");
    // The viewer gets through before, and no more once the statement is in force.
    let served_it = |world: &World| world.api.stage.deployment != locked;
    let plan = loop {
        let plan = palisade::domain::perimeter::plan::plan(&narrower, &world.observed);
        if plan.is_settled() {
            break plan;
        }
        let one = Plan {
            ready: plan.ready.into_iter().take(1).collect(),
            ..plan
        };
        let given = std::cell::Cell::new(Some(one));
        world.run(|_| given.take().unwrap_or_default());
        world.api.signer_works = !served_it(&world);
    };
    assert_eq!(
        problem(&plan),
        Some(Reason::SignatureRefused),
        "{}",
        plan.to_yaml()
    );
    assert!(
        plan.problems[0].message.contains("stays locked"),
        "{}",
        plan.to_yaml()
    );
    assert_eq!(
        (world.api.stage.deployment.clone(), world.api.policy.clone()),
        (locked, Value::Null)
    );
    assert_eq!(world.api.open_routes(), Vec::<String>::new());
}

#[test]
fn an_excluded_method_stays_open_with_and_without_a_policy_of_the_teams() {
    let yaml = "access: {excludeMethods: ['POST /pets'], sigV4: {exclusive: true}}";
    for (api, sids) in [
        (Api::petstore(), vec!["PalisadeOnly", "PalisadeOpen"]),
        (
            Api::petstore().with_policy(theirs()),
            vec!["Theirs", "Theirs", "PalisadeOnly"],
        ),
    ] {
        let mut world = built(api, yaml);
        let statements = served(&world);
        let found: Vec<&str> = statements
            .iter()
            .map(|found| &sid(found)[..sid(found).len().min(12)])
            .collect();
        assert_eq!(found, sids);
        let only = statements
            .iter()
            .find(|found| sid(found).starts_with("PalisadeOnly"))
            .unwrap();
        let denied = [format!("{ARN}/prod/GET/pets"), format!("{ARN}/prod/GET/pets/*")];
        assert_eq!(only["Resource"], json!(denied));
        let open = statements
            .iter()
            .find(|found| sid(found).starts_with("PalisadeOpen"));
        assert!(open.is_none_or(|found| found["Resource"] == format!("{ARN}/*/POST/pets")));
        assert!(change(&mut world, &wanted(yaml)).is_empty());
        assert_eq!(story(&world.done), Vec::<String>::new(), "it is at rest");
    }
}

#[test]
fn an_excluded_method_that_a_policy_cannot_spare_is_named_and_the_lock_made_all_the_same() {
    let api = Api {
        in_between: Some(Verdict::Reached { status: 200 }),
        ..Api::open(Rest, &["ANY /{proxy+}", "GET /health"])
    };
    let mut world = before(api);
    let plan = world.build(&wanted(
        "access: {excludeMethods: ['GET /health'], sigV4: {exclusive: true}}",
    ));
    assert_eq!(
        problem(&plan),
        Some(Reason::ExcludedMethodInTheWay),
        "{}",
        plan.to_yaml()
    );
    assert_eq!(world.api.open_routes(), ["GET /health"]);
    assert_eq!(world.api.policy, Value::Null);
}

#[test]
fn a_policy_that_would_be_too_long_is_refused_and_the_lock_made_all_the_same() {
    let long = json!({"Version": "2012-10-17", "Statement": [statement("Allow", &json!({"StringLike": {"aws:UserAgent": "x".repeat(8_000)}}))]});
    let mut world = before(Api::petstore().with_policy(long.clone()));
    let plan = world.build(&wanted(EXCLUSIVE));
    assert_eq!(problem(&plan), Some(Reason::PolicyTooLarge), "{}", plan.to_yaml());
    assert_eq!(world.api.policy, long);
    assert_eq!(world.api.open_routes(), Vec::<String>::new());
}

#[test]
fn a_new_role_is_let_in_before_the_perimeter_signs_with_it_and_the_old_one_goes_after() {
    let mut world = built(Api::petstore(), EXCLUSIVE);
    let old = role();
    let mut renamed = wanted(EXCLUSIVE);
    let new = format!("{old}-2");
    renamed.access.exclusive = Some(new.clone());
    renamed.distribution.settings.comment.push('!');
    world.forget(&renamed);
    // What was verified before was another role.
    world
        .observed
        .pass
        .recorded
        .insert("access".into(), "another.1".into());
    world.observed.due.probes = true;
    world.done.clear();
    let admitted = |world: &World| served(world)[0]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].clone();
    let plan = world.run(|observed| {
        let plan = palisade::domain::perimeter::plan::plan(&renamed, observed);
        let changes_perimeter = plan
            .ready
            .iter()
            .any(|step| step.id.kind == palisade::domain::kernel::planning::Kind::Distribution);
        if changes_perimeter {
            return Plan::default();
        }
        plan
    });
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!(admitted(&world), json!([old, new]), "{:?}", story(&world.done));
    let plan = world.build(&renamed);
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!(admitted(&world), json!(new));
}

#[test]
fn a_crash_after_any_step_leads_to_the_same_end() {
    for (from, to) in [
        ("", EXCLUSIVE),
        (EXCLUSIVE, ""),
        ("access: {enforcement: Observe}", EXCLUSIVE),
    ] {
        for signer_works in [true, false] {
            for steps in 0..16 {
                let mut world = built(Api::petstore().with_policy(theirs()), from);
                world.api.signer_works = signer_works;
                let desired = wanted(to);
                world.forget(&desired);
                world.observed.pass.recorded.remove("access");
                world.observed.due.probes = true;
                crash_after(&mut world, &desired, steps);
                let mut survivor = before(world.api.clone());
                // Somebody who opens or locks all would be told by the end.
                let plan = survivor.build(&desired);
                let is_open = survivor.api.open_routes().len() == 3;
                let has_ours = survivor.api.policy.to_string().contains("PalisadeOnly");
                let case = format!(
                    "{from} to {to}, {signer_works}, {steps} steps: {}",
                    plan.to_yaml()
                );
                if signer_works {
                    assert_eq!((is_open, has_ours), (false, to == EXCLUSIVE), "{case}");
                    assert_eq!(survivor.api.policy, survivor.api.served_policy(), "{case}");
                } else if from.contains("Observe") {
                    assert_eq!((is_open, has_ours), (true, false), "{case}");
                } else {
                    assert!(!is_open, "{case}");
                }
            }
        }
    }
}

#[test]
fn statements_of_another_stage_are_kept_apart() {
    let other = json!({"Sid": "PalisadeOnly99", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
        "Resource": format!("{ARN}/dev/*"), "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/x"}}});
    let policy = json!({"Version": "2012-10-17", "Statement": [other]});
    let mut world = built(Api::petstore().with_policy(policy.clone()), EXCLUSIVE);
    assert_eq!(served(&world).len(), 2);
    assert!(change(&mut world, &wanted("")).is_empty());
    assert_eq!(world.api.policy, policy);
    assert!(Policies::default().edited_of(&owner()).is_empty());
}

#[test]
fn a_refused_narrowing_is_tried_again_after_its_backoff() {
    let mut world = before(Api {
        signer_works: false,
        ..Api::petstore()
    });
    let desired = wanted(EXCLUSIVE);
    world.build(&desired);
    world.api.signer_works = true;
    world.forget(&desired);
    world.observed.due.probes = true;
    world.observed.pass.at = start() + SignedDuration::from_mins(2);
    let plan = world.build(&desired);
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!(served(&world).len(), 1);
}

#[test]
fn a_method_that_was_opened_is_locked_again_and_the_statement_kept() {
    let mut world = built(Api::petstore(), EXCLUSIVE);
    world.api.deploy_by_hand("POST /pets", &Authorization::none());
    let plan = change(&mut world, &wanted(EXCLUSIVE));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!((world.api.open_routes().len(), served(&world).len()), (0, 1));
}
