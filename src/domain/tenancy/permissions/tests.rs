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
        refusal
            .message
            .contains("kubectl annotate namespace shop 'palisade.dev/allowed-apis=eu-north-1/a1b2c3d4e5'"),
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
fn a_namespace_that_limits_classes_lets_its_objects_name_no_other() {
    let limited = |classes: &str| {
        let mut annotations = annotated(ALLOWED_APIS, "*");
        annotations.insert(ALLOWED_CLASSES.into(), classes.into());
        annotations
    };
    let named = spec("className: public");
    let of = |annotations| permit(Tenancy::Enforced, &named, &annotations);
    assert_eq!(of(annotated(ALLOWED_APIS, "*")), Ok(()));
    assert_eq!(of(limited("internal,pub*")), Ok(()));
    let refused = of(limited("internal")).unwrap_err();
    assert!(
        refused
            .message
            .starts_with("spec.className: public is not permitted"),
        "{}",
        refused.message
    );
    assert_eq!(permit(Tenancy::Enforced, &spec(""), &limited("internal")), Ok(()));
}

#[test]
fn a_perimeter_of_another_object_is_taken_over_only_where_the_namespace_names_it() {
    let mut annotations = annotated(ALLOWED_APIS, "*");
    let wanted = spec("takeOver: {uid: 0f1e2d3c-0000-4000-8000-000000000000}");
    let refusal = permit(Tenancy::Enforced, &wanted, &annotations).unwrap_err();
    let permitting = "palisade.dev/allowed-perimeters=0f1e2d3c-0000-4000-8000-000000000000";
    assert!(refusal.message.contains(permitting), "{}", refusal.message);
    annotations.insert(
        ALLOWED_PERIMETERS.into(),
        "0f1e2d3c-0000-4000-8000-000000000000".into(),
    );
    assert_eq!(permit(Tenancy::Enforced, &wanted, &annotations), Ok(()));
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
fn a_distribution_is_adopted_only_where_the_namespace_names_it() {
    let mut annotations = annotated(ALLOWED_APIS, "*");
    let wanted = spec("distribution: {adopt: {id: E1ABCDEF2GHIJK}}");
    let refusal = permit(Tenancy::Enforced, &wanted, &annotations).unwrap_err();
    assert!(
        refusal
            .message
            .contains("palisade.dev/allow-adopt=E1ABCDEF2GHIJK"),
        "{}",
        refusal.message
    );
    annotations.insert(ALLOW_ADOPT.into(), "E2OTHER, E1ABCDEF2GHIJK".into());
    assert_eq!(permit(Tenancy::Enforced, &wanted, &annotations), Ok(()));
}

#[test]
fn no_spec_is_written_from_a_distribution_that_the_namespace_does_not_name() {
    let annotations = annotated(ALLOW_ADOPT, "E2OTHER");
    let namespace = Namespace {
        name: "shop",
        annotations: &annotations,
    };
    let permit = |tenancy, id| permit_adoption(tenancy, id, namespace);
    assert_eq!(permit(Tenancy::Enforced, "E2OTHER"), Ok(()));
    assert_eq!(permit(Tenancy::Open, "E1ABCDEF2GHIJK"), Ok(()));
    let refusal = permit(Tenancy::Enforced, "E1ABCDEF2GHIJK").unwrap_err();
    assert!(
        refusal
            .message
            .starts_with("spec.adopt.distributionId: E1ABCDEF2GHIJK"),
        "{}",
        refusal.message
    );
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
