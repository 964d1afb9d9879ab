//! The quotas of AWS's control planes, as data, and how an operator changes them.

use crate::aws::operations::{Operation, OperationClass, Service};
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

/// How often something may happen: `calls` in every `per`, and up to `burst` at once after a rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Rate {
    pub calls: u32,
    pub per: Duration,
    pub burst: u32,
}

impl Rate {
    const fn per_second(calls: u32, burst: u32) -> Self {
        Self {
            calls,
            per: Duration::from_secs(1),
            burst,
        }
    }
}

/// Operations that spend from one quota.
pub(super) struct Quota {
    /// The quota's name in the option.
    pub name: &'static str,
    services: &'static [Service],
    /// Empty: all classes.
    classes: &'static [OperationClass],
    /// Empty: all operations.
    operations: &'static [&'static str],
    /// Whether AWS counts each operation for itself, and not all of them together.
    pub each: bool,
    pub default: Rate,
}

const WRITES: &[OperationClass] = &[
    OperationClass::Create,
    OperationClass::Update,
    OperationClass::Put,
    OperationClass::Delete,
    OperationClass::Tag,
];
const READS: &[OperationClass] = &[OperationClass::Get, OperationClass::List];

const fn together(
    name: &'static str,
    services: &'static [Service],
    classes: &'static [OperationClass],
    default: Rate,
) -> Quota {
    Quota {
        name,
        services,
        classes,
        operations: &[],
        each: false,
        default,
    }
}

const fn each(
    name: &'static str,
    services: &'static [Service],
    classes: &'static [OperationClass],
    default: Rate,
) -> Quota {
    Quota {
        name,
        services,
        classes,
        operations: &[],
        each: true,
        default,
    }
}

/// The first row that fits an operation counts. Where AWS publishes a quota, the rate is AWS's, and the burst at most
/// the quota of one second; the other rates are chosen, well above what Palisade needs and below what people report to
/// be throttled.
#[rustfmt::skip]
pub(super) const QUOTAS: &[Quota] = &[
    // docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 100/s for GetFunction, 15/s for all other
    // control plane calls together.
    Quota { name: "lambda.get-function", services: &[Service::Lambda], classes: &[], operations: &["GetFunction"], each: false, default: Rate::per_second(100, 20) },
    together("lambda", &[Service::Lambda], &[], Rate::per_second(15, 10)),
    // docs.aws.amazon.com/waf/latest/developerguide/limits.html: 1/s for any individual Create, Put or Update action,
    // 5/s for any individual Get or List action, not to be raised. No figure is published for Delete and tags.
    each("waf.create", &[Service::Waf], &[OperationClass::Create], Rate::per_second(1, 1)),
    each("waf.update", &[Service::Waf], &[OperationClass::Update], Rate::per_second(1, 1)),
    each("waf.put", &[Service::Waf], &[OperationClass::Put], Rate::per_second(1, 1)),
    each("waf.delete", &[Service::Waf], &[OperationClass::Delete], Rate::per_second(1, 1)),
    each("waf.tag", &[Service::Waf], &[OperationClass::Tag], Rate::per_second(1, 1)),
    each("waf.get", &[Service::Waf], &[OperationClass::Get], Rate::per_second(5, 5)),
    each("waf.list", &[Service::Waf], &[OperationClass::List], Rate::per_second(5, 5)),
    // Not published. People report throttling from a few updates a minute on, and at about 130 distributions in a run.
    together("cloudfront.write", &[Service::CloudFront], WRITES, Rate::per_second(1, 10)),
    together("cloudfront.read", &[Service::CloudFront], READS, Rate::per_second(5, 10)),
    // Not published.
    together("iam.write", &[Service::Iam], WRITES, Rate::per_second(5, 10)),
    together("iam.read", &[Service::Iam], READS, Rate::per_second(10, 20)),
    // docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: 1 in 5 s for CreateDeployment, 5 in 2 s for
    // GetResources, and 10/s with a burst of 40 for all operations together, an account and Region, for everybody's
    // calls. Ours are by Region as well; REST and other APIs share them, and their deployments have one name.
    Quota { name: "apigateway.create-deployment", services: &[Service::ApiGateway, Service::ApiGatewayV2], classes: &[], operations: &["CreateDeployment"], each: false, default: Rate { calls: 1, per: Duration::from_secs(5), burst: 1 } },
    // Keys and usage plans: 5/s each for CreateApiKey and DeleteApiKey, 1 in 20 s for UpdateUsagePlan, none of their own for
    // CreateUsagePlan and DeleteUsagePlan.
    Quota { name: "apigateway.api-keys", services: &[Service::ApiGateway], classes: &[], operations: &["CreateApiKey", "DeleteApiKey"], each: true, default: Rate::per_second(5, 5) },
    Quota { name: "apigateway.update-usage-plan", services: &[Service::ApiGateway], classes: &[], operations: &["UpdateUsagePlan"], each: false, default: Rate { calls: 1, per: Duration::from_secs(20), burst: 1 } },
    Quota { name: "apigateway.get-resources", services: &[Service::ApiGateway], classes: &[], operations: &["GetResources"], each: false, default: Rate { calls: 5, per: Duration::from_secs(2), burst: 2 } },
    // Custom domain names: 1 in 30 s each, not to be raised.
    Quota { name: "apigateway.domain-names", services: &[Service::ApiGatewayV2], classes: &[], operations: &["CreateDomainName", "UpdateDomainName", "DeleteDomainName"], each: true, default: Rate { calls: 1, per: Duration::from_secs(30), burst: 1 } },
    together("apigateway", &[Service::ApiGateway, Service::ApiGatewayV2], &[], Rate::per_second(10, 20)),
    // docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: 5/s an account, and fewer for CreateHealthCheck,
    // which people report to be throttled above 1 in 2 s.
    Quota { name: "route53.create-health-check", services: &[Service::Route53], classes: &[], operations: &["CreateHealthCheck"], each: false, default: Rate { calls: 1, per: Duration::from_secs(2), burst: 1 } },
    together("route53", &[Service::Route53], &[], Rate::per_second(5, 5)),
    // docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: 3/s for PutMetricAlarm and for
    // DeleteAlarms, 9/s for DescribeAlarms, 5/s for tags, 50/s for GetMetricData.
    together("cloudwatch.write", &[Service::CloudWatch], WRITES, Rate::per_second(3, 3)),
    together("cloudwatch.read", &[Service::CloudWatch], READS, Rate::per_second(5, 5)),
    // Not published.
    together("shield.write", &[Service::Shield], WRITES, Rate::per_second(2, 5)),
    together("shield.read", &[Service::Shield], READS, Rate::per_second(5, 10)),
    // docs.aws.amazon.com/acm/latest/userguide/acm-limits.html: 1/s for ImportCertificate, 5/s for RequestCertificate and for tags,
    // 10/s for the others.
    Quota { name: "acm.import", services: &[Service::Acm], classes: &[], operations: &["ImportCertificate"], each: false, default: Rate::per_second(1, 1) },
    together("acm.write", &[Service::Acm], WRITES, Rate::per_second(5, 5)),
    together("acm.read", &[Service::Acm], READS, Rate::per_second(10, 10)),
    // docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html: thousands a second.
    together("s3", &[Service::S3], &[], Rate::per_second(20, 20)),
    // docs.aws.amazon.com/general/latest/gr/sns.html: 30/s for GetTopicAttributes.
    together("sns", &[Service::Sns], &[], Rate::per_second(10, 10)),
    // Not published.
    together("pricing-plans", &[Service::PricingPlans], &[], Rate::per_second(1, 2)),
    // Not published for GetResources.
    together("tagging", &[Service::Tagging], &[], Rate::per_second(5, 5)),
    // docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 600/s an account and Region, for all callers.
    together("sts", &[Service::Sts], &[], Rate::per_second(10, 10)),
];

