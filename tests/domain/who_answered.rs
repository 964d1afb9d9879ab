//! The table in docs/probes.md, asked line by line.

use super::probe_table::{
    CERTIFICATE_ASKED, ENDPOINT_OFF, TYPES, answer, asks, hiding, lines, name, named, probe, ways, who,
};
use super::specs::owner;
use palisade::api::{ErrorNamed, OriginType, ProbeMethod};
use palisade::domain::access::probe::who_answered::{class, is_private, tell_apart, verdict};
use palisade::domain::access::probe::{Answer, Class, Verdict, Way};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::perimeter::observed::Observed;

#[test]
fn the_function_says_what_the_document_says() {
    let lines = lines();
    assert!(lines.len() > 50, "{}", lines.len());
    let mut seen = std::collections::BTreeSet::new();
    for line in &lines {
        let [way, api, asked, before, came, answered, proves] = line[..] else {
            panic!("{line:?}")
        };
        for way in ways(way) {
            for api in named(&TYPES, api) {
                let mut probe = probe(way, api, asks(asked), Class::parse(before));
                probe.known.hiding = hiding(asked);
                probe.known.by_certificate = asked.contains(CERTIFICATE_ASKED);
                probe.known.is_endpoint_off = asked.contains(ENDPOINT_OFF);
                let found = verdict(&probe, &answer(came, api));
                let wanted = proves.split("**").nth(1).unwrap_or_default();
                assert_eq!(name(&found), wanted, "{way:?} {api:?}: {line:?}: {found:?}");
                assert_eq!(found.who(), who(answered), "{way:?} {api:?}: {line:?}: {found:?}");
                seen.insert(name(&found));
            }
        }
    }
    assert_eq!(seen.len(), 18, "each verdict has a line: {seen:?}");
}

#[test]
fn who_shows_a_certificate_and_is_cut_off_learns_nothing() {
    let mut probe = probe(Way::Certificate, OriginType::Rest, asks("nothing"), None);
    probe.known.by_certificate = true;
    let ended = Answer::EndedForCertificate("the connection was closed".into());
    assert_eq!(name(&verdict(&probe, &ended)), "certificate asked");
    probe.certificate = Some(("PEM".into(), Secret::new("key")));
    assert_eq!(name(&verdict(&probe, &ended)), "unanswered");
}

#[test]
fn a_forbidden_request_with_a_token_is_refused_for_its_certificate() {
    let cell = r#"`403` `marked` `{"message":"Forbidden"}`"#;
    let mut probe = probe(Way::Viewer, OriginType::Http, asks("authorizer"), None);
    probe.known.by_certificate = true;
    for (has_token, wanted) in [(false, "ambiguous"), (true, "refused")] {
        probe.known.has_token = has_token;
        assert_eq!(name(&verdict(&probe, &answer(cell, OriginType::Http))), wanted);
    }
}

/// What is proven of a default endpoint that was read to be off, whichever answer comes first: through the perimeter, without anything,
/// and with the value that CloudFront sends.
fn with_the_endpoint_off(
    api: OriginType,
    method: ProbeMethod,
    aside: Option<&str>,
    cells: [&str; 2],
) -> Vec<[&'static str; 3]> {
    let ways = [Way::Viewer, Way::Direct, Way::Next];
    let ask = |ways: [Way; 3]| {
        let mut observed = Observed::of(owner());
        for way in ways {
            let mut probe = probe(way, api, asks("nothing"), None);
            probe.method = method;
            probe.known.is_endpoint_off = true;
            probe.known.by_certificate = way == Way::Viewer;
            probe.known.hiding.aside = aside.filter(|_| way == Way::Viewer).map(ToOwned::to_owned);
            let cell = if way == Way::Viewer { cells[0] } else { cells[1] };
            observed.note_probe(&probe, &answer(cell, api));
        }
        assert_eq!(observed.classes.get(&Way::Direct), None, "it is not remembered");
        observed
    };
    let orders = [ways, [Way::Next, Way::Direct, Way::Viewer]].into_iter();
    orders
        .map(|order| {
            let observed = ask(order);
            ways.map(|way| name(&observed.probes[&way]))
        })
        .collect()
}

