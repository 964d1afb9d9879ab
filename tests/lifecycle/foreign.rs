//! What others own, and what others put into resources of ours.

use super::scenes::{NAME, RICH, cluster, own_calls, quiet, ready, rules, setting, the, web_acl};
use super::support::cluster::{ACCOUNT, Cluster, REST_ENDPOINT};
use super::support::pieces;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::Call;
use palisade::domain::edge::xml;
use palisade::domain::firewall::ip_set;
use palisade::domain::kernel::identity::{Owner, Tags};
use palisade::domain::signer::function::EDGE_REGION;
use serde_json::json;
use std::time::Duration;

/// Changes of every resource, one after the other, with what others put there in place.
async fn everything_changes(cluster: &mut Cluster) {
    for spec in [
        RICH,
        "",
        "webAcl: {blockCidrs: [192.0.2.0/24]}",
        "access: {sigV4: {viewerAuthorization: Forward}}",
    ] {
        cluster.apply(NAME, spec);
        cluster.ready(NAME).await;
    }
    quiet(cluster, NAME).await;
    cluster
        .cloud
        .edit_distribution(&the(cluster, Kind::Distribution).id, |config| {
            xml::put(config, xml::text("PriceClass", "PriceClass_100"), &[]);
        });
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.ready(NAME).await;
    assert_eq!(setting(cluster, "PriceClass"), "PriceClass_All");
}

