//! Faults, crashes, the journal, pages, and the hands of others.

use crate::simulation::instant;
use crate::support::pieces::{self, CLUSTER, Perimeter, build, deployed, ip_set, owner, patiently, role};
use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::faults::{CRASHED, Fault, Rule, Scope};
use crate::support::simulation::invariants::Invariants;
use crate::support::simulation::resources::Kind;
use crate::support::simulation::settings::Settings;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{Conflict, NotFound, Transient};
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::signer::function::EDGE_REGION;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_perimeter_is_built_and_taken_down() {
    let simulated = SimulatedCloud::new(Settings {
        deployment_delay: Duration::from_secs(30),
        ..Settings::default()
    });
    let invariants = Invariants::watch(&simulated, CLUSTER);
    let cloud: &dyn Cloud = &simulated;
    let built = build(cloud, "petstore").await;
    invariants.check(&simulated);
    assert_eq!(simulated.resources_of(&owner("petstore").uid).len(), 4);

    let current = deployed(cloud, &built.distribution.id).await;
    let disabled = pieces::with(&current.config, xml::text("Enabled", "false"));
    cloud
        .update_distribution(current.id.clone(), current.etag, disabled)
        .await
        .unwrap();
    let current = deployed(cloud, &current.id).await;
    cloud.delete_distribution(current.id, current.etag).await.unwrap();
    let acl = cloud
        .get_web_acl(built.web_acl.id, built.web_acl.name)
        .await
        .unwrap();
    cloud.delete_web_acl(acl.entity).await.unwrap();
    tokio::time::sleep(Duration::from_hours(3)).await;
    patiently(async || {
        cloud
            .delete_function(EDGE_REGION.to_owned(), "petstore".to_owned(), None)
            .await
    })
    .await
    .unwrap();
    cloud
        .delete_role_policy("petstore".to_owned(), "invoke".to_owned())
        .await
        .unwrap();
    cloud.delete_role("petstore".to_owned()).await.unwrap();
    assert!(simulated.resources().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_journal_tells_calls_outcomes_and_faults() {
    let simulated = instant();
    let cloud: &dyn Cloud = &simulated;
    simulated.inject(Rule::nth(Scope::Operation("CreateRole"), 2, Fault::Throttle));
    cloud.create_role(role("petstore")).await.unwrap();
    cloud.create_role(role("another")).await.unwrap_err();
    cloud.create_role(role("petstore")).await.unwrap_err();
    cloud.get_role("petstore".to_owned()).await.unwrap();
    let journal = simulated.journal();
    assert_eq!(
        (journal.len(), journal.count("CreateRole"), journal.writes().len()),
        (4, 3, 3)
    );
    let codes: Vec<_> = journal
        .entries
        .iter()
        .map(|entry| entry.code.as_deref())
        .collect();
    assert_eq!(
        codes,
        [None, Some("Throttling"), Some("EntityAlreadyExists"), None]
    );
    assert_eq!(journal.entries[1].resource, "another");
    assert_eq!(journal.entries[1].fault, Some(Fault::Throttle));
    assert_eq!(journal.summary(), "3 × iam CreateRole\n1 × iam GetRole");
    simulated.clear_journal();
    assert_eq!(simulated.journal().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_crash_stops_every_call_until_the_restart() {
    for (fault, acted) in [(Fault::CrashBefore, false), (Fault::CrashAfter, true)] {
        let simulated = instant();
        let cloud: &dyn Cloud = &simulated;
        simulated.inject(Rule::nth(Scope::Writes, 2, fault));
        cloud.create_role(role("first")).await.unwrap();
        let error = cloud.create_role(role("second")).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.kind), (CRASHED, Transient));
        assert!(simulated.crashed());
        assert_eq!(
            cloud.get_role("first".to_owned()).await.unwrap_err().code,
            CRASHED
        );
        assert_eq!(simulated.journal().len(), 2, "a dead process makes no calls");
        simulated.restart();
        assert_eq!(cloud.get_role("second".to_owned()).await.is_ok(), acted);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_brings_the_same_faults() {
    let story = async |seed| {
        let simulated = instant();
        let cloud: &dyn Cloud = &simulated;
        simulated.seed_faults(seed);
        let faults = [
            Fault::Throttle,
            Fault::LostAnswer,
            Fault::LostRequest,
            Fault::ServerError,
            Fault::TruncatedPage,
        ];
        simulated.inject(Rule::random(Scope::Every, 0.4, &faults));
        for number in 0..30 {
            let _ = cloud.create_ip_set(ip_set(&format!("n{number}"), &[])).await;
            let _ = cloud.list_ip_sets(None).await;
        }
        simulated
            .journal()
            .entries
            .into_iter()
            .map(|entry| entry.fault)
            .collect::<Vec<_>>()
    };
    let (one, again, two) = (story(1).await, story(1).await, story(2).await);
    assert_eq!(one, again);
    assert_ne!(one, two);
    let struck = one.iter().flatten().count();
    assert!((10..50).contains(&struck), "{struck}");
    assert!(
        one.iter()
            .step_by(2)
            .flatten()
            .all(|fault| *fault != Fault::TruncatedPage),
        "only lists are truncated"
    );
}

#[tokio::test(start_paused = true)]
async fn a_foreign_write_in_between_is_a_conflict_once() {
    let simulated = instant();
    let cloud: &dyn Cloud = &simulated;
    let built = build(cloud, "petstore").await;
    let set = cloud.create_ip_set(ip_set("petstore", &[])).await.unwrap();
    for operation in [
        "UpdateDistribution",
        "UpdateWebACL",
        "UpdateIPSet",
        "UpdateFunctionCode",
        "PutRolePolicy",
    ] {
        simulated.inject(Rule::nth(Scope::Operation(operation), 1, Fault::ForeignWrite));
    }
    let Perimeter {
        distribution,
        web_acl,
        ..
    } = built;
    let update = cloud.update_distribution(distribution.id.clone(), distribution.etag, distribution.config);
    assert_eq!(update.await.unwrap_err().kind, Conflict);
    let read = cloud.get_distribution(distribution.id).await.unwrap();
    cloud
        .update_distribution(read.id, read.etag, read.config)
        .await
        .unwrap();

    let acl = cloud.get_web_acl(web_acl.id, web_acl.name).await.unwrap();
    assert_eq!(
        cloud
            .update_web_acl(acl.entity, acl.document)
            .await
            .unwrap_err()
            .kind,
        Conflict
    );
    assert_eq!(cloud.update_ip_set(set, vec![]).await.unwrap_err().kind, Conflict);
    let latest = cloud
        .get_function_configuration("petstore".to_owned(), None)
        .await
        .unwrap();
    let code = cloud.update_function_code(
        EDGE_REGION.to_owned(),
        "petstore".to_owned(),
        pieces::package("2"),
        latest.revision,
        true,
    );
    assert_eq!(code.await.unwrap_err().kind, Conflict);
    let policy = cloud
        .put_role_policy("petstore".to_owned(), "invoke".to_owned(), pieces::policy())
        .await;
    assert_eq!(policy.unwrap_err().kind, Conflict);
}

#[tokio::test(start_paused = true)]
async fn pages_may_be_shorter_than_asked_for() {
    let simulated = SimulatedCloud::new(Settings {
        page_size: 2,
        ..Settings::instant()
    });
    let cloud: &dyn Cloud = &simulated;
    for name in ["a", "b", "c", "d", "e"] {
        cloud.create_role(role(name)).await.unwrap();
    }
    let first = cloud.list_roles(None).await.unwrap();
    assert_eq!(first.items.len(), 2);
    // What goes while a list is read neither repeats nor hides the rest.
    cloud.delete_role("b".to_owned()).await.unwrap();
    let second = cloud.list_roles(first.next).await.unwrap();
    let names: Vec<_> = second.items.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["c", "d"]);
    let last = cloud.list_roles(second.next).await.unwrap();
    assert_eq!((last.items.len(), last.next), (1, None));
}

#[tokio::test(start_paused = true)]
async fn foreign_hands_are_seen_as_updates() {
    let simulated = instant();
    let cloud: &dyn Cloud = &simulated;
    let Perimeter {
        distribution,
        web_acl,
        function,
        ..
    } = build(cloud, "petstore").await;
    simulated.disable_distribution(&distribution.id);
    let read = cloud.get_distribution(distribution.id.clone()).await.unwrap();
    assert_ne!(read.etag, distribution.etag);
    assert_eq!(xml::text_at(&read.config, "Enabled").as_deref(), Some("false"));
    simulated.edit_function("petstore", |settings| settings.memory = 512);
    let latest = cloud
        .get_function_configuration("petstore".to_owned(), None)
        .await
        .unwrap();
    assert!(latest.settings.memory == 512 && latest.revision != function.revision);
    simulated.edit_role("petstore", |role| drop(role.policies.remove("invoke")));
    assert!(
        cloud
            .list_role_policies("petstore".to_owned())
            .await
            .unwrap()
            .is_empty()
    );
    simulated.set_tags(&web_acl.arn, &Tags::new());
    assert!(cloud.list_waf_tags(web_acl.arn.clone()).await.unwrap().is_empty());
    simulated.remove_web_acl(&web_acl.id);
    let gone: Result<_, CloudError> = cloud.get_web_acl(web_acl.id, web_acl.name).await;
    assert_eq!(gone.unwrap_err().kind, NotFound);
    assert_eq!(
        simulated.journal().writes().len(),
        5,
        "what others do is not in the journal"
    );
}

#[tokio::test(start_paused = true)]
async fn resources_tell_what_they_refer_to() {
    let simulated = instant();
    let built = build(&simulated, "petstore").await;
    let all = simulated.resources_of(&owner("petstore").uid);
    let kinds: Vec<_> = all.iter().map(|found| found.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Role, Kind::Function, Kind::WebAcl, Kind::Distribution]
    );
    assert_eq!(all[1].references, [built.role.arn].into());
    assert_eq!(all[3].references, [built.web_acl.arn, built.function.arn].into());
}

#[tokio::test(start_paused = true)]
async fn who_has_a_name_is_told_by_the_account_in_which_it_is() {
    const ACCOUNT: &str = "444455556666";
    let simulated = SimulatedCloud::of_account(ACCOUNT, Settings::instant());
    let certificate = format!("arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1");
    simulated.preload_certificate(&certificate, &["*.example.com"]);
    let cloud: &dyn Cloud = &simulated;
    let made = async |reference: &str, aliases: &[&str]| {
        let certificate = vec![
            xml::text("ACMCertificateArn", &certificate),
            xml::text("SSLSupportMethod", "sni-only"),
        ];
        let aliases = aliases.iter().map(|alias| xml::text("CNAME", alias)).collect();
        let config = pieces::with(&pieces::config(reference, None), xml::list("Aliases", aliases));
        let config = pieces::with(&config, xml::parent("ViewerCertificate", certificate));
        let made = cloud.create_distribution(config, pieces::tags(reference)).await;
        made.unwrap().id
    };
    made("theirs", &["api.example.com"]).await;
    let ours = made("ours", &[]).await;
    let conflicts = cloud
        .list_domain_conflicts(ours, "api.example.com".to_owned(), None)
        .await
        .unwrap()
        .items;
    // The first half is hidden.
    let accounts: Vec<_> = conflicts.iter().map(|found| found.account.as_str()).collect();
    assert_eq!(accounts, ["******556666"]);
}
