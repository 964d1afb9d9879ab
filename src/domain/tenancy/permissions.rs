//! What the platform team lets a namespace name, in annotations of the Namespace.
//!
//! The controller holds rights that its users do not have. So a spec may only name APIs, domains and ARNs that the
//! Namespace permits, and classes where it limits them.

use crate::api::ProtectedApiSpec;
use crate::domain::kernel::endpoint::region_and_id_or_any;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::wildcards::fits_stars;
use serde_json::Value;
use std::collections::BTreeMap;

/// `<region>/<api-id>`, comma-separated; `*` allows all.
pub const ALLOWED_APIS: &str = "palisade.dev/allowed-apis";
/// Domain patterns such as `*.shop.example.com`, comma-separated.
pub const ALLOWED_DOMAINS: &str = "palisade.dev/allowed-domains";
/// Domain patterns of aliases that may be taken from other distributions of the account, comma-separated.
pub const ALLOW_TAKE_OVER: &str = "palisade.dev/allow-take-over";
/// Ids of distributions that may be adopted, comma-separated; `*` allows all.
pub const ALLOW_ADOPT: &str = "palisade.dev/allow-adopt";
/// UIDs of perimeters of other objects that may be taken over, comma-separated; `*` allows all.
pub const ALLOWED_PERIMETERS: &str = "palisade.dev/allowed-perimeters";
/// Patterns of classes that objects may name, comma-separated. Without it they may name each: all are the platform team's.
pub const ALLOWED_CLASSES: &str = "palisade.dev/allowed-classes";
/// Annotation: `"true"` lets plans of a class that are made in the namespace tell of objects of all namespaces.
pub const ALLOW_CLASS_PLANS: &str = "palisade.dev/allow-class-plans";
/// ARN patterns, comma-separated.
pub const ALLOWED_ARNS: &str = "palisade.dev/allowed-arns";

/// Whether namespaces need permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub enum Tenancy {
    /// What is not permitted by annotation is refused.
    #[default]
    Enforced,
    /// Everything is permitted: for clusters of one team.
    Open,
}

/// A Namespace, as far as it permits anything.
#[derive(Debug, Clone, Copy)]
pub struct Namespace<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its annotations.
    pub annotations: &'a BTreeMap<String, String>,
}

/// Checks the class that an object names itself, where its Namespace limits which it may.
///
/// # Errors
/// When it is not permitted, with the annotation that would permit it.
pub fn permit_class(tenancy: Tenancy, class: &str, namespace: Namespace<'_>) -> Result<(), Rejection> {
    let is_limited = namespace.annotations.contains_key(ALLOWED_CLASSES);
    if tenancy == Tenancy::Open || !is_limited {
        return Ok(());
    }
    check(namespace, ALLOWED_CLASSES, "spec.className", class)
}

/// Checks everything that `spec` names against the annotations of its Namespace.
///
/// # Errors
/// The first thing that is not permitted, with the annotation that would permit it.
pub fn permit(tenancy: Tenancy, spec: &ProtectedApiSpec, namespace: Namespace<'_>) -> Result<(), Rejection> {
    if tenancy == Tenancy::Open {
        return Ok(());
    }
    let (region, id) = region_and_id_or_any(&spec.origin.endpoint);
    check(
        namespace,
        ALLOWED_APIS,
        "spec.origin.endpoint",
        &format!("{region}/{id}"),
    )?;
    if let Some(class) = &spec.class_name {
        permit_class(tenancy, class, namespace)?;
    }
    if let Some(wanted) = &spec.take_over {
        check(namespace, ALLOWED_PERIMETERS, "spec.takeOver.uid", &wanted.uid)?;
    }
    let distribution = spec.distribution.as_ref();
    if let Some(adopt) = distribution.and_then(|wanted| wanted.adopt.as_ref()) {
        check(namespace, ALLOW_ADOPT, "spec.distribution.adopt.id", &adopt.id)?;
    }
    for alias in distribution
        .and_then(|wanted| wanted.aliases.as_ref())
        .into_iter()
        .flatten()
    {
        check(namespace, ALLOWED_DOMAINS, "spec.distribution.aliases", alias)?;
        if distribution.is_some_and(|wanted| wanted.take_over_aliases.unwrap_or_default()) {
            let field = "spec.distribution.takeOverAliases";
            check(namespace, ALLOW_TAKE_OVER, field, alias)?;
        }
    }
    if let Some(arn) = distribution.and_then(|wanted| wanted.certificate_arn.as_ref()) {
        check(namespace, ALLOWED_ARNS, "spec.distribution.certificateArn", arn)?;
    }
    if let Some(logging) = distribution.and_then(|wanted| wanted.logging.as_ref()) {
        let bucket = bucket_of(&logging.bucket);
        check(
            namespace,
            ALLOWED_ARNS,
            "spec.distribution.logging.bucket",
            &format!("arn:aws:s3:::{bucket}"),
        )?;
    }
    permit_mutual_tls(spec, namespace)?;
    permit_shield(spec, namespace)?;
    let Some(web_acl) = &spec.web_acl else {
        return Ok(());
    };
    if let Some(logging) = &web_acl.logging {
        check(
            namespace,
            ALLOWED_ARNS,
            "spec.webAcl.logging.destinationArn",
            &logging.destination_arn,
        )?;
    }
    let mut arns = Vec::new();
    web_acl
        .rules
        .iter()
        .flatten()
        .for_each(|rule| collect_arns(rule, &mut arns));
    arns.into_iter()
        .try_for_each(|arn| check(namespace, ALLOWED_ARNS, "spec.webAcl.rules", arn))
}

