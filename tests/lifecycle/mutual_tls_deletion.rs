//! An object with mutual TLS goes: nothing of it is left, and no lock is opened on the way out; or all of it stays, if that is asked for.

use super::mutual_tls::{client_certificates, shown, trusted};
use super::petstore::API;
use super::scenes::{
    BUCKET, MUTUAL_TLS, NAME, ORIGIN, ZONE, cluster, deny, history, nothing_left, passes, ready, resyncs,
    shape,
};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::domain::kernel::identity::TAG_RETAINED;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn nothing_is_left_and_the_default_endpoint_stays_off() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.delete(NAME).await;
    nothing_left(&cluster);
    assert!(
        cluster.cloud.objects_of(BUCKET).is_empty(),
        "{:?}",
        cluster.cloud.objects_of(BUCKET)
    );
    assert!(cluster.cloud.records_at(ZONE, ORIGIN).is_empty());
    assert!(cluster.cloud.is_endpoint_off(API));
    assert_eq!(
        cluster.cloud.journal().count("UpdateRestApi"),
        0,
        "{}",
        history(&cluster)
    );
}

#[tokio::test(start_paused = true)]
async fn the_distribution_goes_before_what_it_leads_to() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.delete(NAME).await;
    let journal = cluster.cloud.journal();
    let writes: Vec<&str> = journal
        .writes()
        .into_iter()
        .filter(|entry| entry.code.is_none())
        .map(|entry| entry.operation.name)
        .collect();
    let place = |name: &str| {
        let found = writes.iter().rposition(|known| *known == name);
        found.unwrap_or_else(|| panic!("no {name}: {writes:?}"))
    };
    for later in ["DeleteDomainName", "DeleteObject", "DeleteCertificate"] {
        assert!(place("DeleteDistribution") < place(later), "{later}: {writes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_half_of_mutual_tls_goes_after_every_number_of_passes() {
    for count in 1..25 {
        let mut cluster = cluster(Settings::default());
        cluster.apply(NAME, MUTUAL_TLS);
        passes(&mut cluster, count).await;
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_without_its_status_leaves_nothing_of_mutual_tls() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answers_are_lost_is_found_again_by_a_deletion_right_after_it() {
    for n in 1.. {
        let settings = Settings {
            list_lag: Duration::from_secs(30),
            tag_lag: Duration::from_secs(45),
            ..Settings::default()
        };
        let mut cluster = cluster(settings);
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        cluster.apply(NAME, MUTUAL_TLS);
        for _ in 0..80 {
            let outcome = cluster.pass(NAME).await;
            if cluster.cloud.crashed() {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        if !cluster.cloud.crashed() {
            assert!(n > 8, "only {n} writes");
            break;
        }
        cluster.restart();
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn all_stays_where_it_is_retained_and_viewers_are_served() {
    let mut cluster = ready(&format!("deletionPolicy: Retain\n{MUTUAL_TLS}")).await;
    let (before, shown, trusted) = (shape(&cluster, NAME), shown(&cluster), trusted(&cluster));
    let uid = cluster.uid(NAME);
    cluster.depart(NAME).await;
    let left = cluster.cloud.resources_of(&uid);
    assert_eq!(left.len(), before.len(), "{left:#?}");
    let arns: Vec<&String> = left.iter().map(|found| &found.arn).collect();
    assert!(arns.contains(&&shown), "{arns:?}");
    let tagged = left.iter().filter(|found| found.tags.contains_key(TAG_RETAINED));
    assert!(tagged.count() > 0, "{left:#?}");
    let still = cluster.cloud.truststore_of(ORIGIN).unwrap();
    assert_eq!(
        palisade::domain::mutual_tls::pair::certificates(&still.content).len(),
        trusted.len()
    );
    assert!(cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_may_not_delete_the_domain_name_says_so_and_goes_on_when_it_may() {
    let mut cluster = ready(MUTUAL_TLS).await;
    deny(&cluster, "apigateway:DELETE");
    cluster.begin_deletion(NAME);
    for _ in 0..40 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let message = cluster.message(NAME, "Ready");
    assert!(message.contains("apigateway:DELETE"), "{}", cluster.story(NAME));
    cluster.cloud.configure(|settings| settings.denied.clear());
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_truststore_whose_bucket_is_gone_holds_no_deletion_up() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.delete_bucket(BUCKET);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_put_into_the_bucket_stays() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.write_object(BUCKET, "theirs.pem", "theirs");
    resyncs(&mut cluster, 2).await;
    assert_eq!(client_certificates(&cluster).len(), 1);
    cluster.delete(NAME).await;
    let left = cluster.cloud.objects_of(BUCKET);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["theirs.pem"]);
}
