//! An object becomes ready, and everything that it asks for stands.

use super::scenes::{NAME, RICH, cluster, quiet, rules, setting};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn the_baseline_becomes_ready() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(setting(&cluster, "Enabled"), "true");
}

#[tokio::test(start_paused = true)]
async fn everything_that_a_spec_can_say_becomes_ready() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, RICH);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(
        rules(&cluster),
        [
            "palisade-anti-ddos",
            "palisade-block",
            "palisade-allow",
            "palisade-countries",
            "palisade-rate-per-ip",
            "palisade-rate-login",
            "palisade-AWSManagedRulesCommonRuleSet",
            "palisade-AWSManagedRulesSQLiRuleSet",
            "palisade-rule-no-curl",
        ]
    );
    for (path, wanted) in [
        ("Aliases/Quantity", "2"),
        ("PriceClass", "PriceClass_100"),
        ("HttpVersion", "http2"),
        ("Logging/Prefix", "petstore/"),
        ("ViewerCertificate/MinimumProtocolVersion", "TLSv1.2_2019"),
        ("Restrictions/GeoRestriction/RestrictionType", "blacklist"),
    ] {
        assert_eq!(setting(&cluster, path), wanted, "{path}");
    }
}

/// CloudFront refuses the second creation, and the list shows the first one's distribution some time later.
#[tokio::test(start_paused = true)]
async fn a_distribution_whose_answer_was_lost_is_found_in_the_list_and_not_made_twice() {
    let mut cluster = cluster(Settings {
        list_lag: Duration::from_secs(30),
        ..Settings::default()
    });
    let creation = Scope::Operation("CreateDistributionWithTags");
    cluster.cloud.inject(Rule::next(creation, 1, Fault::LostAnswer));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    let made = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    assert_eq!(made.filter(|found| found.kind == Kind::Distribution).count(), 1);
}
