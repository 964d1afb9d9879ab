//! Which other ways lead to an API, and who may take them.

use super::access::desired;
use super::api::{Api, TEAMS};
use palisade::api::OriginType::{self, Http, Rest, WebSocket};
use palisade::api::OtherDoorState::{self, Locked, Open, Unknown};
use palisade::domain::access::asked::as_deployed::{Deployed, Served};
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::authorization::{Authorization, Canary, Deployment, Stage};
use palisade::domain::access::obstacles::other_doors::{Mapping, NamedStage, Others, unknown_stages};
use std::collections::{BTreeMap, BTreeSet};

fn stage(name: &str, deployment: &str) -> NamedStage {
    NamedStage {
        name: name.into(),
        description: String::new(),
        stage: Stage {
            deployment: Some(deployment.into()),
            auto_deploy: false,
            said: None,
            canary: None,
            web_acl: None,
        },
    }
}

fn mapping(domain: &str, path: &str, stage: &str) -> Mapping {
    Mapping {
        domain: domain.into(),
        path: path.into(),
        rule: None,
        api_id: "a1b2c3d4e5".into(),
        stage: stage.into(),
    }
}

fn api(kind: OriginType) -> Api {
    let mut api = match kind {
        Rest => Api::petstore(),
        Http => Api::open(Http, &["GET /orders", "$default"]),
        WebSocket => Api::open(WebSocket, &["$connect", "$default"]),
    };
    let keys: Vec<String> = api.routes.iter().map(|route| route.key.clone()).collect();
    for key in keys.iter().filter(|key| kind != WebSocket || *key == "$connect") {
        api.deploy_by_hand(key, &Authorization::aws_iam());
    }
    api
}

/// Name and state of each other door; `others` are deployments by id, with one method each.
fn doors(
    api: &Api,
    yaml: &str,
    stages: &[NamedStage],
    others: &[(&str, Authorization)],
    mappings: &[Mapping],
) -> Vec<(String, OtherDoorState)> {
    let desired = desired(api.kind, yaml);
    let deployed = |route: &Authorization| {
        Deployed::Routes(Served::of(&Deployment {
            id: String::new(),
            description: String::new(),
            routes: Carried::told(BTreeMap::from([("GET /pets".to_owned(), route.clone())])),
        }))
    };
    let ids = |stage: &NamedStage| -> Vec<String> {
        let canary = stage.stage.own_canary().map(ToOwned::to_owned);
        stage.stage.deployment.clone().into_iter().chain(canary).collect()
    };
    let of = |stage: &NamedStage| -> Vec<Deployed> {
        let ids = ids(stage);
        let known = ids
            .iter()
            .filter_map(|id| others.iter().find(|(known, _)| known == id));
        known.map(|(_, route)| deployed(route)).collect()
    };
    let served = stages
        .iter()
        .map(|stage| (stage.name.clone(), of(stage)))
        .collect();
    let found = Others {
        desired: &desired.access,
        found: &api.read(),
        protected: &BTreeSet::from(["beta".to_owned()]),
        stages,
        served: &served,
        mappings,
        distributions: &[],
    }
    .doors();
    found.into_iter().map(|door| (door.name, door.state)).collect()
}

fn named(doors: &[(&str, OtherDoorState)]) -> Vec<(String, OtherDoorState)> {
    doors
        .iter()
        .map(|(name, state)| ((*name).to_owned(), *state))
        .collect()
}

#[test]
fn an_open_stage_comes_first_and_the_declared_and_protected_ones_are_none() {
    let api = api(Rest);
    let served = api.stage.deployment.clone().unwrap();
    let stages = [
        stage("prod", &served),
        stage("beta", TEAMS),
        stage("same", &served),
        stage("test", "d-locked"),
        stage("dev", TEAMS),
        stage("gone", "d-gone"),
    ];
    let others = [
        (TEAMS, Authorization::none()),
        ("d-locked", Authorization::aws_iam()),
    ];
    let found = doors(&api, "", &stages, &others, &[]);
    assert_eq!(
        found,
        named(&[
            ("dev", Open),
            ("gone", Unknown),
            ("same", Locked),
            ("test", Locked)
        ])
    );
    let desired = desired(Rest, "");
    let protected = BTreeSet::from(["beta".to_owned()]);
    let read = unknown_stages(&desired.access, &api.read(), &stages, &protected);
    let names: Vec<&str> = read.iter().map(|stage| stage.name.as_str()).collect();
    assert!(names.contains(&"dev") && names.contains(&"test"), "{names:?}");
    assert!(!names.contains(&"prod") && !names.contains(&"beta"), "{names:?}");
}