impl Quota {
    fn covers(&self, operation: Operation) -> bool {
        self.services.contains(&operation.service)
            && (self.classes.is_empty() || self.classes.contains(&operation.class))
            && (self.operations.is_empty() || self.operations.contains(&operation.name))
    }

    /// The quota that `operation` spends from.
    pub fn of(operation: Operation) -> Option<&'static Self> {
        QUOTAS.iter().find(|quota| quota.covers(operation))
    }
}

/// Rates that an operator sets in place of the defaults, such as `cloudfront.write=3/60s:1,waf.create=1/s`.
///
/// Each part is `name=calls/period[:burst]`; the period is `s`, `m` or `h`, with or without a number. Without a burst
/// it is what one second allows, at least 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(BTreeMap<&'static str, Rate>);

impl Limits {
    pub(super) fn rate(&self, quota: &Quota) -> Rate {
        self.0.get(quota.name).copied().unwrap_or(quota.default)
    }
}

/// What is wrong with a part of the limits option, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum LimitError {
    #[error("`{part}` has no `=`; write name=calls/period[:burst], such as waf.create=1/s")]
    NoEqualsSign { part: String },
    #[error("`{name}` in `{part}` is no quota; write one of {}", quota_names())]
    UnknownName { part: String, name: String },
    #[error("`{part}` names a quota that an earlier part has set; keep one of the two")]
    Repeated { part: String },
    #[error("`{rate}` in `{part}` is no rate; write calls/period, such as 5/s or 3/60s, both above 0")]
    BadRate { part: String, rate: String },
    #[error("`{burst}` in `{part}` is no burst; write a whole number above 0, such as 10")]
    BadBurst { part: String, burst: String },
}

