//! What follows from each fact about the installation.

use super::facts_fixtures::{at, bad, change_controller, change_lease, controller, is_told, is_well, well};
use super::*;

#[test]
fn where_all_is_well_each_line_says_so() {
    let all = findings(&well());
    assert!(all.iter().all(|finding| finding.level == Level::Ok), "{all:#?}");
    assert!(!has_failure(&all));
    for about in [
        "clock",
        "definitions",
        "versions",
        "controller",
        "leader",
        "rights",
        "shop/petstore",
    ] {
        assert!(
            all.iter().any(|finding| finding.about == about),
            "{about}: {all:#?}"
        );
    }
}

#[test]
fn a_clock_that_is_off_is_told_with_the_way_that_it_is_off() {
    for (server, said) in [
        ("2026-01-01T00:09:00Z", "300 s behind the API server's"),
        ("2026-01-01T00:03:00Z", "60 s ahead of the API server's"),
    ] {
        is_told(
            |facts| {
                facts.server_time = Some(at(server));
                facts.lease = None;
            },
            Level::Warn,
            said,
            "NTP",
        );
    }
    is_well(|facts| facts.server_time = None);
}

#[test]
fn a_kind_that_is_not_served_is_named_and_without_objects_nothing_works() {
    let without = |kind: &'static str| {
        move |facts: &mut Facts| {
            let served = KINDS.iter().filter(|served| **served != kind);
            facts.served = Known::Seen(served.map(|served| (*served).to_owned()).collect());
        }
    };
    let remedy = "palisade crd --apply";
    is_told(
        without("protectedapis"),
        Level::Fail,
        "protectedapis.palisade.dev",
        remedy,
    );
    is_told(
        without("perimeterplans"),
        Level::Warn,
        "perimeterplans.palisade.dev",
        remedy,
    );
    is_told(
        |facts| facts.served = Known::Failed("gone".into()),
        Level::Warn,
        "gone",
        "",
    );
}

#[test]
fn definitions_of_another_version_are_told_with_what_they_lack_or_have() {
    let (kind, lacked) = ("ProtectedApi".to_owned(), "spec.later".to_owned());
    let older = Fit::Older {
        kind: kind.clone(),
        lacked: lacked.clone(),
    };
    is_told(
        |facts| facts.fit = Known::Seen(older),
        Level::Warn,
        "lacks spec.later",
        "crd --apply",
    );
    let newer = Fit::Newer { kind, lacked };
    is_told(
        |facts| facts.fit = Known::Seen(newer),
        Level::Warn,
        "does not know spec.later",
        "of the version that runs in the cluster",
    );
}

#[test]
fn a_controller_that_does_not_run_is_told_with_where_to_look() {
    is_told(
        |facts| facts.controllers = Known::Seen(vec![]),
        Level::Fail,
        "no Deployment is labelled",
        "docs/install.md",
    );
    is_told(
        |facts| change_controller(facts, |found| found.ready = 0),
        Level::Fail,
        "palisade-system/palisade has 0 of 2 pods ready",
        "kubectl -n palisade-system logs deployment/palisade",
    );
    is_told(
        |facts| change_controller(facts, |found| found.ready = 1),
        Level::Warn,
        "1 of 2 pods",
        "say why",
    );
    is_told(
        |facts| change_controller(facts, |found| found.wanted = 0),
        Level::Fail,
        "scaled the Deployment palisade-system/palisade to 0",
        "ask who did so",
    );
    is_told(
        |facts| facts.controllers = Known::NotPermitted,
        Level::Warn,
        "you may not read Deployments",
        "ask somebody who may",
    );
}

#[test]
fn a_plugin_of_another_version_than_the_controllers_is_told() {
    is_told(
        |facts| change_controller(facts, |found| found.version = Some("0.2.0".into())),
        Level::Warn,
        "palisade-system/palisade runs 0.2.0, and this plugin is of 0.1.0",
        "of the version that runs in the cluster",
    );
    is_well(|facts| change_controller(facts, |found| found.version = None));
}

#[test]
fn a_leader_that_is_gone_is_told_by_the_api_servers_clock() {
    is_told(
        |facts| change_lease(facts, |held| held.renewed = Some(at("2026-01-01T00:02:00Z"))),
        Level::Fail,
        "palisade-1 holds the Lease and last renewed it 2m ago",
        "logs",
    );
    is_told(
        |facts| change_lease(facts, |held| held.holder = None),
        Level::Fail,
        "nobody holds the Lease",
        "logs",
    );
    is_told(
        |facts| facts.lease = Some(Known::Seen(None)),
        Level::Fail,
        "there is no Lease",
        "log",
    );
    is_told(
        |facts| facts.lease = Some(Known::NotPermitted),
        Level::Warn,
        "you may not read the Lease",
        "",
    );
    is_well(|facts| facts.lease = None);
}