#[test]
fn a_canary_of_another_stage_is_judged_like_the_stage() {
    let mut found = stage("dev", "d-locked");
    found.stage.canary = Some(Canary {
        deployment: TEAMS.into(),
        is_served: true,
    });
    let others = [
        (TEAMS, Authorization::none()),
        ("d-locked", Authorization::aws_iam()),
    ];
    assert_eq!(doors(&api(Rest), "", &[found.clone()], &others, &[])[0].1, Open);
    found.stage.canary.as_mut().unwrap().is_served = false;
    assert_eq!(doors(&api(Rest), "", &[found], &others, &[])[0].1, Locked);
}

#[test]
fn a_key_an_authorizer_or_an_exclusion_makes_no_open_door() {
    let with_key = Authorization {
        api_key_required: true,
        ..Authorization::none()
    };
    let stages = [stage("dev", TEAMS)];
    for route in [with_key, Authorization::aws_iam()] {
        assert_eq!(
            doors(&api(Rest), "", &stages, &[(TEAMS, route)], &[])[0].1,
            Locked
        );
    }
    let excluded = "access: {excludeMethods: ['GET /pets']}";
    let found = doors(
        &api(Rest),
        excluded,
        &stages,
        &[(TEAMS, Authorization::none())],
        &[],
    );
    assert_eq!(found[0].1, Locked);
}

#[test]
fn a_domain_name_is_as_open_as_the_stage_that_it_leads_to() {
    let mappings = [
        mapping("api.example.com", "", "prod"),
        mapping("dev.example.com", "v1/pets", "dev"),
        mapping("beta.example.com", "", "beta"),
        Mapping {
            api_id: "another000".into(),
            ..mapping("other.example.com", "", "prod")
        },
    ];
    let found = doors(
        &api(Rest),
        "",
        &[stage("dev", TEAMS)],
        &[(TEAMS, Authorization::none())],
        &mappings,
    );
    assert_eq!(
        found,
        named(&[
            ("dev", Open),
            ("dev.example.com/v1/pets", Open),
            ("api.example.com", Locked)
        ])
    );
}

#[test]
fn what_cannot_be_told_of_a_stage_is_said_to_be_unknown() {
    for kind in [Http, WebSocket] {
        assert_eq!(
            doors(&api(kind), "", &[stage("dev", "d-2")], &[], &[])[0].1,
            Unknown,
            "{kind:?}"
        );
    }
}

#[test]
fn of_very_many_doors_the_open_ones_are_kept() {
    let mut stages: Vec<NamedStage> = (0..80)
        .map(|number| stage(&format!("s{number:02}"), "d-locked"))
        .collect();
    stages.push(stage("zoo", TEAMS));
    let others = [
        (TEAMS, Authorization::none()),
        ("d-locked", Authorization::aws_iam()),
    ];
    let found = doors(&api(Rest), "", &stages, &others, &[]);
    assert_eq!((found.len(), found[0].clone()), (50, ("zoo".to_owned(), Open)));
}

#[test]
fn a_mapping_without_a_stage_leads_to_every_stage_and_stands_open_where_one_does() {
    let stages = [stage("prod", "d1"), stage("dev", "d2")];
    let mappings = [mapping("api.example.com", "", "")];
    for (asked, state) in [(Authorization::none(), Open), (Authorization::aws_iam(), Locked)] {
        let found = doors(&api(Rest), "", &stages, &[("d2", asked)], &mappings);
        assert!(
            found.contains(&("api.example.com".to_owned(), state)),
            "{found:?}"
        );
    }
}
