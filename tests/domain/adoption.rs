//! Properties of an adoption: what an update says nothing new of stays to the byte, and the way back leads to what was found.

use super::specs::{owner, wanted};
use super::world::World;
use palisade::domain::access::authorization::{self, Authorization};
use palisade::domain::access::table::marks::{self, Marks};
use palisade::domain::adoption::before::Before;
use palisade::domain::adoption::release::{Lock, refusals};
use palisade::domain::edge::config::{self, Logging, Settings, settings_of};
use palisade::domain::edge::document::{new_config, write_settings};
use palisade::domain::edge::places::{PLACES, Place, kept};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::kernel::secret::Secret;
use palisade::domain::perimeter::observed::Observed;
use proptest::collection::btree_set;
use proptest::prelude::*;
use serde_json::json;

const ORIGIN: &str = "their-api";

prop_compose! {
    /// What one may say of a distribution before an API.
    fn settings()(
        comment in "[a-z <&>\"]{0,20}",
        aliases in btree_set("[a-z]{1,8}[.]example[.]com", 0..5),
        price_class in prop::sample::select(vec!["PriceClass_All", "PriceClass_200", "PriceClass_100"]),
        http_version in prop::sample::select(vec!["http1.1", "http2", "http2and3"]),
        ipv6 in any::<bool>(),
        compress in any::<bool>(),
        web_acl in prop::option::of("arn:aws:wafv2:us-east-1:1:global/webacl/[a-z]{1,9}/1"),
        signer in prop::option::of("arn:aws:lambda:us-east-1:1:function:[a-z]{1,9}:1"),
        headers_policy in prop::option::of("[0-9a-f]{8}"),
        read_timeout in 1..120_u32,
        path in prop::sample::select(vec!["", "/prod"]),
        logging in prop::option::of("[a-z]{3,9}[.]s3[.]amazonaws[.]com"),
        is_uncached in any::<bool>(),
    ) -> Settings {
        let mut settings = Settings::baseline();
        comment.trim().clone_into(&mut settings.comment);
        settings.certificate_arn = (!aliases.is_empty()).then(|| "arn:aws:acm:us-east-1:1:certificate/1".to_owned());
        settings.minimum_tls_version = settings.certificate_arn.as_ref().map(|_| "TLSv1.2_2021".to_owned());
        settings.aliases = aliases;
        price_class.clone_into(&mut settings.price_class);
        http_version.clone_into(&mut settings.http_version);
        settings.ipv6 = Some(ipv6);
        settings.compress = compress;
        settings.web_acl_arn = web_acl.unwrap_or_default();
        settings.signer_includes_body = signer.is_some();
        settings.signer_version_arn = signer.unwrap_or_default();
        settings.response_headers_policy_id = headers_policy;
        config::CACHING_DISABLED.clone_into(&mut settings.cache_policy_id);
        config::ALL_VIEWER_EXCEPT_HOST.clone_into(&mut settings.origin_request_policy_id);
        "none".clone_into(&mut settings.geo_restriction.kind);
        settings.logging = logging.map(|bucket| Logging { bucket, prefix: String::new() });
        settings.uncached_errors = is_uncached.then(config::error_codes);
        ORIGIN.clone_into(&mut settings.origin.id);
        "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".clone_into(&mut settings.origin.domain_name);
        path.clone_into(&mut settings.origin.path);
        settings.origin.read_timeout = read_timeout;
        settings
    }
}

