//! What the platform team lets a namespace name, in annotations of the Namespace.
//!
//! The controller holds rights that its users do not have. So a spec may only name APIs, domains and ARNs that the
//! Namespace permits.

use crate::api::ProtectedApiSpec;
use crate::domain::kernel::endpoint::arn_region_and_id;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use serde_json::Value;
use std::collections::BTreeMap;

/// `<region>/<api-id>`, comma-separated; `*` allows all.
pub const ALLOWED_APIS: &str = "palisade.dev/allowed-apis";
/// Domain patterns such as `*.shop.example.com`, comma-separated.
pub const ALLOWED_DOMAINS: &str = "palisade.dev/allowed-domains";
/// Domain patterns of aliases that may be taken from other distributions of the account, comma-separated.
pub const ALLOW_TAKE_OVER: &str = "palisade.dev/allow-take-over";
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

/// Checks everything that `spec` names against the annotations of its Namespace.
///
/// # Errors
/// The first thing that is not permitted, with the annotation that would permit it.
pub fn permit(tenancy: Tenancy, spec: &ProtectedApiSpec, namespace: Namespace<'_>) -> Result<(), Rejection> {
    if tenancy == Tenancy::Open {
        return Ok(());
    }
    let (region, id) = arn_region_and_id(&spec.origin.endpoint);
    check(
        namespace,
        ALLOWED_APIS,
        "spec.origin.endpoint",
        &format!("{region}/{id}"),
    )?;
    let distribution = spec.distribution.as_ref();
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

/// Whether `value` fits `pattern`, in which `*` stands for any text.
fn fits(pattern: &str, value: &str) -> bool {
    if pattern.is_empty() {
        return false;
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = value.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    true
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
mod tests {
    use super::*;

    fn permit(
        tenancy: Tenancy,
        spec: &ProtectedApiSpec,
        annotations: &BTreeMap<String, String>,
    ) -> Result<(), Rejection> {
        let name = "shop";
        super::permit(tenancy, spec, Namespace { name, annotations })
    }

    fn annotated(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }

    fn spec(yaml: &str) -> ProtectedApiSpec {
        let origin =
            "origin: {endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
        serde_yaml::from_str(&format!("{origin}\n{yaml}")).unwrap()
    }

    #[test]
    fn an_api_that_the_namespace_lists_is_permitted() {
        let annotations = annotated(ALLOWED_APIS, "us-east-1/zzzzzzzzzz, eu-north-1/a1b2c3d4e5");
        assert_eq!(permit(Tenancy::Enforced, &spec(""), &annotations), Ok(()));
    }

    #[test]
    fn an_api_that_no_annotation_lists_is_refused_with_the_annotation_to_set() {
        let refusal = permit(Tenancy::Enforced, &spec(""), &BTreeMap::new()).unwrap_err();
        assert_eq!(refusal.reason, Reason::NotPermitted);
        assert!(
            refusal.message.contains(
                "kubectl annotate namespace shop 'palisade.dev/allowed-apis=eu-north-1/a1b2c3d4e5'"
            ),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn where_others_are_permitted_nobody_is_given_a_command_that_revokes_them() {
        let annotations = annotated(ALLOWED_APIS, "eu-north-1/zzzzzzzzzz");
        let refusal = permit(Tenancy::Enforced, &spec(""), &annotations).unwrap_err();
        let said = refusal.message;
        assert!(
            said.contains("adding `eu-north-1/a1b2c3d4e5`") && said.contains("eu-north-1/zzzzzzzzzz"),
            "{said}"
        );
        assert!(!said.contains("--overwrite"), "{said}");
    }

    #[test]
    fn a_star_permits_all() {
        assert_eq!(
            permit(Tenancy::Enforced, &spec(""), &annotated(ALLOWED_APIS, "*")),
            Ok(())
        );
    }

    #[test]
    fn open_tenancy_asks_nobody() {
        assert_eq!(permit(Tenancy::Open, &spec(""), &BTreeMap::new()), Ok(()));
    }

    #[test]
    fn an_alias_outside_the_permitted_domains_is_refused() {
        let mut annotations = annotated(ALLOWED_APIS, "*");
        annotations.insert(ALLOWED_DOMAINS.into(), "*.shop.example.com".into());
        annotations.insert(ALLOWED_ARNS.into(), "*".into());
        let with = |alias: &str| spec(&format!("distribution: {{aliases: [{alias}]}}"));
        assert_eq!(
            permit(Tenancy::Enforced, &with("api.shop.example.com"), &annotations),
            Ok(())
        );
        assert!(permit(Tenancy::Enforced, &with("api.bank.example.com"), &annotations).is_err());
    }

    #[test]
    fn what_mutual_tls_names_is_permitted_by_the_annotations_of_domains_and_arns() {
        let arn = "arn:aws:acm:eu-north-1:111122223333:certificate/1";
        let wanted = spec(&format!(
            "access: {{mode: MutualTls, mutualTls: {{hostedZoneId: Z1, originDomain: origin.shop.example.com, \
             truststoreBucket: shop-truststores, certificateArn: '{arn}'}}}}"
        ));
        let mut annotations = annotated(ALLOWED_APIS, "*");
        let refused = |annotations: &BTreeMap<String, String>| {
            let refusal = permit(Tenancy::Enforced, &wanted, annotations).unwrap_err();
            refusal.message.split(':').next().unwrap_or_default().to_owned()
        };
        let field = |name: &str| format!("spec.access.mutualTls.{name}");
        assert_eq!(refused(&annotations), field("originDomain"));
        annotations.insert(ALLOWED_DOMAINS.into(), "*.shop.example.com".into());
        assert_eq!(refused(&annotations), field("truststoreBucket"));
        annotations.insert(ALLOWED_ARNS.into(), "arn:aws:s3:::shop-*".into());
        assert_eq!(refused(&annotations), field("certificateArn"));
        annotations.insert(ALLOWED_ARNS.into(), format!("arn:aws:s3:::shop-*,{arn}"));
        assert_eq!(permit(Tenancy::Enforced, &wanted, &annotations), Ok(()));
    }

    #[test]
    fn taking_an_alias_over_is_a_permission_of_its_own() {
        let mut annotations = annotated(ALLOWED_APIS, "*");
        annotations.insert(ALLOWED_DOMAINS.into(), "*".into());
        let wanted = spec("distribution: {aliases: [api.example.com], takeOverAliases: true}");
        let refusal = permit(Tenancy::Enforced, &wanted, &annotations).unwrap_err();
        assert!(
            refusal
                .message
                .contains("palisade.dev/allow-take-over=api.example.com"),
            "{}",
            refusal.message
        );
        for permission in ["*", "www.example.com, *.example.com"] {
            annotations.insert(ALLOW_TAKE_OVER.into(), permission.into());
            assert_eq!(permit(Tenancy::Enforced, &wanted, &annotations), Ok(()));
        }
    }

    #[test]
    fn an_arn_hidden_deep_in_a_free_rule_is_checked() {
        let rule = "webAcl: {rules: [{Name: x, Statement: {NotStatement: {Statement: {IPSetReferenceStatement: {ARN: 'arn:aws:wafv2:us-east-1:1:global/ipset/theirs/1'}}}}}]}";
        let refusal = permit(Tenancy::Enforced, &spec(rule), &annotated(ALLOWED_APIS, "*")).unwrap_err();
        assert!(
            refusal.message.starts_with("spec.webAcl.rules"),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn nobody_is_given_a_text_to_permit_that_permits_more_than_it_says() {
        let mut annotations = annotated(ALLOWED_APIS, "*");
        for others in ["", "arn:aws:s3:::logs"] {
            annotations.insert(ALLOWED_ARNS.into(), others.into());
            for arn in ["arn:*", "arn:aws:s3:::a,*", "arn:x'; whoami; '"] {
                let rule = format!("webAcl: {{rules: [{{Name: x, Statement: {{ARN: {arn:?}}}}}]}}");
                let refusal = permit(Tenancy::Enforced, &spec(&rule), &annotations).unwrap_err();
                assert_eq!(refusal.reason, Reason::NotPermitted);
                let said = refusal.message;
                assert!(said.contains("kubectl edit namespace shop"), "{said}");
                assert!(!said.contains("annotate") && !said.contains("adding"), "{said}");
            }
        }
    }

    #[test]
    fn the_bucket_of_a_log_is_read_from_the_right() {
        for (host, bucket) in [
            ("my-logs.s3.amazonaws.com", "my-logs"),
            ("my-logs.s3.eu-north-1.amazonaws.com", "my-logs"),
            ("my-logs.s3-eu-west-1.amazonaws.com", "my-logs"),
            ("team.s3-other.s3.amazonaws.com", "team.s3-other"),
            ("team.s3.s3.eu-north-1.amazonaws.com", "team.s3"),
            ("team.s3.amazonaws.com.s3.amazonaws.com", "team.s3.amazonaws.com"),
        ] {
            assert_eq!(bucket_of(host), bucket, "{host}");
        }
        let mut annotations = annotated(ALLOWED_APIS, "*");
        annotations.insert(ALLOWED_ARNS.into(), "arn:aws:s3:::team".into());
        let wanted = spec("distribution: {logging: {bucket: team.s3-other.s3.amazonaws.com}}");
        let refusal = permit(Tenancy::Enforced, &wanted, &annotations).unwrap_err();
        assert!(
            refusal.message.contains("arn:aws:s3:::team.s3-other"),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn patterns_match_as_a_person_reads_them() {
        assert!(fits("arn:aws:s3:::logs-*", "arn:aws:s3:::logs-eu"));
        assert!(!fits("*.example.com", "example.com.evil"));
        assert!(fits("a*b*c", "a-b-b-c"));
        assert!(!fits("a*b", "ab-"));
        assert!(!fits("", ""));
    }
}
