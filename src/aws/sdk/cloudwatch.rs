//! Alarms of CloudWatch, and the metrics of AWS WAF.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::kernel::identity::{NAME_START, Tags};
use crate::domain::rollout::traffic::Counted;
use crate::domain::shield::alarm::{Content, Settings};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricDataResult,
    MetricStat, Statistic, StatusCode, Tag,
};
use jiff::Timestamp;

/// The service's maximum.
const PAGE: i32 = 100;

pub async fn describe_alarms(
    client: &Client,
    name: Option<String>,
    marker: Option<String>,
) -> Result<Page<Content>, Failure> {
    let request = client.describe_alarms().alarm_types(AlarmType::MetricAlarm);
    let request = match name {
        Some(name) => request.alarm_names(name),
        None => request.alarm_name_prefix(NAME_START),
    };
    let output = request
        .max_records(PAGE)
        .set_next_token(marker.clone())
        .send()
        .await?;
    Ok(Page {
        items: output
            .metric_alarms
            .unwrap_or_default()
            .into_iter()
            .map(content)
            .collect(),
        next: marker::next("NextToken", output.next_token, marker.as_ref())?,
    })
}

pub async fn list_tags(client: &Client, arn: String) -> Result<Tags, Failure> {
    let output = client.list_tags_for_resource().resource_arn(arn).send().await?;
    let tags = output.tags.unwrap_or_default().into_iter();
    Ok(tags
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect())
}

pub async fn put_metric_alarm(
    client: &Client,
    name: String,
    settings: Settings,
    tags: &Tags,
) -> Result<(), Failure> {
    let dimensions = settings.dimensions.into_iter();
    let dimensions = dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
    client
        .put_metric_alarm()
        .alarm_name(name)
        .alarm_description(settings.description)
        .namespace(settings.namespace)
        .metric_name(settings.metric)
        .set_dimensions(Some(dimensions.collect()))
        .statistic(Statistic::from(settings.statistic.as_str()))
        .period(settings.period)
        .evaluation_periods(settings.evaluation_periods)
        .threshold(settings.threshold)
        .comparison_operator(ComparisonOperator::from(settings.comparison.as_str()))
        .treat_missing_data(settings.missing_data)
        .set_alarm_actions(Some(settings.actions))
        .actions_enabled(settings.actions_enabled)
        .set_tags(Some(tag_list(tags)).filter(|tags| !tags.is_empty()))
        .send()
        .await?;
    Ok(())
}

pub async fn delete_alarm(client: &Client, name: String) -> Result<(), Failure> {
    client.delete_alarms().alarm_names(name).send().await?;
    Ok(())
}

pub async fn tag(client: &Client, arn: String, tags: &Tags) -> Result<(), Failure> {
    let request = client.tag_resource().resource_arn(arn);
    request.set_tags(Some(tag_list(tags))).send().await?;
    Ok(())
}

pub async fn untag(client: &Client, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    let request = client.untag_resource().resource_arn(arn);
    request.set_tag_keys(Some(keys)).send().await?;
    Ok(())
}

/// WAF's metrics, by what the identifiers of their queries begin with.
const METRICS: [(char, &str); 2] = [('a', "AllowedRequests"), (BLOCKED, "BlockedRequests")];
const BLOCKED: char = 'b';

pub async fn count_requests(
    client: &Client,
    web_acls: &[String],
    from: Timestamp,
    until: Timestamp,
    marker: Option<String>,
) -> Result<Page<Counted>, Failure> {
    let numbered = web_acls.iter().enumerate();
    let queries = numbered.flat_map(|(number, web_acl)| {
        METRICS.map(|(start, metric)| query(format!("{start}{number}"), metric, web_acl))
    });
    let output = client
        .get_metric_data()
        .set_metric_data_queries(Some(queries.collect()))
        .start_time(DateTime::from_secs(from.as_second()))
        .end_time(DateTime::from_secs(until.as_second()))
        .set_next_token(marker.clone())
        .send()
        .await?;
    let mut items = Vec::new();
    for found in output.metric_data_results.unwrap_or_default() {
        if !matches!(
            found.status_code,
            Some(StatusCode::Complete | StatusCode::PartialData)
        ) {
            return Err(Failure::unreadable(
                "CloudWatch could not read a metric of AWS WAF",
            ));
        }
        items.extend(minutes(&found, web_acls)?);
    }
    Ok(Page {
        items,
        next: marker::next("NextToken", output.next_token, marker.as_ref())?,
    })
}

/// The metrics of a web ACL before CloudFront have no Region among their dimensions.
fn query(id: String, metric: &str, web_acl: &str) -> MetricDataQuery {
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder()
        .namespace("AWS/WAFV2")
        .metric_name(metric)
        .dimensions(dimension("WebACL", web_acl))
        .dimensions(dimension("Rule", "ALL"))
        .build();
    let sums = MetricStat::builder()
        .metric(metric)
        .period(60)
        .stat("Sum")
        .build();
    MetricDataQuery::builder()
        .id(id)
        .metric_stat(sums)
        .return_data(true)
        .build()
}

fn minutes(found: &MetricDataResult, web_acls: &[String]) -> Result<Vec<Counted>, Failure> {
    let id = found.id().unwrap_or_default();
    let number = id.get(1..).and_then(|number| number.parse::<usize>().ok());
    let web_acl = number.and_then(|number| web_acls.get(number));
    let web_acl = web_acl.ok_or_else(|| Failure::missing("metric that was asked for"))?;
    let minutes = found.timestamps().iter().zip(found.values());
    let minutes = minutes.filter_map(|(at, sum)| {
        Some(Counted {
            web_acl: web_acl.clone(),
            at: Timestamp::from_second(at.secs()).ok()?,
            requests: whole(*sum),
            are_blocked: id.starts_with(BLOCKED),
        })
    });
    Ok(minutes.collect())
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a number of requests, which are counted in ones"
)]
fn whole(sum: f64) -> i64 {
    sum.round() as i64
}

fn content(alarm: MetricAlarm) -> Content {
    let dimensions = alarm.dimensions.unwrap_or_default().into_iter();
    Content {
        name: alarm.alarm_name.unwrap_or_default(),
        arn: alarm.alarm_arn.unwrap_or_default(),
        settings: Settings {
            description: alarm.alarm_description.unwrap_or_default(),
            namespace: alarm.namespace.unwrap_or_default(),
            metric: alarm.metric_name.unwrap_or_default(),
            dimensions: dimensions
                .map(|it| (it.name.unwrap_or_default(), it.value.unwrap_or_default()))
                .collect(),
            statistic: alarm
                .statistic
                .map(|it| it.as_str().to_owned())
                .unwrap_or_default(),
            period: alarm.period.unwrap_or_default(),
            evaluation_periods: alarm.evaluation_periods.unwrap_or_default(),
            threshold: alarm.threshold.unwrap_or_default(),
            comparison: alarm
                .comparison_operator
                .map(|it| it.as_str().to_owned())
                .unwrap_or_default(),
            missing_data: alarm.treat_missing_data.unwrap_or_default(),
            actions: alarm.alarm_actions.unwrap_or_default(),
            actions_enabled: alarm.actions_enabled.unwrap_or_default(),
        },
    }
}

fn tag_list(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}