#[test]
fn a_controller_that_watches_another_namespace_alone_is_told() {
    is_told(
        |facts| change_controller(facts, |found| found.watches = Some("other".into())),
        Level::Fail,
        "watches the namespace other alone, and not shop",
        "--namespace",
    );
    is_well(|facts| change_controller(facts, |found| found.watches = Some("shop".into())));
}

#[test]
fn a_right_that_is_missing_is_told_with_the_role_that_has_it() {
    let without = |purpose: Purpose, granted: Option<bool>| {
        move |facts: &mut Facts| {
            let rights = facts.rights.iter_mut();
            for right in rights.filter(|right| right.purpose == purpose && right.verb == "get") {
                right.is_granted = granted;
            }
        }
    };
    is_told(
        without(Purpose::Status, Some(false)),
        Level::Fail,
        "you may not get protectedapis in shop",
        "palisade-view",
    );
    is_told(
        without(Purpose::Plan, Some(false)),
        Level::Warn,
        "you may not get perimeterplans in shop",
        "palisade-planner",
    );
    let patches = |facts: &mut Facts| {
        let rights = facts.rights.iter_mut();
        for right in rights.filter(|right| right.purpose == Purpose::Change && right.verb == "patch") {
            right.is_granted = Some(false);
        }
    };
    is_told(
        patches,
        Level::Warn,
        "you may not patch protectedapis in shop, which --yes of kubectl palisade release, handover",
        "palisade-edit",
    );
    let lists = |facts: &mut Facts| {
        let rights = facts.rights.iter_mut();
        for right in rights.filter(|right| right.purpose == Purpose::Orphans) {
            right.is_granted = Some(false);
        }
    };
    is_told(
        lists,
        Level::Warn,
        "you may not list awsaccounts, which kubectl palisade orphans needs",
        "whoever runs the cluster",
    );
    is_told(
        without(Purpose::Plan, None),
        Level::Warn,
        "the API server does not tell whether you may get perimeterplans",
        "",
    );
}

#[test]
fn nothing_that_others_wrote_steers_a_terminal() {
    let found = bad(|facts| {
        change_lease(facts, |held| {
            held.holder = Some("a\u{1b}[2Jb".into());
            held.renewed = None;
        });
    });
    assert!(found[0].said.starts_with("a\u{fffd}[2Jb holds"), "{found:#?}");
}

#[test]
fn the_text_has_a_line_for_each_finding_and_below_it_what_to_do() {
    let look = Look {
        width: 80,
        unicode: true,
        colour: false,
    };
    let found = bad(|facts| facts.fit = Known::NotPermitted);
    assert_eq!(
        text(&found, look),
        "warn versions: not known: you may not read what is served\n"
    );
    let found = bad(|facts| facts.controllers = Known::Seen(vec![]));
    let told = text(&found, look);
    assert!(told.starts_with("FAIL controller: no Deployment"), "{told}");
    assert!(
        told.lines().skip(1).all(|line| line.starts_with("     ")),
        "{told}"
    );
}

#[test]
fn it_is_certain_that_nobody_looks_only_where_a_controller_is_known_and_has_no_pod() {
    let with = |ready: i64| {
        Known::Seen(vec![Controller {
            ready,
            ..controller()
        }])
    };
    assert!(none_is_ready(&with(0)));
    for unsure in [with(1), Known::Seen(vec![]), Known::NotPermitted] {
        assert!(!none_is_ready(&unsure));
        assert!(!where_to_look(&unsure, None).is_empty());
    }
    assert!(where_to_look(&with(0), None).contains("palisade-system/palisade has 0 of 2 pods ready"));
}

#[test]
fn commands_are_for_the_cluster_that_was_asked() {
    let found = bad(|facts| {
        facts.context = Some("prod".into());
        change_controller(facts, |found| found.ready = 0);
    });
    let remedies = found.iter().filter_map(|found| found.remedy.as_ref());
    let commands: Vec<&String> = remedies.filter(|remedy| remedy.contains("kubectl -")).collect();
    assert!(!commands.is_empty(), "{found:#?}");
    for told in commands {
        let all = told.matches("kubectl -").count();
        assert_eq!(told.matches("kubectl --context prod").count(), all, "{told}");
    }
    let controllers = Known::Seen(vec![controller()]);
    let look = where_to_look(&controllers, Some("prod"));
    assert!(
        look.contains("kubectl --context prod -n palisade-system logs"),
        "{look}"
    );
}

#[test]
fn who_waits_in_vain_reads_which_version_the_controller_is_of_where_it_is_another_one() {
    let told = |version: Option<&str>| {
        where_to_look(
            &Known::Seen(vec![Controller {
                version: version.map(ToOwned::to_owned),
                ..controller()
            }]),
            None,
        )
    };
    let older = told(Some("0.0.1"));
    assert!(
        older.contains(&format!(
            "ready, and runs 0.0.1, while this plugin is of {VERSION}: kubectl"
        )),
        "{older}"
    );
    for same in [Some(VERSION), None] {
        assert!(!told(same).contains("while this plugin"), "{same:?}");
    }
}