/// As where the switch is not in effect, and the backend answers whoever comes.
#[test]
fn what_viewers_are_answered_as_well_shows_no_endpoint_off() {
    let (http, get) = (OriginType::Http, ProbeMethod::Get);
    let not_found = r#"`404` `marked` `{"message":"Not Found"}`"#;
    let forbidden = r#"`403` `marked` `{"message":"Forbidden"}`"#;
    for (cells, wanted) in [
        ([not_found, not_found], ["reached", "ambiguous", "ambiguous"]),
        (
            ["`200` `marked`", not_found],
            ["reached", "endpoint off", "endpoint off"],
        ),
        (
            [not_found, forbidden],
            ["reached", "endpoint off", "endpoint off"],
        ),
        (
            ["none", not_found],
            ["unanswered", "endpoint off", "endpoint off"],
        ),
    ] {
        let found = with_the_endpoint_off(http, get, None, cells);
        assert_eq!(found, [wanted, wanted], "{cells:?}");
    }
    // An answer to HEAD has no words.
    let bare = "`404` `marked`";
    let found = with_the_endpoint_off(http, ProbeMethod::Head, None, [bare, bare]);
    assert_eq!(found[0], ["reached", "ambiguous", "ambiguous"]);
    for method in [get, ProbeMethod::Head] {
        let found = with_the_endpoint_off(OriginType::Rest, method, None, [not_found, not_found]);
        assert_eq!(found[0], ["reached", "reached", "reached"], "{method:?}");
    }
}

#[test]
fn what_is_not_known_to_be_the_apis_own_answer_to_a_viewer_shows_no_endpoint_off_by_a_404() {
    let not_found = r#"`404` `marked` `{"message":"Not Found"}`"#;
    let cells = ["`200` `marked`", not_found];
    let found = with_the_endpoint_off(OriginType::Http, ProbeMethod::Get, Some("/prod/*"), cells);
    assert_eq!(found, [["ambiguous"; 3]; 2]);
}

