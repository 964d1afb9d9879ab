//! What holds the first lock back: viewers who would be refused by it, at an old name, at another stage, at a method that was
//! meant to stay open. What is locked already stays locked.

use super::names::{at, somebodys};
use super::scenes::{NAME, ZONE, cluster, hours, live, quiet, ready};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::{Preloaded, RoutingRule};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::domain::access::probe::Way;
use palisade::domain::edge::hosted_zone::{Deed, Record, cname};
use std::time::Duration;

const REST: &str = "a1b2c3d4e5";
const ALIASES: &str = "distribution: {aliases: [api.example.com], certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}";
const TAKING: &str = "distribution: {aliases: [api.example.com], takeOverAliases: true, certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}";
const RECORDS: &str = "distribution: {aliases: [api.example.com], certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555', hostedZoneId: Z0123456789ABCDEFGHIJ}";

fn is_open(cluster: &Cluster, api: &str, stage: &str, route: &str) -> bool {
    let served = cluster.cloud.served(api, stage, route);
    served.is_some_and(|route| route.is_open())
}

fn assert_held(cluster: &Cluster, reason: &str, words: &str) {
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "False", "{story}");
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), reason, "{story}");
    let message = cluster.message(NAME, "AccessRestricted");
    assert!(message.contains(words), "{message}");
}

/// A cluster whose API viewers reach by a distribution of the team's own, which has the name.
async fn before_an_old_distribution() -> (Cluster, String) {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&mut cluster, "api.example.com");
    // Lists lag behind.
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.invariants = None;
    (cluster, theirs)
}

/// The lock comes once nobody asks the old distribution any more, and its team has disabled it.
async fn assert_follows_once_disabled(cluster: &mut Cluster, theirs: &str) {
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    assert_held(cluster, "DistributionInTheWay", "no alias");
    assert!(
        is_open(cluster, REST, "prod", "GET /pets"),
        "{}",
        cluster.story(NAME)
    );
    cluster.cloud.disable_distribution(theirs);
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
    assert!(!is_open(cluster, REST, "prod", "GET /pets"));
}

