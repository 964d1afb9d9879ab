//! Samples of the requests that matched a rule of a web ACL of CLOUDFRONT scope.

use super::failure::Failure;
use crate::domain::firewall::samples::{MOST, Query, Request, Sampled, Window};
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::primitives::DateTime;
use aws_sdk_wafv2::types::{SampledHttpRequest, Scope, TimeWindow};
use jiff::Timestamp;

pub async fn get_sampled_requests(client: &Client, query: Query) -> Result<Sampled, Failure> {
    let time = |at: Timestamp| DateTime::from_secs(at.as_second());
    let window = TimeWindow::builder()
        .start_time(time(query.window.from))
        .end_time(time(query.window.to))
        .build()?;
    let output = client
        .get_sampled_requests()
        .web_acl_arn(query.web_acl_arn)
        .rule_metric_name(query.metric)
        .scope(Scope::Cloudfront)
        .time_window(window)
        .max_items(MOST)
        .send()
        .await?;
    let moment = |at: &DateTime| Timestamp::from_second(at.secs()).ok();
    Ok(Sampled {
        population: output.population_size,
        window: output.time_window.and_then(|window| {
            Some(Window {
                from: moment(&window.start_time)?,
                to: moment(&window.end_time)?,
            })
        }),
        requests: output
            .sampled_requests
            .unwrap_or_default()
            .into_iter()
            .map(request)
            .collect(),
    })
}

fn request(found: SampledHttpRequest) -> Request {
    let request = found.request;
    let (path, country) = request.map_or_else(Default::default, |request| (request.uri, request.country));
    Request {
        path: path.unwrap_or_default(),
        country: country.unwrap_or_default(),
        weight: found.weight,
        rule: found.rule_name_within_rule_group,
    }
}
