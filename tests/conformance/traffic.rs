//! What a web ACL did to the traffic: samples of the requests that matched a rule.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces::{rate, rule, tags, web_acl};
use crate::support::simulation::waf::samples::Matching;
use jiff::{SignedDuration, Timestamp};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Denied, NotFound};
use palisade::domain::firewall::samples::{Query, Window};

conformance![
    requests_that_matched_a_rule_are_sampled_up_to_a_number,
    a_rule_of_a_group_is_named_beside_the_request,
    a_metric_or_web_acl_that_does_not_exist_has_no_samples,
    whoever_may_not_read_samples_is_refused,
];

/// A web ACL with one rule, and what is asked of that.
async fn query(cloud: &dyn Cloud) -> Query {
    let rules = [rule("per-ip", 1000, &rate(2000))];
    let made = cloud.create_web_acl("petstore".to_owned(), web_acl(&rules), tags("petstore"));
    // In whole seconds, as they are sent.
    let to = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    Query {
        web_acl_arn: made.await.unwrap().arn,
        metric: "per-ip".to_owned(),
        window: Window {
            from: to - SignedDuration::from_hours(1),
            to,
        },
    }
}

async fn requests_that_matched_a_rule_are_sampled_up_to_a_number(cloud: &dyn Cloud, world: &dyn World) {
    let query = query(cloud).await;
    let none = cloud.get_sampled_requests(query.clone()).await.unwrap();
    assert_eq!((none.requests.len(), none.population), (0, 0));
    let matching = ["per-ip", "another"].map(|metric| Matching::of(metric, "/pets", 700));
    world
        .configure(settings(|s| s.sampled_requests = matching.to_vec()))
        .await;
    let found = cloud.get_sampled_requests(query.clone()).await.unwrap();
    assert_eq!((found.requests.len(), found.population), (500, 700));
    assert_eq!(found.window, Some(query.window));
    let first = &found.requests[0];
    assert_eq!(
        (first.path.as_str(), first.country.as_str(), first.weight),
        ("/pets", "SE", 1)
    );
    assert_eq!(first.rule, None);
}

async fn a_rule_of_a_group_is_named_beside_the_request(cloud: &dyn Cloud, world: &dyn World) {
    let query = query(cloud).await;
    let name = "AWS#AWSManagedRulesCommonRuleSet#NoUserAgent_HEADER";
    let matching = Matching {
        rule: Some(name),
        ..Matching::of("per-ip", "/pets", 1)
    };
    world
        .configure(settings(|s| s.sampled_requests = vec![matching]))
        .await;
    let found = cloud.get_sampled_requests(query).await.unwrap();
    assert_eq!(found.requests[0].rule.as_deref(), Some(name));
}

async fn a_metric_or_web_acl_that_does_not_exist_has_no_samples(cloud: &dyn Cloud, _: &dyn World) {
    let code = "WAFNonexistentItemException";
    let known = query(cloud).await;
    let other_metric = Query {
        metric: "another".to_owned(),
        ..known.clone()
    };
    refused(cloud.get_sampled_requests(other_metric).await, code, NotFound);
    let other_acl = Query {
        web_acl_arn: known.web_acl_arn.replace("petstore", "another"),
        ..known
    };
    refused(cloud.get_sampled_requests(other_acl).await, code, NotFound);
}

async fn whoever_may_not_read_samples_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    let query = query(cloud).await;
    world.deny("wafv2:GetSampledRequests").await;
    let answer = cloud.get_sampled_requests(query).await;
    refused(answer, "AccessDeniedException", Denied);
}