/// The names of all quotas, for people.
#[must_use]
pub fn quota_names() -> String {
    QUOTAS
        .iter()
        .map(|quota| quota.name)
        .collect::<Vec<_>>()
        .join(", ")
}

impl FromStr for Limits {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut limits = BTreeMap::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, rate) = parse(part)?;
            if limits.insert(name, rate).is_some() {
                return Err(LimitError::Repeated {
                    part: part.to_owned(),
                });
            }
        }
        Ok(Self(limits))
    }
}

fn parse(part: &str) -> Result<(&'static str, Rate), LimitError> {
    let owned = || part.to_owned();
    let (name, value) = part
        .split_once('=')
        .ok_or_else(|| LimitError::NoEqualsSign { part: owned() })?;
    let name = name.trim();
    let quota = QUOTAS
        .iter()
        .find(|quota| quota.name == name)
        .ok_or_else(|| LimitError::UnknownName {
            part: owned(),
            name: name.to_owned(),
        })?;
    let (rate, burst) = match value.split_once(':') {
        Some((rate, burst)) => (rate.trim(), Some(burst.trim())),
        None => (value.trim(), None),
    };
    let (calls, per) = parse_rate(rate).ok_or_else(|| LimitError::BadRate {
        part: owned(),
        rate: rate.to_owned(),
    })?;
    let burst = match burst {
        None => u32::try_from(u64::from(calls).div_ceil(per.as_secs()))
            .unwrap_or(u32::MAX)
            .max(1),
        Some(burst) => burst
            .parse()
            .ok()
            .filter(|burst| *burst > 0)
            .ok_or_else(|| LimitError::BadBurst {
                part: owned(),
                burst: burst.to_owned(),
            })?,
    };
    Ok((quota.name, Rate { calls, per, burst }))
}

fn parse_rate(text: &str) -> Option<(u32, Duration)> {
    let (calls, period) = text.split_once('/')?;
    let calls: u32 = calls.trim().parse().ok().filter(|calls| *calls > 0)?;
    let period = period.trim();
    let digits = period.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let count: u64 = if digits.is_empty() {
        1
    } else {
        digits.parse().ok().filter(|count| *count > 0)?
    };
    let unit = match &period[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some((calls, Duration::from_secs(count.checked_mul(unit)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::OPERATIONS;

    fn rate(text: &str, name: &str) -> Rate {
        let limits: Limits = text.parse().unwrap();
        limits.rate(QUOTAS.iter().find(|quota| quota.name == name).unwrap())
    }

    #[test]
    fn every_operation_spends_from_a_quota_and_every_quota_is_spent_from() {
        for operation in OPERATIONS {
            assert!(Quota::of(*operation).is_some(), "{operation:?}");
        }
        for quota in QUOTAS {
            let used = OPERATIONS
                .iter()
                .any(|it| Quota::of(*it).is_some_and(|found| found.name == quota.name));
            assert!(used, "{}", quota.name);
        }
    }

    #[test]
    fn a_part_sets_calls_period_and_burst() {
        let text = "cloudfront.write=3/60s:1, waf.create = 1/s,lambda=10/s,iam.read=1/2m";
        assert_eq!(
            rate(text, "cloudfront.write"),
            Rate {
                calls: 3,
                per: Duration::from_mins(1),
                burst: 1
            }
        );
        assert_eq!(rate(text, "waf.create"), Rate::per_second(1, 1));
        assert_eq!(rate(text, "lambda"), Rate::per_second(10, 10));
        assert_eq!(
            rate(text, "iam.read"),
            Rate {
                calls: 1,
                per: Duration::from_mins(2),
                burst: 1
            }
        );
    }

    #[test]
    fn what_is_not_set_keeps_its_default() {
        assert_eq!(rate("", "cloudfront.write"), Rate::per_second(1, 10));
        assert_eq!(rate("lambda=1/s", "waf.get"), Rate::per_second(5, 5));
    }

    #[test]
    fn a_wrong_part_is_named_together_with_the_remedy() {
        let message = |text: &str| text.parse::<Limits>().unwrap_err().to_string();
        assert!(message("waf.create").starts_with("`waf.create` has no `=`"));
        assert!(
            message("lambda=1/s,waf.creat=1/s")
                .contains("waf.creat` in `waf.creat=1/s` is no quota; write one of")
        );
        assert!(message("waf.create=1/s,waf.create=2/s").contains("`waf.create=2/s` names a quota"));
        for wrong in ["1", "0/s", "1/0s", "1/d", "x/s", "1/", "-1/s", "1/ss"] {
            let text = format!("waf.create={wrong}");
            assert!(
                message(&text).contains("is no rate; write"),
                "{wrong}: {}",
                message(&text)
            );
        }
        for wrong in ["0", "x", ""] {
            assert!(
                message(&format!("waf.create=1/s:{wrong}")).contains("is no burst; write"),
                "{wrong}"
            );
        }
    }
}