prop_compose! {
    /// A distribution that somebody else made: with methods in an order of their own, and with or without a header and elements that no
    /// client knows.
    fn theirs()(
        settings in settings(),
        methods in Just(vec!["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]).prop_shuffle(),
        has_header in any::<bool>(),
        unknown in prop::option::of("[a-z]{1,9}"),
    ) -> Element {
        let mut config = new_config("theirs", &settings);
        let methods = methods.into_iter().map(|method| xml::text("Method", method)).collect();
        Place::Behavior("AllowedMethods").write(&mut config, ORIGIN, Some(xml::list("AllowedMethods", methods)));
        if has_header {
            let header = vec![xml::text("HeaderName", "x-theirs"), xml::text("HeaderValue", "theirs")];
            let headers = xml::list("CustomHeaders", vec![xml::parent("OriginCustomHeader", header)]);
            Place::Origin("CustomHeaders").write(&mut config, ORIGIN, Some(headers));
        }
        if let Some(unknown) = unknown {
            xml::put(&mut config, xml::text("NewerThanAnyClient", unknown), &[]);
        }
        config
    }
}

/// What an update of ours makes of it.
fn updated(found: &Element, wanted: &Settings) -> (Element, Element) {
    let mut written = found.clone();
    write_settings(&mut written, wanted);
    (kept(found, written.clone(), ORIGIN), written)
}

proptest! {
    #[test]
    fn an_update_means_what_is_wanted_and_changes_no_place_that_it_says_nothing_new_of(
        found in theirs(), wanted in settings(),
    ) {
        let (updated, written) = updated(&found, &wanted);
        prop_assert_eq!(settings_of(&updated), settings_of(&written));
        for place in PLACES {
            let before = place.read(&found, ORIGIN);
            if place.read(&updated, ORIGIN) == before {
                continue;
            }
            let mut undone = updated.clone();
            place.write(&mut undone, ORIGIN, before.cloned());
            prop_assert!(settings_of(&undone) != settings_of(&updated), "{} changes for nothing", place.name());
        }
        let unknown = "NewerThanAnyClient";
        prop_assert_eq!(updated.get_child(unknown), found.get_child(unknown));
    }

    #[test]
    fn adoption_edits_and_release_leave_the_configuration_to_the_byte_as_found(
        found in theirs(), adopted in settings(), edited in settings(), has_value in any::<bool>(),
    ) {
        let tags = Tags::from([("team".to_owned(), "theirs".to_owned())]);
        let before = Before::of(&found, ORIGIN, &tags);
        let known = Before::of_tags(&before.to_tags()).unwrap();
        prop_assert_eq!(&known, &before);
        let mut adopted = adopted;
        if has_value {
            let value = Secret::from_random(&[7; 32]);
            adopted.origin.headers.insert("x-origin-verify".to_owned(), value);
        }
        let (once, _) = updated(&found, &adopted);
        prop_assert_eq!(&known.restored(&once), &found);
        let (twice, _) = updated(&once, &edited);
        prop_assert_eq!(&known.restored(&twice), &found);
    }
}

/// Reasons for which a distribution is not given back, and what they say. Before an API that asks for signatures, with a change of what
/// was read of that.
fn kept_back(
    spec: &str,
    function: &str,
    change: impl FnOnce(&mut authorization::Observed),
) -> Vec<(String, String)> {
    kept_back_where(true, spec, function, change)
}

/// The same, where the distribution shows what lets viewers in, or nothing.
fn kept_back_where(
    sends: bool,
    spec: &str,
    function: &str,
    change: impl FnOnce(&mut authorization::Observed),
) -> Vec<(String, String)> {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(""));
    let mut seen = world.observed.access.present().cloned().unwrap();
    seen.marks = Marks::default();
    for route in &mut seen.routes {
        route.authorization = Authorization::aws_iam();
    }
    change(&mut seen);
    let mut settings = Settings::baseline();
    ORIGIN.clone_into(&mut settings.origin.id);
    function.clone_into(&mut settings.signer_version_arn);
    let before = Before::of(&new_config("theirs", &settings), ORIGIN, &Tags::new());
    let desired = wanted(spec);
    let lock = Lock {
        wanted: &desired.access,
        seen: Some(&seen),
        is_locked: false,
        sends,
        former_role: Some("arn:aws:iam::111122223333:role/their-signer"),
    };
    let refused = refusals(Some(&before), lock, &[]).into_iter();
    refused.map(|refusal| (refusal.reason, refusal.message)).collect()
}

const SIGNER: &str = "arn:aws:lambda:us-east-1:111122223333:function:their-signer:3";

#[test]
fn a_former_signer_that_passes_the_lock_keeps_no_distribution_back() {
    assert_eq!(kept_back("", SIGNER, |_| {}), []);
}

/// The spec says nothing of it any more, and the stage serves it still.
#[test]
fn a_statement_that_stands_and_refuses_the_former_role_keeps_a_distribution_back() {
    let served = json!({"Statement": [{
        "Sid": "OnlyOurs", "Effect": "Deny", "Principal": "*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ours"}},
    }]});
    let refused = kept_back("", SIGNER, |seen| seen.policies.served = served);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].0, "LockInTheWay");
    assert!(refused[0].1.contains("OnlyOurs"), "{refused:?}");
}

/// Nobody has seen that its function signs.
#[test]
fn a_lock_that_palisade_made_where_nothing_was_asked_for_keeps_a_distribution_back() {
    let refused = kept_back("", SIGNER, |seen| {
        seen.marks.before = Some(marks::Before::default());
    });
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].0, "LockInTheWay");
}

/// What was said last of the API may be of a moment when nothing was known.
#[test]
fn an_api_that_is_only_looked_at_is_open_by_its_routes_alone() {
    let refused = kept_back("access: {enforcement: Observe}", "", |_| {});
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].0, "LockInTheWay");
}

/// Its callers sign, as they did before, and CloudFront never did. Nobody has to open it for that.
#[test]
fn what_callers_of_an_api_that_was_never_locked_show_themselves_keeps_no_distribution_back() {
    let observe = "access: {enforcement: Observe}";
    assert_eq!(kept_back_where(false, observe, "", |_| {}), []);
    let locked = |seen: &mut authorization::Observed| {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        seen.marks.locks = vec![at];
    };
    let refused = kept_back_where(false, observe, "", locked);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].0, "LockInTheWay");
}