/// Somebody opens a method of the locked stage, and deploys that.
async fn assert_is_locked_again(cluster: &mut Cluster) {
    cluster.cloud.set_authorization(REST, "GET /pets", "NONE");
    cluster.cloud.deploy(REST, "prod");
    hours(1).await;
    for _ in 0..3 {
        cluster.resync(NAME).await;
    }
    assert!(
        !is_open(cluster, REST, "prod", "GET /pets"),
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn viewers_of_the_old_distribution_are_served_until_their_name_has_moved() {
    let (mut cluster, theirs) = before_an_old_distribution().await;
    cluster.apply(NAME, TAKING);
    let mut was_held = false;
    for _ in 0..100 {
        let outcome = cluster.pass(NAME).await;
        assert!(
            is_open(&cluster, REST, "prod", "GET /pets"),
            "{}",
            cluster.story(NAME)
        );
        was_held |= cluster.reason(NAME, "AccessRestricted") == "NameServedElsewhere";
        if cluster.cloud.journal().count("AssociateAlias") > 0 {
            break;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    assert!(was_held);
    assert_follows_once_disabled(&mut cluster, &theirs).await;
}

/// CloudFront answers for whoever has the name, whatever address is called: what comes of the old distribution proves nothing.
#[tokio::test(start_paused = true)]
async fn an_alias_that_another_distribution_still_has_is_not_probed() {
    let (mut cluster, theirs) = before_an_old_distribution().await;
    cluster.apply(
        NAME,
        &format!("access: {{probe: {{host: api.example.com}}}}\n{TAKING}"),
    );
    let viewers = |cluster: &Cluster| {
        let asked = cluster.cloud.probes().into_iter();
        let of_viewers = asked.filter(|probe| probe.way == Way::Viewer);
        of_viewers.map(|probe| probe.host).collect::<Vec<String>>()
    };
    for _ in 0..100 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("AssociateAlias") > 0 {
            break;
        }
        let asked = viewers(&cluster);
        assert!(!asked.contains(&"api.example.com".to_owned()), "{asked:?}");
        tokio::time::sleep(outcome.requeue).await;
    }
    assert!(!viewers(&cluster).is_empty(), "the name moved unproven");
    assert_follows_once_disabled(&mut cluster, &theirs).await;
    assert_eq!(
        viewers(&cluster).last().map(String::as_str),
        Some("api.example.com")
    );
}

#[tokio::test(start_paused = true)]
async fn an_alias_that_stays_elsewhere_holds_the_first_lock_until_it_may_be_moved() {
    let (mut cluster, theirs) = before_an_old_distribution().await;
    cluster.apply(NAME, ALIASES);
    assert_eq!(cluster.stalled(NAME).await, "AliasInUse");
    assert_held(&cluster, "NameServedElsewhere", "takeOverAliases to true");
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    cluster.apply(NAME, TAKING);
    assert_follows_once_disabled(&mut cluster, &theirs).await;
}

#[tokio::test(start_paused = true)]
async fn a_locked_api_stays_locked_though_another_distribution_has_an_alias_declared_later() {
    let mut cluster = ready("").await;
    somebodys(&mut cluster, "api.example.com");
    cluster.invariants = None;
    cluster.apply(NAME, ALIASES);
    assert_eq!(cluster.stalled(NAME).await, "AliasInUse");
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    // Nor is it left open where somebody opens it.
    assert_is_locked_again(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_leads_straight_to_the_api_holds_the_first_lock_until_it_leads_here() {
    let mut cluster = cluster(Settings::default());
    let direct = cname("api.example.com", "d-abc.execute-api.eu-north-1.amazonaws.com");
    cluster.cloud.edit_records(ZONE, Deed::Create, direct);
    cluster.watch();
    cluster.apply(NAME, RECORDS);
    assert_eq!(cluster.stalled(NAME).await, "RecordTaken");
    assert_held(
        &cluster,
        "NameServedElsewhere",
        "d-abc.execute-api.eu-north-1.amazonaws.com",
    );
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    let status = cluster.objects[NAME].status.clone().unwrap();
    let domain = status.distribution.unwrap().domain_name;
    cluster
        .cloud
        .edit_records(ZONE, Deed::Upsert, cname("api.example.com", &domain));
    cluster.watch();
    hours(1).await;
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster, REST, "prod", "GET /pets"));
    // It is the team's, and stays as it is.
    assert_eq!(at(&cluster, "api.example.com"), [format!("CNAME {domain}")]);
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_holds_the_first_lock_until_its_viewers_come_through_the_perimeter() {
    // One that leaves the stage to the path leads to each.
    for stage in ["prod", ""] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.map_domain("api.example.com", "v1", REST, stage);
        cluster.apply(NAME, "");
        assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
        assert_held(&cluster, "DomainNameInTheWay", "refused: api.example.com.");
        assert!(is_open(&cluster, REST, "prod", "GET /pets"), "{stage}");
        // The distribution serves it, and nothing says that DNS leads there.
        cluster.apply(NAME, ALIASES);
        assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
        assert!(is_open(&cluster, REST, "prod", "GET /pets"), "{stage}");
        cluster.apply(NAME, RECORDS);
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster, REST, "prod", "GET /pets"), "{stage}");
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_holds_the_first_lock_until_nothing_maps_it_to_the_stage() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "", REST, "prod");
    cluster.apply(NAME, ALIASES);
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
    assert_held(&cluster, "DomainNameInTheWay", "spec.origin.path: /prod");
    cluster.cloud.unmap_domain("api.example.com");
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster, REST, "prod", "GET /pets"));
}