/// Checks a distribution that a spec is to be written from, of which nothing else is known yet.
///
/// # Errors
/// That it is not permitted, with the annotation that would permit it.
pub fn permit_adoption(tenancy: Tenancy, id: &str, namespace: Namespace<'_>) -> Result<(), Rejection> {
    match tenancy {
        Tenancy::Open => Ok(()),
        Tenancy::Enforced => check(namespace, ALLOW_ADOPT, "spec.adopt.distributionId", id),
    }
}

/// The bucket of `<bucket>.s3.amazonaws.com` or `<bucket>.s3.<region>.amazonaws.com`. A bucket's own name may have `.s3` in it,
/// so what follows the name is taken from the right.
fn bucket_of(host: &str) -> &str {
    let before = host.strip_suffix(".amazonaws.com").unwrap_or(host);
    let is_region = |part: &str| part.contains('-') && !part.starts_with("s3-");
    match before.rsplit_once('.') {
        Some((bucket, "s3")) => bucket,
        Some((rest, region)) if is_region(region) => rest.strip_suffix(".s3").unwrap_or(before),
        // The old spelling `s3-<region>`.
        Some((bucket, service)) if service.starts_with("s3-") => bucket,
        _ => before,
    }
}

fn permit_mutual_tls(spec: &ProtectedApiSpec, namespace: Namespace<'_>) -> Result<(), Rejection> {
    let access = spec.access.as_ref();
    let Some(wanted) = access.and_then(|access| access.mutual_tls.as_ref()) else {
        return Ok(());
    };
    let field = "spec.access.mutualTls.originDomain";
    check(namespace, ALLOWED_DOMAINS, field, &wanted.origin_domain)?;
    let bucket = format!("arn:aws:s3:::{}", wanted.truststore_bucket);
    let bucket = Some(("spec.access.mutualTls.truststoreBucket", &bucket));
    let certificate = wanted.certificate_arn.as_ref();
    let certificate = certificate.map(|arn| ("spec.access.mutualTls.certificateArn", arn));
    let mut arns = bucket.into_iter().chain(certificate);
    arns.try_for_each(|(field, arn)| check(namespace, ALLOWED_ARNS, field, arn))
}

fn permit_shield(spec: &ProtectedApiSpec, namespace: Namespace<'_>) -> Result<(), Rejection> {
    let shield = spec.shield.as_ref();
    if let Some(id) = shield.and_then(|shield| shield.health_check.as_ref()?.id.as_ref()) {
        let arn = format!("arn:aws:route53:::healthcheck/{id}");
        check(namespace, ALLOWED_ARNS, "spec.shield.healthCheck.id", &arn)?;
    }
    if let Some(alarm) = shield.and_then(|shield| shield.ddos_alarm.as_ref()) {
        let field = "spec.shield.ddosAlarm.snsTopicArn";
        check(namespace, ALLOWED_ARNS, field, &alarm.sns_topic_arn)?;
    }
    Ok(())
}

fn check(namespace: Namespace<'_>, key: &str, field: &str, value: &str) -> Result<(), Rejection> {
    let Namespace { name, annotations } = namespace;
    let patterns = annotations.get(key).map(String::as_str).unwrap_or_default();
    if patterns
        .split(',')
        .map(str::trim)
        .any(|pattern| fits(pattern, value))
    {
        return Ok(());
    }
    // A command would overwrite what others have added since. Without --overwrite it does nothing where there is a value.
    let how = match patterns.trim() {
        _ if !permits_itself_alone(key, value) => format!(
            "by a pattern of their own in its annotation {key} (`kubectl edit namespace {name}`), not by this text: there `*` \
             and commas permit more than it says"
        ),
        "" => format!(
            "with `kubectl annotate namespace {name} '{key}={value}'` (a comma-separated list; * allows all)"
        ),
        patterns => format!(
            "by adding `{value}` to its annotation {key} (`kubectl edit namespace {name}`), a comma-separated list. It is \
             `{patterns}` so far; others may have been added since, and what is left out is permitted no more"
        ),
    };
    Err(Rejection::new(
        Reason::NotPermitted,
        format!("{field}: {value} is not permitted in namespace {name}; the platform team permits it {how}"),
    ))
}

/// Whether `value`, in the annotation `key`, would permit no more than itself, and is one word of a command. What a free rule
/// names may be any text.
fn permits_itself_alone(key: &str, value: &str) -> bool {
    let is_special = |c: char| matches!(c, '*' | ',' | '\'' | '`') || c.is_whitespace() || c.is_control();
    key != ALLOWED_ARNS || !value.contains(is_special)
}

/// Whether `value` fits `pattern`, in which `*` stands for any text. None fits an empty one.
fn fits(pattern: &str, value: &str) -> bool {
    !pattern.is_empty() && fits_stars(pattern, value)
}

fn collect_arns<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if text.starts_with("arn:") => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_arns(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| collect_arns(field, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
