//! Which other ways lead to an API, and who may take them.

use super::access::desired;
use super::api::{Api, TEAMS};
use palisade::api::OriginType::{self, Http, Rest, WebSocket};
use palisade::api::OtherDoorState::{self, Locked, Open, Unknown};
use palisade::domain::resources::access::Authorization;
use palisade::domain::resources::other_doors::{Mapping, NamedStage, Others, unknown_deployments};
use std::collections::{BTreeMap, BTreeSet};

fn stage(name: &str, deployment: &str) -> NamedStage {
    NamedStage {
        name: name.into(),
        deployment: Some(deployment.into()),
        auto_deploy: false,
    }
}

fn mapping(domain: &str, path: &str, stage: &str) -> Mapping {
    Mapping {
        domain: domain.into(),
        path: path.into(),
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
    let keys: Vec<String> = api.doors.iter().map(|door| door.key.clone()).collect();
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
    let deployments: BTreeMap<String, BTreeMap<String, Authorization>> = others
        .iter()
        .map(|(id, door)| {
            (
                (*id).to_owned(),
                BTreeMap::from([("GET /pets".to_owned(), door.clone())]),
            )
        })
        .collect();
    let found = Others {
        desired: &desired.access,
        found: &api.read(),
        protected: &BTreeSet::from(["beta".to_owned()]),
        stages,
        deployments: &deployments,
        mappings,
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
    let read = unknown_deployments(&desired.access, &stages, &protected);
    assert!(
        read.contains(&TEAMS.to_owned()) && read.contains(&"d-locked".to_owned()),
        "{read:?}"
    );
}

#[test]
fn a_key_an_authorizer_or_an_exclusion_makes_no_open_door() {
    let with_key = Authorization {
        api_key_required: true,
        ..Authorization::none()
    };
    let stages = [stage("dev", TEAMS)];
    for door in [with_key, Authorization::aws_iam()] {
        assert_eq!(doors(&api(Rest), "", &stages, &[(TEAMS, door)], &[])[0].1, Locked);
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
fn stages_of_other_apis_are_as_their_routes_where_those_are_live_at_once() {
    for kind in [Http, WebSocket] {
        let auto = NamedStage {
            auto_deploy: true,
            ..stage("dev", "d-1")
        };
        assert_eq!(
            doors(&api(kind), "", std::slice::from_ref(&auto), &[], &[])[0].1,
            Locked,
            "{kind:?}"
        );
        let mut open = api(kind);
        open.doors[0].authorization = Authorization::none();
        assert_eq!(doors(&open, "", &[auto], &[], &[])[0].1, Open, "{kind:?}");
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