/// As of a backend that knows nobody who does not come from CloudFront.
#[test]
fn what_was_answered_just_so_while_the_endpoint_was_on_shows_no_endpoint_off() {
    for (cell, before) in [
        (r#"`404` `marked` `{"message":"Not Found"}`"#, "404w"),
        (r#"`403` `marked` `{"message":"Forbidden"}`"#, "403w"),
    ] {
        for (before, wanted) in [(before, "ambiguous"), ("200", "endpoint off")] {
            let mut probe = probe(
                Way::Direct,
                OriginType::Http,
                asks("nothing"),
                Class::parse(before),
            );
            probe.known.is_endpoint_off = true;
            assert_eq!(name(&verdict(&probe, &answer(cell, OriginType::Http))), wanted);
        }
    }
}

#[test]
fn api_gateways_own_refusal_is_told_with_its_first_sentence() {
    let body = r#"{"message":"The request signature does not match. Check your key.\n\nx-amz-security-token:SECRET"}"#;
    let cell = format!("`403` `marked` `InvalidSignatureException` `{body}`");
    let probe = probe(Way::Viewer, OriginType::Rest, asks("signature"), None);
    let Verdict::Refused {
        status: 403, said, ..
    } = verdict(&probe, &answer(&cell, OriginType::Rest))
    else {
        panic!("not refused");
    };
    assert!(
        said.starts_with("InvalidSignatureException: The request"),
        "{said}"
    );
    assert!(!said.contains("SECRET"));
}

#[test]
fn what_denies_a_caller_is_quoted_to_its_end_and_what_is_cut_off_is_seen_to_be() {
    let quoted = |said: &str| {
        let body = format!(r#"{{"message":"{said}"}}"#);
        let cell = format!("`403` `marked` `AccessDeniedException` `{body}`");
        let probe = probe(Way::Viewer, OriginType::Rest, asks("signature"), None);
        match verdict(&probe, &answer(&cell, OriginType::Rest)) {
            Verdict::Refused { said, .. } => said,
            other => panic!("not refused: {other:?}"),
        }
    };
    let role = "palisade-shop-petstore-12345678";
    let said = quoted(&format!(
        "User: arn:aws:sts::123456789012:assumed-role/{role}/us-east-1.{role} is not authorized to perform: execute-api:Invoke on \
         resource: arn:aws:execute-api:eu-north-1:********9012:a1b2c3d4e5/prod/GET/pets with an explicit deny in a service control policy"
    ));
    assert!(
        said.ends_with("execute-api:Invoke with an explicit deny in a service control policy"),
        "{said}"
    );
    let long = quoted(&"denied ".repeat(100));
    assert!(long.ends_with('…'), "{long}");
}

#[test]
fn the_same_refusal_both_ways_proves_nothing_where_nobody_knows_what_was_before() {
    let refused = || Verdict::Refused {
        status: 403,
        error: None,
        said: "Forbidden".into(),
    };
    let worded = Class::parse("403w");
    let (mut viewer, mut direct) = (refused(), refused());
    let mut known = probe(Way::Viewer, OriginType::Http, asks("signature"), None).known;
    tell_apart(&known, &mut viewer, &mut direct, [worded, worded]);
    assert_eq!((name(&viewer), name(&direct)), ("ambiguous", "ambiguous"));
    let (mut viewer, mut direct) = (Verdict::Reached { status: 200 }, refused());
    tell_apart(&known, &mut viewer, &mut direct, [Class::parse("200"), worded]);
    assert_eq!((name(&viewer), name(&direct)), ("reached", "refused"));
    let gone = || Verdict::Reached { status: 404 };
    let worded = Class::parse("404w");
    for (asked, wanted) in [("signature", "ambiguous"), ("nothing", "reached")] {
        known.asks = asks(asked);
        let (mut viewer, mut direct) = (gone(), gone());
        tell_apart(&known, &mut viewer, &mut direct, [worded, worded]);
        assert_eq!((name(&viewer), name(&direct)), (wanted, wanted));
    }
}

/// As where somebody has opened the API, and the backend does not know the path any more.
#[test]
fn an_answer_that_changed_past_the_perimeter_just_as_through_it_is_no_refusal() {
    for api in [OriginType::Rest, OriginType::WebSocket] {
        let known = probe(Way::Direct, api, asks("signature"), Class::parse("200")).known;
        let changed = || Verdict::Refused {
            status: 404,
            error: None,
            said: "the answer changed with the lock".into(),
        };
        let doubtful = || Verdict::Ambiguous {
            status: 404,
            why: "the answer changed with the lock".into(),
        };
        let plain = Class::parse("404");
        let (mut viewer, mut direct) = (doubtful(), changed());
        tell_apart(&known, &mut viewer, &mut direct, [plain, plain]);
        assert_eq!((name(&viewer), name(&direct)), ("ambiguous", "ambiguous"));
        let (mut viewer, mut direct) = (Verdict::Reached { status: 200 }, changed());
        tell_apart(&known, &mut viewer, &mut direct, [Class::parse("200"), plain]);
        assert_eq!((name(&viewer), name(&direct)), ("reached", "refused"));
        // What gateway responses make of a refusal is the viewer's, and says nothing past the perimeter.
        for (class, wanted) in [("404N", "ambiguous"), ("404A", "refused")] {
            let (mut viewer, mut direct) = (changed(), changed());
            let class = Class::parse(class);
            tell_apart(&known, &mut viewer, &mut direct, [class, class]);
            assert_eq!((name(&viewer), name(&direct)), ("refused", wanted));
        }
    }
}

/// As where somebody else has locked the API, whose refusals name no error, and the signer may not invoke it.
#[test]
fn an_answer_without_an_error_type_that_is_alike_both_ways_reaches_nobody_where_nobody_knows_what_was_before()
{
    let classes = |viewer, direct| [Class::parse(viewer), Class::parse(direct)];
    for (before, classes, wanted) in [
        (None, classes("404N", "404N"), "ambiguous"),
        (None, classes("404N", "403N"), "reached"),
        (None, classes("404O", "404O"), "ambiguous"),
        (None, classes("403F", "403F"), "reached"),
        (Class::parse("404N"), classes("404N", "404N"), "reached"),
    ] {
        let known = probe(Way::Viewer, OriginType::Rest, asks("signature"), before).known;
        let mut viewer = Verdict::Reached { status: 404 };
        let mut direct = Verdict::Ambiguous {
            status: 404,
            why: "what the backend answers was never seen".into(),
        };
        tell_apart(&known, &mut viewer, &mut direct, classes);
        assert_eq!(
            (name(&viewer), name(&direct)),
            (wanted, "ambiguous"),
            "{classes:?}"
        );
    }
}

#[test]
fn of_an_answer_to_head_only_the_status_can_be_compared() {
    let mut probe = probe(
        Way::Direct,
        OriginType::Http,
        asks("signature"),
        Class::parse("200"),
    );
    probe.method = ProbeMethod::Head;
    let refused = answer("`403` `marked`", OriginType::Http);
    assert_eq!(name(&verdict(&probe, &refused)), "refused");
    probe.known.before = class(&probe, &refused);
    assert_eq!(name(&verdict(&probe, &refused)), "ambiguous");
}

#[test]
fn addresses_that_the_internet_does_not_have_are_private() {
    for address in [
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "::1",
        "fd12::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
        "198.18.0.1",
    ] {
        assert!(is_private(address.parse().unwrap()), "{address}");
    }
    for address in [
        "13.48.1.2",
        "172.32.0.1",
        "100.128.0.1",
        "2600:9000::1",
        "192.169.0.1",
    ] {
        assert!(!is_private(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn what_the_probe_showed_is_not_quoted() {
    let mut probe = probe(Way::Direct, OriginType::Rest, asks("signature"), None);
    probe.headers = vec![("authorization".into(), Secret::new("Bearer eyJhbGciOiJub25lIn0"))];
    let body = r#"{"message":"'eyJhbGciOiJub25lIn0' not a valid key=value pair in Authorization header: 'Bearer eyJhbGciOiJub25lIn0'"}"#;
    let cell = format!("`403` `marked` `IncompleteSignatureException` `{body}`");
    let Verdict::Refused { said, .. } = verdict(&probe, &answer(&cell, OriginType::Rest)) else {
        panic!("not refused");
    };
    assert!(said.contains("'‹secret›' not a valid"), "{said}");
    assert!(!said.contains("eyJ"), "{said}");
}

#[test]
fn which_error_refused_a_probe_is_known_though_its_name_is_masked() {
    let mut probe = probe(Way::Direct, OriginType::Rest, asks("signature"), None);
    probe.headers = vec![("authorization".into(), Secret::new("Authentication none"))];
    let cell = r#"`403` `marked` `MissingAuthenticationTokenException` `{"message":"Missing Authentication Token"}`"#;
    let Verdict::Refused { error, said, .. } = verdict(&probe, &answer(cell, OriginType::Rest)) else {
        panic!("not refused");
    };
    assert_eq!(error, Some(ErrorNamed::Unsigned));
    assert!(!said.contains("Authentication"), "{said}");
}

#[test]
fn neither_a_short_value_nor_a_piece_of_one_is_quoted() {
    for (value, body, wanted) in [
        ("k7", "no 'k7' here, nor k77", "no '‹secret›' here, nor k77"),
        (
            "Basic YWxhZGRpbjpvcGVu, realm=x9",
            "'realm=x9' is no pair, nor is 'Basic YWxhZGRpbjpvcGVu'",
            "'‹secret›=‹secret›' is no pair, nor is '‹secret› ‹secret›'",
        ),
        (
            "user=ann;sig=a+b/c==",
            "found: ann, a+b",
            "found: ‹secret›, ‹secret›+‹secret›",
        ),
        ("abcdef-abcdefgh", "(xabcdefgh)", "(x‹secret›)"),
    ] {
        let mut probe = probe(Way::Direct, OriginType::Rest, asks("signature"), None);
        probe.headers = vec![("x-probe".into(), Secret::new(value))];
        let body = serde_json::json!({"message": body}).to_string();
        let cell = format!("`403` `marked` `IncompleteSignatureException` `{body}`");
        let Verdict::Refused { said, .. } = verdict(&probe, &answer(&cell, OriginType::Rest)) else {
            panic!("not refused");
        };
        assert_eq!(said, format!("IncompleteSignatureException: {wanted}"));
    }
}

#[test]
fn an_answer_of_the_cache_is_not_remembered() {
    let viewer = probe(Way::Viewer, OriginType::Rest, asks("nothing"), None);
    let of = |cell: &str| class(&viewer, &answer(cell, OriginType::Rest));
    assert_eq!(of("`200` `marked` `x-cache: Hit from cloudfront`"), None);
    assert!(of("`200` `marked` `x-cache: RefreshHit from cloudfront`").is_some());
}

#[test]
fn what_a_private_address_answered_is_not_remembered_as_what_the_api_said_before_the_lock() {
    for api in TYPES.map(|(_, api)| api) {
        let from = |address: &str| answer(&format!("`403` `marked` `{address}` `ForbiddenException`"), api);
        for (way, is_private) in [(Way::Direct, true), (Way::Next, true), (Way::Viewer, false)] {
            let probe = probe(way, api, asks("nothing"), None);
            assert_eq!(class(&probe, &from("10.0.3.17")).is_none(), is_private, "{way:?}");
            assert!(class(&probe, &from("13.48.1.2")).is_some(), "{way:?}");
        }
    }
}
