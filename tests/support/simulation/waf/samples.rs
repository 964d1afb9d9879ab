//! Samples of the requests that matched a rule: settings say what comes in every time range.

use super::super::account::Account;
use super::super::refusal::Outcome;
use super::refusals;
use palisade::domain::firewall::samples::{MOST, Query, Request, Sampled};
use serde::Serialize;

/// Requests that match a rule, so many in each time range that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Matching {
    pub metric: String,
    pub uri: &'static str,
    pub country: &'static str,
    pub count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
}

impl Matching {
    /// So many requests for `uri` from Sweden.
    pub fn of(metric: &str, uri: &'static str, count: i64) -> Self {
        Self {
            metric: metric.to_owned(),
            uri,
            country: "SE",
            count,
            rule: None,
        }
    }
}

impl Account {
    pub fn sampled(&self, query: &Query) -> Outcome<Sampled> {
        let acl = self
            .web_acl_by_arn(&query.web_acl_arn)
            .ok_or_else(refusals::missing)?;
        let mut rules = acl.document["Rules"].as_array().into_iter().flatten();
        if !rules.any(|rule| rule["VisibilityConfig"]["MetricName"] == query.metric.as_str()) {
            return Err(refusals::missing());
        }
        let matching = self.settings.sampled_requests.iter();
        let matching: Vec<&Matching> = matching.filter(|one| one.metric == query.metric).collect();
        let population: i64 = matching.iter().map(|one| one.count).sum();
        let requests = matching.iter().flat_map(|one| {
            let request = Request {
                path: one.uri.to_owned(),
                country: one.country.to_owned(),
                weight: 1,
                rule: one.rule.map(ToOwned::to_owned),
            };
            std::iter::repeat_n(request, usize::try_from(one.count).unwrap_or_default())
        });
        Ok(Sampled {
            requests: requests.take(usize::try_from(MOST).unwrap_or_default()).collect(),
            population,
            window: Some(query.window),
        })
    }
}
