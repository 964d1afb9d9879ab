//! APIs that cannot be exported, so that nothing tells what of them nobody has deployed.

use super::as_deployed::{KINDS, WITH_PROBES, WITHOUT_PROBES, before, keys, open, spec};
use super::scenes::{NAME, fail, quiet};
use super::support::simulation::faults::Fault;
use super::support::simulation::settings::Settings;

#[tokio::test(start_paused = true)]
async fn an_api_that_cannot_be_exported_is_locked_where_nothing_hangs_on_it() {
    let settings = || Settings {
        exports_fail: true,
        ..Settings::default()
    };
    for (kind, auto_deploy) in KINDS {
        for more in [WITH_PROBES, WITHOUT_PROBES] {
            let mut cluster = before(kind, auto_deploy, settings());
            cluster.apply_spec(NAME, spec(kind, more));
            cluster.ready(NAME).await;
            assert_eq!(
                open(&cluster, kind),
                Vec::<&str>::new(),
                "{kind} {auto_deploy} {more}"
            );
            quiet(&mut cluster, NAME).await;
        }
        if auto_deploy {
            continue;
        }
        let mut cluster = before(kind, auto_deploy, settings());
        cluster.apply_spec(NAME, spec(kind, ""));
        assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges", "{kind}");
        // Of a WebSocket API nothing ever tells, so that is said before anything is built.
        let told = if kind == "WEBSOCKET" {
            "Accepted"
        } else {
            "AccessRestricted"
        };
        let said = cluster.message(NAME, told);
        assert!(
            said.contains("cannot be exported") && said.contains("deployPendingChanges"),
            "{said}"
        );
        cluster.cloud.configure(|settings| settings.exports_fail = false);
        if kind != "WEBSOCKET" {
            cluster.settle_patiently(NAME).await;
            cluster.ready(NAME).await;
            assert_eq!(open(&cluster, kind), Vec::<&str>::new(), "{kind}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_right_to_export_that_is_missing_is_named_and_nobody_is_told_to_publish_edits_for_want_of_it() {
    for (kind, export) in [("REST", "GetExport"), ("HTTP", "ExportApi")] {
        let mut cluster = before(kind, false, Settings::default());
        let denied = Fault::Refusal(
            "AccessDeniedException",
            "User: x is not authorized to perform: apigateway:GET on resource: y because no identity-based policy allows \
             the apigateway:GET action",
        );
        fail(&cluster, export, denied);
        cluster.apply_spec(NAME, spec(kind, ""));
        assert_eq!(cluster.stalled(NAME).await, "AccessDenied", "{kind}");
        let said = cluster.message(NAME, "AccessRestricted");
        let remedy = palisade::aws::policy::remedy("apigateway:GET", None).unwrap();
        assert!(said.contains(remedy), "{kind}: {said}");
        assert!(!said.contains("deployPendingChanges"), "{kind}: {said}");
        assert_eq!(open(&cluster, kind), keys(kind), "{kind}");
        cluster.cloud.clear_faults();
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
    }
}
