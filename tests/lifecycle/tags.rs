//! Tags of whatever a mode is made of: those of the spec reach them all, and so does the mark of what stays.

use super::scenes::{HEADER, KEY, NAME, NAMES, SHIELD, hours, quiet, ready, shape};
use super::support::cluster::Cluster;
use super::support::simulation::resources::{Kind, Resource};
use palisade::domain::kernel::identity::{TAG_CONDEMNED, TAG_RETAINED, Tags};
use palisade::domain::kernel::planning;
use palisade::domain::perimeter::unowned::Alive;

/// Each mode with a secret value, and what is made for it besides what every object has.
const MODES: [(&str, &[Kind]); 2] = [
    (KEY, &[Kind::ApiKey, Kind::UsagePlan]),
    (HEADER, &[Kind::Role, Kind::Function]),
];

fn belongings(cluster: &Cluster) -> Vec<Resource> {
    cluster.cloud.resources_of(&cluster.uid(NAME))
}

/// Everything of the object has the tag, with that value or not at all.
#[track_caller]
fn everything_has(cluster: &Cluster, key: &str, value: Option<&str>) {
    for found in belongings(cluster) {
        let tag = found.tags.get(key).map(String::as_str);
        assert_eq!(tag, value, "{key} of {}", found.arn);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edited_tag_reaches_what_a_mode_with_a_secret_value_is_made_of() {
    for (mode, kinds) in MODES {
        let mut cluster = ready(&format!("{mode}\ntags: {{team: shop, stage: prod}}")).await;
        let made = belongings(&cluster);
        for kind in kinds {
            assert!(made.iter().any(|found| found.kind == *kind), "{kind:?}");
        }
        cluster.apply(NAME, &format!("{mode}\ntags: {{team: pets}}"));
        cluster.ready(NAME).await;
        everything_has(&cluster, "team", Some("pets"));
        everything_has(&cluster, "stage", None);
        quiet(&mut cluster, NAME).await;
        cluster.configure(|options| options.default_tags = Tags::from([("cost".into(), "42".into())]));
        cluster.ready(NAME).await;
        everything_has(&cluster, "cost", Some("42"));
        assert_eq!(belongings(&cluster).len(), made.len(), "something was made anew");
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_somebody_changes_are_put_right_when_the_api_is_looked_at_again() {
    for (mode, _) in MODES {
        let mut cluster = ready(&format!("{mode}\ntags: {{team: pets}}")).await;
        for found in belongings(&cluster) {
            let mut tags = found.tags.clone();
            tags.insert("team".into(), "theirs".into());
            tags.insert("added".into(), "theirs".into());
            cluster.cloud.set_tags(&found.arn, &tags);
        }
        hours(2).await;
        cluster.ready(NAME).await;
        everything_has(&cluster, "team", Some("pets"));
        everything_has(&cluster, "added", Some("theirs"));
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_usage_plan_that_is_only_named_keeps_its_tags() {
    let mut cluster = ready(KEY).await;
    let plan = |cluster: &Cluster| {
        let mut all = cluster.cloud.resources().into_iter();
        all.find(|found| found.kind == Kind::UsagePlan).unwrap()
    };
    let theirs = Tags::from([("team".to_owned(), "theirs".to_owned())]);
    let id = plan(&cluster).id;
    // From now on there is a plan without an owner's tags.
    cluster.invariants = None;
    cluster.cloud.set_tags(&plan(&cluster).arn, &theirs);
    for spec in ["tags: {team: pets}", "tags: {team: pets}\ndeletionPolicy: Retain"] {
        let access = format!("access: {{mode: ApiKey, apiKey: {{usagePlanId: {id}}}}}");
        cluster.apply(NAME, &format!("{access}\n{spec}"));
        cluster.ready(NAME).await;
        everything_has(&cluster, "team", Some("pets"));
    }
    cluster.delete(NAME).await;
    assert_eq!(plan(&cluster).tags, theirs);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_retained_is_marked_and_no_orphan() {
    for mode in [KEY, HEADER, SHIELD] {
        let mut cluster = ready(mode).await;
        cluster.apply(NAME, &format!("{mode}\ndeletionPolicy: Retain"));
        cluster.ready(NAME).await;
        let (before, uid) = (shape(&cluster, NAME), cluster.uid(NAME));
        cluster.delete(NAME).await;
        hours(48).await;
        cluster.sweep().await;
        let left = cluster.cloud.resources_of(&uid);
        assert_eq!(left.len(), before.len());
        for found in left {
            assert!(found.tags.contains_key(TAG_RETAINED), "{}", found.arn);
            assert!(!found.tags.contains_key(TAG_CONDEMNED), "{}", found.arn);
        }
        let counted = cluster.engine.leftovers(Alive::default).await.unwrap();
        assert_eq!(counted.orphans.values().sum::<usize>(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_an_object_leaves_that_vanished_is_an_orphan_of_its_kind() {
    let cluster = ready(&format!("{NAMES}\n{SHIELD}")).await;
    let orphans = async |alive: &[String]| {
        let alive = Alive {
            uids: alive.iter().cloned().collect(),
            ..Alive::default()
        };
        cluster.engine.leftovers(|| alive).await.unwrap().orphans
    };
    let made = [
        planning::Kind::Role,
        planning::Kind::Function,
        planning::Kind::WebAcl,
        planning::Kind::Certificate,
        planning::Kind::Distribution,
        planning::Kind::HealthCheck,
        planning::Kind::Protection,
        planning::Kind::Alarm,
    ];
    assert_eq!(orphans(&[cluster.uid(NAME)]).await, [].into());
    assert_eq!(orphans(&[]).await, made.map(|kind| (kind, 1)).into());
}
