//! Tests of the policies that send the viewer's Host header on.

use super::*;
use crate::domain::edge::config::CACHING_DISABLED;
use crate::domain::edge::document::new_config;
use crate::domain::edge::xml;

const OWN: &str = "11111111-2222-4333-8444-555555555555";
const ORIGIN_HEADERS: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";
const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";

fn settings(cache: &str, request: &str) -> Settings {
    Settings {
        cache_policy_id: cache.to_owned(),
        origin_request_policy_id: request.to_owned(),
        ..Settings::baseline()
    }
}

fn known(sends: Option<bool>, signs: Option<bool>) -> Known {
    Known {
        read: sends.map(|sends| (OWN.to_owned(), sends)).into_iter().collect(),
        signs,
        ..Known::default()
    }
}

#[test]
fn whether_host_is_sent_is_told_by_what_a_policy_does_with_headers() {
    for (behavior, names, sends) in [
        ("none", &[][..], false),
        ("whitelist", &["Accept"], false),
        ("whitelist", &["accept", "HOST"], true),
        ("allViewer", &[], true),
        (
            "allViewerAndWhitelistCloudFront",
            &["CloudFront-Viewer-City"],
            true,
        ),
        ("allExcept", &["host"], false),
        ("allExcept", &["cookie"], true),
        ("somethingNew", &[], true),
    ] {
        let headers = Headers {
            behavior: behavior.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(headers.sends_host(), sends, "{behavior} {names:?}");
    }
}

#[test]
fn the_baselines_policies_send_no_host_and_of_others_it_is_told_which_and_what_to_set() {
    let none = known(None, None);
    let sent = |cache, request, known: &Known| host_sent(&settings(cache, request), known);
    assert_eq!(sent(CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST, &none), None);
    // A distribution of the time before policies names none.
    assert_eq!(sent("", "", &none), None);
    for (cache, request, field) in [
        (ORIGIN_HEADERS, ALL_VIEWER_EXCEPT_HOST, "cachePolicyId"),
        (CACHING_DISABLED, ALL_VIEWER, "originRequestPolicyId"),
    ] {
        let told = sent(cache, request, &none).unwrap();
        assert!(
            told.is_known && told.so.contains(field) && told.remedy.contains(field),
            "{told:?}"
        );
    }
    let told = sent(CACHING_DISABLED, OWN, &known(Some(true), None)).unwrap();
    assert!(told.is_known && told.so.contains(OWN), "{told:?}");
    assert!(told.remedy.contains("AllViewerExceptHostHeader"), "{told:?}");
    assert_eq!(sent(OWN, ALL_VIEWER_EXCEPT_HOST, &known(Some(false), None)), None);
}

#[test]
fn a_policy_that_could_not_be_read_may_send_host_and_the_right_to_read_it_is_named() {
    let told = host_sent(&settings(OWN, OWN), &known(None, None)).unwrap();
    assert!(
        !told.is_known && told.so.contains("could not be read"),
        "{told:?}"
    );
    assert!(
        told.remedy.contains("cloudfront:GetCachePolicy")
            && told.remedy.contains("cloudfront:GetOriginRequestPolicy"),
        "{told:?}"
    );
}

#[test]
fn policies_that_wait_for_the_signer_leave_those_that_stand() {
    let config = new_config("reference", &settings(CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST));
    let wanted = settings(ORIGIN_HEADERS, OWN);
    let kept = as_it_stands(wanted, &config);
    assert_eq!(
        (
            kept.cache_policy_id.as_str(),
            kept.origin_request_policy_id.as_str()
        ),
        (CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST)
    );
    // As one that was adopted may have none: it gets none that sends Host.
    let mut bare = config.clone();
    let behavior = bare.get_mut_child("DefaultCacheBehavior").unwrap();
    xml::remove(behavior, "OriginRequestPolicyId");
    let kept = as_it_stands(settings(ORIGIN_HEADERS, OWN), &bare);
    assert_eq!(
        (
            kept.cache_policy_id.as_str(),
            kept.origin_request_policy_id.as_str()
        ),
        (CACHING_DISABLED, "")
    );
    xml::remove(
        bare.get_mut_child("DefaultCacheBehavior").unwrap(),
        "CachePolicyId",
    );
    let given = as_it_stands(settings(ORIGIN_HEADERS, OWN), &bare);
    assert_eq!(
        (
            given.cache_policy_id.as_str(),
            given.origin_request_policy_id.as_str()
        ),
        (CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST)
    );
    let told = |sends, signs| {
        let sent = host_sent(&settings(CACHING_DISABLED, OWN), &known(sends, None));
        sent.is_some_and(|sent| sent.waits_for_signer(signs))
    };
    assert!(told(Some(true), true) && told(Some(true), false) && told(None, true));
    assert!(!told(None, false) && !told(Some(false), true));
    let declared = HostSent {
        is_signer_declared: true,
        ..host_sent(&settings(CACHING_DISABLED, OWN), &known(None, None)).unwrap()
    };
    assert!(declared.waits_for_signer(false));
}

#[test]
fn host_is_refused_where_nobody_signs_and_only_what_is_known() {
    let refused = |sends, signs, is_wanted| {
        let known = known(sends, signs);
        let sent = host_sent(&settings(CACHING_DISABLED, OWN), &known);
        check(sent.as_ref(), is_wanted, &known).is_err()
    };
    assert!(refused(Some(true), Some(false), false));
    assert!(!refused(Some(true), Some(true), false));
    assert!(!refused(Some(true), None, false));
    assert!(!refused(Some(true), Some(false), true));
    assert!(!refused(None, Some(false), false));
    assert!(!refused(Some(false), Some(false), false));
}

#[test]
fn what_stands_is_not_refused_for_a_policy_that_sends_host() {
    let known = Known {
        stands: true,
        ..known(Some(true), Some(false))
    };
    let sent = host_sent(&settings(CACHING_DISABLED, OWN), &known);
    assert!(sent.is_some());
    assert_eq!(check(sent.as_ref(), false, &known), Ok(()));
}

#[test]
fn what_helps_depends_on_why_a_policy_could_not_be_read() {
    const RIGHT: &str = "cloudfront:GetOriginRequestPolicy";
    let told = |why| {
        let known = Known {
            unread: BTreeMap::from([(OWN.to_owned(), why)]),
            ..known(None, None)
        };
        host_sent(&settings(CACHING_DISABLED, OWN), &known).unwrap()
    };
    assert!(told(ErrorKind::Denied).remedy.contains(RIGHT));
    for (why, so, remedy) in [
        (ErrorKind::NotFound, "is not there", "a policy that is there"),
        (ErrorKind::Throttled, "could not be read just now", "by itself"),
        (ErrorKind::Transient, "could not be read just now", "by itself"),
    ] {
        let told = told(why);
        assert!(told.so.contains(so) && !told.is_known, "{why:?}: {told:?}");
        assert!(
            told.remedy.contains(remedy) && !told.remedy.contains(RIGHT),
            "{why:?}: {told:?}"
        );
    }
}