/// The invariants that are checked after every pass compare them byte for byte.
#[tokio::test(start_paused = true)]
async fn rules_and_fields_of_others_are_kept_through_every_update() {
    let mut cluster = ready("").await;
    let (acl, distribution) = (
        the(&cluster, Kind::WebAcl).id,
        the(&cluster, Kind::Distribution).id,
    );
    cluster.cloud.add_shield_rule(&acl);
    cluster.cloud.add_firewall_manager_groups(&acl);
    cluster.cloud.add_unknown_field(&acl);
    let count = json!({
        "Name": "theirs", "Priority": 1000, "Action": {"Count": {}}, "NewerThanAnyClient": {"a": [1, null]},
        "Statement": {"NewerStatement": {"Depth": 1}}, "VisibilityConfig": pieces::visibility("theirs")
    });
    cluster.cloud.edit_web_acl(&acl, |document| {
        for rule in document["Rules"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .filter(|rule| rule["Priority"] == 1000)
        {
            rule["Priority"] = json!(999);
        }
    });
    cluster.cloud.add_foreign_rule(&acl, true, &count);
    let always = json!({"ALBLowReputationMode": "ALWAYS_ON"});
    cluster.cloud.edit_web_acl(&acl, |document| {
        document["OnSourceDDoSProtectionConfig"] = always.clone();
    });
    cluster.cloud.add_unknown_element(&distribution);
    everything_changes(&mut cluster).await;
    let names = rules(&cluster);
    assert!(names.contains(&"theirs".to_owned()), "{names:?}");
    assert!(
        names.last().unwrap().starts_with("ShieldMitigationRuleGroup_"),
        "{names:?}"
    );
    assert_eq!(web_acl(&cluster)["RetrofittedByFirewallManager"], true);
    assert_eq!(web_acl(&cluster)["OnSourceDDoSProtectionConfig"], always);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_rule_that_allows_before_ours_is_reported_and_left_alone() {
    let mut cluster = ready("").await;
    let rule = json!({
        "Name": "let-me-in", "Priority": 1, "Action": {"Allow": {}}, "VisibilityConfig": pieces::visibility("let-me-in"),
        "Statement": {"GeoMatchStatement": {"CountryCodes": ["SE"]}}
    });
    cluster
        .cloud
        .add_foreign_rule(&the(&cluster, Kind::WebAcl).id, true, &rule);
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "WebAclReady"), "ForeignAllowRule");
    assert_eq!(cluster.condition(NAME, "Ready"), "False");
    assert!(
        cluster.message(NAME, "WebAclReady").contains("let-me-in"),
        "{}",
        cluster.story(NAME)
    );
    assert!(cluster.cloud.journal().writes().is_empty());
    cluster.invariants = None;
    // Taken away again, all is well without anybody's help.
    cluster
        .cloud
        .edit_web_acl(&the(&cluster, Kind::WebAcl).id, |document| {
            document["Rules"]
                .as_array_mut()
                .unwrap()
                .retain(|rule| rule["Name"] != "let-me-in");
        });
    cluster.resync(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "Ready"),
        "True",
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_of_firewall_manager_is_not_written() {
    let mut cluster = ready("").await;
    cluster
        .cloud
        .hand_to_firewall_manager(&the(&cluster, Kind::WebAcl).id);
    cluster.apply(NAME, "webAcl: {rateLimits: [{name: per-ip, limit: 100}]}");
    assert_eq!(cluster.stalled(NAME).await, "ManagedByFirewallManager");
    assert_eq!(cluster.cloud.journal().count("UpdateWebACL"), 0);
}

/// The owner of the first object that a cluster makes, as it will be.
fn owner(cluster: &Cluster) -> Owner {
    Owner {
        cluster: cluster.engine.cluster.clone(),
        namespace: "shop".into(),
        name: NAME.into(),
        uid: "01010101-0000-4000-8000-000000000000".into(),
        taken: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_with_our_name_and_somebody_elses_tags_is_never_touched() {
    type Occupy = fn(&Cluster, &str);
    let occupy: [(&str, Occupy); 4] = [
        ("SignerReady", |cluster, name| {
            let role = palisade::domain::signer::role::Creation {
                name: name.into(),
                tags: Tags::new(),
                ..pieces::role("a")
            };
            cluster.cloud.as_somebody(Call::CreateRole { role }).unwrap();
        }),
        ("SignerReady", |cluster, name| {
            cluster
                .cloud
                .configure(|settings| settings.role_propagation = Duration::ZERO);
            cluster
                .cloud
                .as_somebody(Call::CreateRole {
                    role: pieces::role("a"),
                })
                .unwrap();
            let role = format!("arn:aws:iam::{ACCOUNT}:role/palisade/a");
            let mut function = pieces::function("a", &role);
            (function.name, function.tags) = (name.into(), Tags::new());
            cluster
                .cloud
                .as_somebody(Call::CreateFunction {
                    region: EDGE_REGION.to_owned(),
                    function,
                })
                .unwrap();
        }),
        ("WebAclReady", |cluster, name| {
            let ip_set = ip_set::Creation {
                name: format!("{name}-block-v4"),
                tags: Tags::new(),
                ..pieces::ip_set("a", &["10.0.0.0/8"])
            };
            cluster.cloud.as_somebody(Call::CreateIpSet { ip_set }).unwrap();
        }),
        ("WebAclReady", |cluster, name| {
            let document = pieces::web_acl(&[]);
            cluster
                .cloud
                .as_somebody(Call::CreateWebAcl {
                    name: name.into(),
                    document,
                    tags: Tags::new(),
                })
                .unwrap();
        }),
    ];
    for (n, (condition, occupy)) in occupy.into_iter().enumerate() {
        let mut cluster = cluster(Settings::default());
        let name = owner(&cluster).resource_name(64);
        occupy(&cluster, &name);
        cluster.watch();
        tokio::time::sleep(Duration::from_mins(1)).await;
        cluster.apply(NAME, "webAcl: {blockCidrs: [192.0.2.0/24]}");
        assert_eq!(cluster.stalled(NAME).await, "NameTaken", "{n}");
        assert_eq!(
            cluster.reason(NAME, condition),
            "NameTaken",
            "{n}\n{}",
            cluster.story(NAME)
        );
        // Nor does the deletion touch it.
        cluster.delete(NAME).await;
        let ours = cluster
            .cloud
            .resources()
            .into_iter()
            .filter(|found| found.uid().is_some_and(|uid| uid.starts_with("01")));
        assert_eq!(ours.count(), 0, "{n}: {:#?}", cluster.cloud.resources());
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_objects_for_one_stage_the_older_one_protects_it_and_the_other_goes_on_when_it_is_gone() {
    let mut cluster = ready("").await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.apply("rival", "");
    cluster.cloud.clear_journal();
    assert_eq!(cluster.stalled("rival").await, "OwnedByAnother");
    assert!(cluster.message("rival", "Accepted").contains("shop/petstore"));
    assert!(own_calls(&cluster).is_empty(), "{:?}", own_calls(&cluster));
    let said = cluster.message("rival", "Accepted");
    assert!(said.contains("write into shop/petstore"), "{said}");
    // While the older one goes, nothing is left to do.
    cluster.begin_deletion(NAME);
    cluster.pass("rival").await;
    let story = cluster.story("rival");
    assert_eq!(cluster.condition("rival", "Stalled"), "", "{story}");
    assert_eq!(cluster.condition("rival", "Reconciling"), "True", "{story}");
    for condition in ["Accepted", "Reconciling"] {
        assert_eq!(cluster.reason("rival", condition), "OwnedByAnother", "{story}");
        let said = cluster.message("rival", condition);
        assert!(
            said.contains("is being deleted") && !said.contains("write into"),
            "{said}"
        );
    }
    cluster.delete(NAME).await;
    cluster.ready("rival").await;
    quiet(&mut cluster, "rival").await;
}

#[tokio::test(start_paused = true)]
async fn another_clusters_distribution_before_the_same_api_and_path_is_respected() {
    let theirs = ready("").await;
    let cloud = std::sync::Arc::clone(&theirs.cloud);
    let mut ours = Cluster::over(cloud);
    ours.rename_cluster("d2d2d2d2-0000-4000-8000-000000000000", 7);
    ours.apply("ours", "");
    assert_eq!(ours.stalled("ours").await, "ProtectedElsewhere");
    assert!(
        ours.cloud.journal().writes().is_empty(),
        "{:?}",
        ours.cloud.journal().writes()
    );
    // Another path of the same API is another matter.
    let spec = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, path: /prod}}");
    ours.apply_spec("other-path", serde_yaml::from_str(&spec).unwrap());
    ours.objects.remove("ours");
    ours.ready("other-path").await;
}

/// The tagging service and the lists of distributions lag behind a creation for minutes.
#[tokio::test(start_paused = true)]
async fn our_own_distribution_is_not_taken_for_another_clusters_while_its_tags_are_not_listed() {
    let lag = Duration::from_mins(5);
    let settings = Settings {
        tag_lag: lag,
        deployment_delay: Duration::from_mins(8),
        ..Settings::default()
    };
    let mut cluster = cluster(settings);
    cluster.apply(NAME, "");
    for _ in 0..40 {
        cluster.pass(NAME).await;
        assert_eq!(
            cluster.condition(NAME, "Accepted"),
            "True",
            "{}",
            cluster.story(NAME)
        );
        tokio::time::sleep(Duration::from_secs(20)).await;
        cluster.restart();
    }
    cluster.ready(NAME).await;
}