#[tokio::test(start_paused = true)]
async fn a_wildcard_lets_no_lock_pass_over_a_more_specific_name_whatever_record_that_has() {
    let direct = cname("api.example.com", "d-abc.execute-api.eu-north-1.amazonaws.com");
    let mail = Record {
        r#type: "MX".into(),
        ..cname("api.example.com", "10 mail.example.com.")
    };
    for record in [direct, mail] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.map_domain("api.example.com", "", REST, "prod");
        cluster.cloud.edit_records(ZONE, Deed::Create, record.clone());
        cluster.watch();
        cluster.apply(NAME, &RECORDS.replace("[api.example.com]", "['*.example.com']"));
        assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay", "{record:?}");
        assert!(is_open(&cluster, REST, "prod", "GET /pets"));
        cluster.cloud.edit_records(ZONE, Deed::Delete, record);
        cluster.watch();
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster, REST, "prod", "GET /pets"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_that_was_read_holds_the_first_lock_though_another_cannot_be_read() {
    let mut cluster = cluster(Settings::default());
    let routed = RoutingRule {
        domain: "a.example.com",
        mode: "ROUTING_RULE_ONLY",
        priority: 10,
        path: "",
        stage: "prod",
    };
    cluster.cloud.route_domain(&routed, REST);
    cluster.cloud.map_domain("b.example.com", "", REST, "prod");
    let refusal = Fault::Refusal(
        "AccessDeniedException",
        "not authorized to perform: apigateway:ListRoutingRules",
    );
    let scope = Scope::Operation("ListRoutingRules");
    cluster.cloud.inject(Rule::next(scope, usize::MAX, refusal));
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
    assert_held(&cluster, "DomainNameInTheWay", "refused: b.example.com.");
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    // Where the other leads nobody knows.
    cluster.cloud.unmap_domain("b.example.com");
    hours(1).await;
    assert_eq!(cluster.stalled(NAME).await, "AccessDenied");
    assert_held(&cluster, "AccessDenied", "a.example.com: ");
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
}

#[tokio::test(start_paused = true)]
async fn until_a_person_has_let_custom_domain_names_be_read_nothing_is_locked() {
    for (code, message, reason, words) in [
        (
            "AccessDeniedException",
            "not authorized to perform: apigateway:GET",
            "AccessDenied",
            "apigateway:GET",
        ),
        (
            "BadRequestException",
            "no such Region",
            "AwsRefused",
            "no such Region",
        ),
    ] {
        let mut cluster = cluster(Settings::default());
        let scope = Scope::Operation("apigatewayv2:GetDomainNames");
        let refusal = Fault::Refusal(code, message);
        cluster.cloud.inject(Rule::next(scope, usize::MAX, refusal));
        cluster.apply(NAME, "");
        assert_eq!(cluster.stalled(NAME).await, reason);
        assert_held(
            &cluster,
            reason,
            "which custom domain names of API Gateway lead to it",
        );
        assert_held(&cluster, reason, words);
        assert!(is_open(&cluster, REST, "prod", "GET /pets"), "{code}");
        cluster.cloud.clear_faults();
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster, REST, "prod", "GET /pets"), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_that_is_never_read_holds_no_lock_once_its_viewers_come_through_the_perimeter() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "v1", REST, "prod");
    let scope = Scope::Operation("GetApiMappings");
    let refusal = Fault::Refusal("BadRequestException", "no such mapping selection");
    cluster.cloud.inject(Rule::next(scope, usize::MAX, refusal));
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "AwsRefused");
    assert_held(
        &cluster,
        "AwsRefused",
        "the lock does not wait for api.example.com once its viewers come through here",
    );
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    cluster.apply(NAME, RECORDS);
    cluster.settle_patiently(NAME).await;
    assert!(!is_open(&cluster, REST, "prod", "GET /pets"));
}

/// What was read of the zone may be minutes old: before a first lock it is read anew.
#[tokio::test(start_paused = true)]
async fn a_record_that_came_a_moment_before_the_first_lock_holds_it() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, RECORDS);
    cluster.pass(NAME).await;
    assert!(cluster.cloud.journal().count("ListResourceRecordSets") > 0);
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    let direct = cname("api.example.com", "d-abc.execute-api.eu-north-1.amazonaws.com");
    cluster.cloud.edit_records(ZONE, Deed::Create, direct);
    cluster.watch();
    cluster.stalled(NAME).await;
    assert_held(
        &cluster,
        "NameServedElsewhere",
        "d-abc.execute-api.eu-north-1.amazonaws.com",
    );
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
}

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_of_another_stage_or_api_holds_no_lock() {
    let mut cluster = cluster(Settings::default());
    let elsewhere = Preloaded::rest("eu-north-1", "elsewhere0", &["prod"]);
    cluster.cloud.preload_api(&elsewhere);
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", REST, &["prod", "dev"]));
    cluster.cloud.map_domain("dev.example.com", "", REST, "dev");
    cluster
        .cloud
        .map_domain("api.example.com", "", "elsewhere0", "prod");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster, REST, "prod", "GET /pets"));
}

