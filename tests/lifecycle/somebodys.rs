//! Distributions of somebody else: before the API, with a name, or both.

use super::scenes::{CERTIFICATE, cluster};
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::{Answer, Call};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;
use std::time::Duration;

/// Somebody makes a distribution; answers its id.
pub fn made_by_somebody(cluster: &Cluster, config: Element) -> String {
    let tags = Tags::new();
    let made = cluster
        .cloud
        .as_somebody(Call::CreateDistribution { config, tags });
    let Ok(Answer::CreateDistribution(made)) = made else {
        panic!("it is made");
    };
    made.id
}

/// Leads the only origin of a configuration there.
pub fn lead(config: &mut Element, domain: &str, path: &str) {
    let mut origin = xml::items_at(config, "Origins")[0].clone();
    xml::put(&mut origin, xml::text("DomainName", domain), &[]);
    xml::put(&mut origin, xml::text("OriginPath", path), &[]);
    xml::put(config, xml::list("Origins", vec![origin]), &[]);
}

/// A distribution of the team's own without an alias, with its only origin there; answers its id.
pub async fn put_in_front(cluster: &mut Cluster, domain: &str, path: &str) -> String {
    let mut config = pieces::config("theirs", None);
    lead(&mut config, domain, path);
    let theirs = made_by_somebody(cluster, config);
    listed(cluster).await;
    theirs
}

/// Somebody's distribution before petstore's API, with that alias; answers its id.
pub fn somebodys(cluster: &Cluster, alias: &str) -> String {
    let mut config = pieces::with(
        &pieces::config("theirs", None),
        xml::list("Aliases", vec![xml::text("CNAME", alias)]),
    );
    let certificate = vec![
        xml::text("ACMCertificateArn", CERTIFICATE),
        xml::text("SSLSupportMethod", "sni-only"),
    ];
    xml::put(&mut config, xml::parent("ViewerCertificate", certificate), &[]);
    made_by_somebody(cluster, config)
}

/// A cluster in which nothing was declared yet, and such a distribution has the name; and its id.
pub async fn somebodys_before(settings: Settings, alias: &str) -> (Cluster, String) {
    let mut cluster = cluster(settings);
    let theirs = somebodys(&cluster, alias);
    listed(&mut cluster).await;
    (cluster, theirs)
}

/// Lists, which lag behind, show it; what becomes of it from now on is its team's doing.
async fn listed(cluster: &mut Cluster) {
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.invariants = None;
}
