//! Two clusters, each with an object for a stage of one API, locked by mutual TLS: they leave it for other modes than a key.

use super::mutual_tls_clusters::{BETA, PROD};
use super::mutual_tls_clusters_leaving::{Both, saved};
use super::scenes::{HEADER, KEY};

const SIGNATURE: &str = "";

#[tokio::test(start_paused = true)]
async fn explore() {
    let saved = saved().await;
    for first in [KEY, SIGNATURE, HEADER] {
        for second in [KEY, SIGNATURE, HEADER] {
            let case = format!("{first:?} then {second:?}");
            let mut both = Both::restored(&saved);
            both.leave_for(PROD, first);
            both.rounds(40, &case).await;
            both.leave_for(BETA, second);
            both.rounds(300, &case).await;
            println!(
                "=== {case}: off {}",
                both.prod.cloud.is_endpoint_off(super::petstore::API)
            );
            for (cluster, stage) in [(&both.prod, PROD), (&both.beta, BETA)] {
                println!(
                    "  {stage}: Ready {} AR {} {}",
                    cluster.condition(stage, "Ready"),
                    cluster.condition(stage, "AccessRestricted"),
                    cluster.message(stage, "AccessRestricted")
                );
            }
        }
    }
}
