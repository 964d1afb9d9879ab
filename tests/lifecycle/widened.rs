//! What others put on functions and roles of ours: instruments of an organisation, policies attached by a baseline. It comes off
//! before anything is published, and a deletion takes it off first.

use super::scenes::{HEADER, NAME, deny, history, hours, nothing_left, quiet, ready, the};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::controller::events::of_sweep;
use palisade::domain::kernel::planning;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::signer::function::Foreign;
use palisade::domain::signer::role;
use serde_json::json;
use std::time::Duration;

const POLICY: &str = "arn:aws:iam::123456789012:policy/organisation-baseline";

fn instruments() -> Foreign {
    Foreign {
        layers: vec!["arn:aws:lambda:us-east-1:464622532012:layer:Datadog-Node24-x:1".into()],
        environment: vec!["DD_SITE".into(), "NODE_OPTIONS".into()],
        subnets: vec!["subnet-0123456789abcdef0".into()],
        dead_letters: "arn:aws:sqs:us-east-1:123456789012:dead".into(),
        tracing: true,
    }
}

/// Names of all functions of the object, or of all roles.
fn names(cluster: &Cluster, kind: Kind) -> Vec<String> {
    let all = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    all.filter(|found| found.kind == kind)
        .map(|found| found.name)
        .collect()
}

fn instrument(cluster: &Cluster) {
    for name in names(cluster, Kind::Function) {
        cluster
            .cloud
            .edit_function(&name, |settings| settings.foreign = instruments());
    }
}

fn widen(role: &mut role::Observed) {
    role.attached.insert(POLICY.into());
    role.policies.insert(
        "theirs".into(),
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}),
    );
    role.trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole"}]});
    role.boundary = Some("arn:aws:iam::aws:policy/ReadOnlyAccess".into());
}

#[tokio::test(start_paused = true)]
async fn instruments_on_functions_are_taken_off_and_nothing_with_them_is_published() {
    for mode in ["", HEADER] {
        let mut cluster = ready(mode).await;
        let before: Vec<_> = names(&cluster, Kind::Function)
            .iter()
            .map(|name| cluster.cloud.function_settings(name))
            .collect();
        instrument(&cluster);
        tokio::time::sleep(Duration::from_hours(2)).await;
        cluster.ready(NAME).await;
        let after: Vec<_> = names(&cluster, Kind::Function)
            .iter()
            .map(|name| cluster.cloud.function_settings(name))
            .collect();
        assert_eq!(after, before, "{mode}\n{}", history(&cluster));
        let published = cluster.cloud.journal().count("PublishVersion");
        assert_eq!(published, 0, "{mode}\n{}", history(&cluster));
        quiet(&mut cluster, NAME).await;
    }
}

/// As with a new release: other code for a function that somebody has instrumented.
#[tokio::test(start_paused = true)]
async fn new_code_is_published_without_the_instruments_that_cloudfront_refuses() {
    let mut cluster = ready("").await;
    instrument(&cluster);
    cluster.apply(NAME, "access: {sigV4: {viewerAuthorization: Forward}}");
    cluster.ready(NAME).await;
    let settings = cluster
        .cloud
        .function_settings(&the(&cluster, Kind::Function).name);
    assert_eq!(settings.foreign, Foreign::default());
    let refused = cluster.cloud.journal();
    let mut codes = refused.entries.iter().filter_map(|entry| entry.code.as_deref());
    assert!(
        !codes.any(|code| code == "InvalidLambdaFunctionAssociation"),
        "{}",
        history(&cluster)
    );
}

#[tokio::test(start_paused = true)]
async fn trust_boundary_and_policies_of_every_role_are_put_right() {
    for mode in ["", HEADER] {
        let mut cluster = ready(mode).await;
        let roles = names(&cluster, Kind::Role);
        assert_eq!(roles.len(), if mode.is_empty() { 1 } else { 2 });
        let shown =
            |cluster: &Cluster| -> Vec<_> { roles.iter().map(|name| cluster.cloud.role_of(name)).collect() };
        let before = shown(&cluster);
        for name in &roles {
            cluster.cloud.edit_role(name, widen);
        }
        tokio::time::sleep(Duration::from_hours(2)).await;
        cluster.ready(NAME).await;
        assert_eq!(shown(&cluster), before, "{mode}\n{}", history(&cluster));
        quiet(&mut cluster, NAME).await;
    }
}

/// An organisation's baseline may come again, and its role is not swept for hours.
#[tokio::test(start_paused = true)]
async fn a_condemned_role_to_which_an_organisation_attached_a_policy_is_swept() {
    let mut cluster = ready("").await;
    let role = the(&cluster, Kind::Role).name;
    cluster.depart(NAME).await;
    cluster.cloud.edit_role(&role, |role| {
        role.attached.insert(POLICY.into());
    });
    cluster.sweep().await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_condemned_role_is_told_about_the_deleted_object() {
    let mut cluster = ready("").await;
    let (role, uid) = (the(&cluster, Kind::Role).name, cluster.uid(NAME));
    cluster.depart(NAME).await;
    cluster.cloud.edit_role(&role, |role| {
        role.attached.insert(POLICY.into());
    });
    deny(&cluster, "iam:DetachRolePolicy");
    hours(4).await;
    for round in 0..2 {
        let swept = cluster.engine.sweep(Duration::ZERO).await.unwrap();
        assert_eq!((swept.left, swept.refused.len()), (1, 1), "{round}: {swept:?}");
        let refused = &swept.refused[0];
        assert_eq!((refused.kind, &refused.name), (planning::Kind::Role, &role));
        let (about, note) = of_sweep::note(refused).unwrap();
        assert_eq!(
            (about.namespace.as_deref(), about.name.as_deref(), about.uid),
            (Some("shop"), Some(NAME), Some(uid.clone()))
        );
        assert!(note.warning && note.reason == Reason::AccessDenied, "{note:?}");
        assert!(
            note.note
                .starts_with(&format!("The deletion of role {role} failed"))
                && note.note.contains("DetachRolePolicy"),
            "{}",
            note.note
        );
    }
    cluster.cloud.configure(|settings| settings.denied.clear());
    cluster.sweep().await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn replicas_that_live_are_waited_for_and_nothing_is_refused() {
    let mut cluster = ready("").await;
    cluster.depart(NAME).await;
    let swept = cluster.engine.sweep(Duration::ZERO).await.unwrap();
    assert_eq!((swept.left, swept.refused), (1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_role_to_which_an_organisation_attached_a_policy_goes_with_the_rest() {
    for mode in ["", HEADER] {
        let mut cluster = ready(mode).await;
        for name in names(&cluster, Kind::Role) {
            cluster.cloud.edit_role(&name, |role| {
                role.attached.insert(POLICY.into());
            });
        }
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}