#[tokio::test(start_paused = true)]
async fn a_locked_api_stays_locked_though_a_custom_domain_name_comes_to_it_later() {
    let mut cluster = ready("").await;
    cluster.cloud.map_domain("api.example.com", "", REST, "prod");
    cluster.invariants = None;
    assert_is_locked_again(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn while_custom_domain_names_cannot_be_read_for_a_while_nothing_is_locked() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "", REST, "prod");
    let scope = Scope::Operation("apigatewayv2:GetDomainNames");
    cluster
        .cloud
        .inject(Rule::next(scope, usize::MAX, Fault::ServerError));
    cluster.apply(NAME, "");
    for _ in 0..40 {
        let outcome = cluster.pass(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
    assert!(
        is_open(&cluster, REST, "prod", "GET /pets"),
        "{}",
        cluster.story(NAME)
    );
    cluster.cloud.clear_faults();
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
}

const ROUTED: &str = "routed0000";

/// A cluster with an HTTP or WebSocket API of two stages, of which both deploy by themselves.
fn two_stages(kind: &str) -> (Cluster, &'static str) {
    let stages = &["live", "dev"];
    let (api, route) = match kind {
        "HTTP" => (Preloaded::http("eu-north-1", ROUTED, stages), "GET /orders"),
        _ => (Preloaded::websocket("eu-north-1", ROUTED, stages), "$connect"),
    };
    let cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&Preloaded {
        auto_deploy: true,
        ..api
    });
    (cluster, route)
}

#[tokio::test(start_paused = true)]
async fn another_stage_that_deploys_by_itself_holds_the_first_lock_until_that_is_turned_off() {
    for kind in ["HTTP", "WEBSOCKET"] {
        let (mut cluster, route) = two_stages(kind);
        cluster.apply_spec(NAME, live(ROUTED, kind, ""));
        assert_eq!(cluster.stalled(NAME).await, "OtherStageInTheWay", "{kind}");
        assert_held(&cluster, "OtherStageInTheWay", "deploy by themselves");
        for stage in ["live", "dev"] {
            assert!(is_open(&cluster, ROUTED, stage, route), "{kind} {stage}");
        }
        cluster.cloud.set_auto_deploy(ROUTED, "dev", false);
        hours(1).await;
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster, ROUTED, "live", route), "{kind}");
        assert!(is_open(&cluster, ROUTED, "dev", route), "{kind}");
        let message = cluster.message(NAME, "AccessRestricted");
        assert!(message.contains("routes belong to the API"), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn objects_for_each_stage_that_deploys_by_itself_hold_nobody_up() {
    let (mut cluster, route) = two_stages("HTTP");
    let live = live(ROUTED, "HTTP", "");
    let mut dev = live.clone();
    dev.origin.stage = "dev".to_owned();
    cluster.apply_spec(NAME, live);
    cluster.apply_spec("dev", dev);
    cluster.ready(NAME).await;
    cluster.ready("dev").await;
    assert!(!is_open(&cluster, ROUTED, "dev", route));
}

#[tokio::test(start_paused = true)]
async fn a_locked_api_is_told_of_a_stage_that_comes_later_and_stays_locked() {
    let (mut cluster, route) = two_stages("HTTP");
    cluster.cloud.set_auto_deploy(ROUTED, "dev", false);
    cluster.apply_spec(NAME, live(ROUTED, "HTTP", ""));
    cluster.ready(NAME).await;
    cluster.cloud.set_auto_deploy(ROUTED, "dev", true);
    cluster.cloud.set_authorization(ROUTED, route, "NONE");
    hours(1).await;
    for _ in 0..3 {
        cluster.resync(NAME).await;
    }
    assert!(
        !is_open(&cluster, ROUTED, "live", route),
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
}

fn excluding(name: &str) -> String {
    format!("access: {{excludeMethods: ['{name}']}}")
}

#[tokio::test(start_paused = true)]
async fn an_excluded_method_that_is_none_of_its_own_holds_the_first_lock_and_the_one_that_answers_it_is_named()
 {
    for (routes, excluded, named) in [
        (
            ["ANY /{proxy+}", "GET /other"],
            "GET /health",
            "ANY /{proxy+} answers it",
        ),
        (
            ["ANY /health", "GET /other"],
            "GET /health",
            "ANY /health answers it",
        ),
        (
            ["GET /health", "GET /other"],
            "GET /healht",
            "perhaps GET /health is meant",
        ),
    ] {
        let mut cluster = cluster(Settings::default());
        let api = Preloaded::rest("eu-north-1", ROUTED, &["live"]).with_routes(&routes, false);
        cluster.cloud.preload_api(&api);
        cluster.apply_spec(NAME, live(ROUTED, "REST", &excluding(excluded)));
        assert_eq!(cluster.stalled(NAME).await, "ExcludedMethodUnknown");
        assert_held(&cluster, "ExcludedMethodUnknown", named);
        for route in routes {
            assert!(is_open(&cluster, ROUTED, "live", route), "{route}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_excludes_no_method_of_the_api_is_told_and_changes_nothing() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, &excluding("GET /health"));
    cluster.ready(NAME).await;
    let message = cluster.message(NAME, "AccessRestricted");
    assert!(!message.contains("leaves GET /health"), "{message}");
    let ready = cluster.message(NAME, "Ready");
    assert!(
        ready.contains("no method of the API's own: GET /health"),
        "{ready}"
    );
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.message(NAME, "AccessRestricted"), message);
    // What is opened beside it is locked again.
    assert_is_locked_again(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_method_that_was_excluded_is_not_locked_for_a_slip_of_the_pen() {
    let mut cluster = ready(&excluding("GET /pets")).await;
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    cluster.apply(NAME, &excluding("GET /petz"));
    assert_eq!(cluster.stalled(NAME).await, "ExcludedMethodUnknown");
    assert!(is_open(&cluster, REST, "prod", "GET /pets"));
    assert!(!is_open(&cluster, REST, "prod", "POST /pets"));
}
