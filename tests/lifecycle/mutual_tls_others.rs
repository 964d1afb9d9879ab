//! A custom domain name that accepts certificates of others, or of nobody's: nothing is called restricted before they are sure to be
//! kept out.

use super::mutual_tls::{assert_locked, trusted};
use super::mutual_tls_forged::trust_theirs;
use super::scenes::{BUCKET, MUTUAL_TLS, NAME, ORIGIN, deny, found, hours, pair, quiet, ready, resyncs, the};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use palisade::api::{LOOK, OtherDoor, OtherDoorType};
use palisade::controller::events::of_pass;
use palisade::domain::access::probe::Way;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::mutual_tls::pair::certificates;
use std::time::Duration;

const UPDATE: &str = "UpdateDomainName";
/// The mark of a custom domain name that accepted others.
const MARK: &str = "palisade.dev/accepted-others";

/// Whether the custom domain name lets in who has a certificate of that authority.
fn lets_in(cluster: &Cluster, ca: &str) -> bool {
    let in_force = cluster.cloud.truststore_in_force(ORIGIN);
    let in_force = in_force.expect("it asks for a certificate");
    certificates(&in_force.content).iter().any(|known| known == ca)
}

#[track_caller]
fn assert_not_restricted(cluster: &Cluster) {
    let story = cluster.story(NAME);
    let restricted = found(cluster, "AccessRestricted");
    assert_eq!(restricted, pair("False", "ForeignAuthority"), "{story}");
    assert_ne!(cluster.condition(NAME, "DirectAccessBlocked"), "True", "{story}");
}

/// A pass, and at most half a minute.
async fn pass(cluster: &mut Cluster) {
    let outcome = cluster.pass_surviving(NAME).await;
    tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
}

#[tokio::test(start_paused = true)]
async fn others_whom_api_gateway_goes_on_to_let_in_are_told_until_it_does_so_no_more() {
    for fault in [None, Some(Fault::CrashBefore), Some(Fault::CrashAfter)] {
        let mut cluster = ready(MUTUAL_TLS).await;
        let delay = Duration::from_mins(10);
        cluster
            .cloud
            .configure(|settings| settings.domain_name_delay = delay);
        let ca = trust_theirs(&mut cluster);
        if let Some(fault) = fault {
            let once = Rule::nth(Scope::Operation(UPDATE), 1, fault);
            cluster.cloud.inject(once);
        }
        cluster.annotate(NAME, LOOK, "1");
        while cluster.cloud.truststore_of(ORIGIN) == cluster.cloud.truststore_in_force(ORIGIN) {
            pass(&mut cluster).await;
        }
        // The process that died wrote no status; the next one knows all the same.
        pass(&mut cluster).await;
        let probes = || cluster.cloud.probes().into_iter();
        let before = probes().filter(|probe| probe.way == Way::Origin).count();
        assert!(lets_in(&cluster, &ca), "{fault:?}");
        while lets_in(&cluster, &ca) {
            assert_not_restricted(&cluster);
            pass(&mut cluster).await;
        }
        let probes = cluster.cloud.probes().into_iter();
        let after = probes.filter(|probe| probe.way == Way::Origin).count();
        assert!(
            after > before,
            "no probe without a certificate was refused: {fault:?}"
        );
        // It is in force here, and may not be everywhere.
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < Duration::from_mins(3) {
            assert_not_restricted(&cluster);
            pass(&mut cluster).await;
        }
        cluster.settle_patiently(NAME).await;
        assert!(!trusted(&cluster).contains(&ca));
        assert!(!the(&cluster, Kind::DomainName).tags.contains_key(MARK));
        hours(1).await;
        cluster.watch();
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_lets_in_who_shows_no_certificate_of_ours_is_open() {
    for (is_by_handshake, words) in [
        (false, "nobody signed but itself"),
        (true, "API Gateway's own name"),
    ] {
        let mut cluster = ready(MUTUAL_TLS).await;
        cluster.cloud.configure(|settings| {
            settings.strangers_get_in = !is_by_handshake;
            settings.other_host_served = is_by_handshake;
        });
        cluster.annotate(NAME, LOOK, "1");
        resyncs(&mut cluster, 2).await;
        let story = cluster.story(NAME);
        let open = pair("False", "DirectAccessOpen");
        assert_eq!(found(&cluster, "DirectAccessBlocked"), open, "{story}");
        assert_eq!(found(&cluster, "AccessRestricted"), open, "{story}");
        let told = cluster.message(NAME, "DirectAccessBlocked");
        assert!(told.contains(words), "{told}");
        cluster.cloud.configure(|settings| {
            settings.strangers_get_in = false;
            settings.other_host_served = false;
        });
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
    }
}

/// As every other door: in status, and by an event of its own.
#[tokio::test(start_paused = true)]
async fn authorities_of_others_are_among_the_other_doors_until_they_are_sure_to_be_accepted_no_more() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let ca = trust_theirs(&mut cluster);
    let doors = |cluster: &Cluster| -> Vec<OtherDoor> {
        let status = cluster.objects[NAME].status.clone().unwrap();
        let doors = status.access.unwrap().other_doors.into_iter();
        doors
            .filter(|door| door.r#type == OtherDoorType::Authority)
            .collect()
    };
    cluster.annotate(NAME, LOOK, "1");
    let (mut told, mut was_open) = (Vec::new(), false);
    for _ in 0..100 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass_surviving(NAME).await);
        told.extend(of_pass::notes(&before, &outcome));
        let is_open = found(&cluster, "AccessRestricted").1 == "ForeignAuthority";
        assert_eq!(!doors(&cluster).is_empty(), is_open, "{}", cluster.story(NAME));
        assert!(
            is_open || !(was_open && lets_in(&cluster, &ca)),
            "{}",
            cluster.story(NAME)
        );
        if was_open && !is_open {
            break;
        }
        was_open |= is_open;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
    }
    assert!(was_open, "{}", cluster.story(NAME));
    told.retain(|note| note.reason == Reason::OtherDoorOpen);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].note.contains("client certificates of others"), "{told:?}");
    cluster.settle_patiently(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert!(doors(&cluster).is_empty());
}

/// Where the change back is held up, each is named by its hash.
#[tokio::test(start_paused = true)]
async fn an_authority_of_others_that_cannot_be_taken_out_is_named_among_the_other_doors() {
    let mut cluster = ready(MUTUAL_TLS).await;
    trust_theirs(&mut cluster);
    deny(&cluster, "s3:PutObject");
    cluster.annotate(NAME, LOOK, "1");
    for _ in 0..6 {
        pass(&mut cluster).await;
    }
    assert_not_restricted(&cluster);
    let status = cluster.objects[NAME].status.clone().unwrap();
    let doors = status.access.unwrap().other_doors;
    let uri = format!("s3://{BUCKET}/palisade/");
    let is_named = |door: &OtherDoor| door.r#type == OtherDoorType::Authority && door.name.contains(&uri);
    assert!(doors.iter().any(is_named), "{doors:?}: {}", cluster.story(NAME));
}
