//! The table in docs/probes.md, read.

use palisade::api::{Asks, KeyAsked, OriginType, ProbeMethod, RouteAsks};
use palisade::domain::access::probe::{Answer, Class, Hiding, Known, Probe, Verdict, Way, Who};
use std::collections::BTreeMap;

pub const DOCUMENT: &str = include_str!("../../docs/probes.md");
pub const WAYS: [(&str, Way); 3] = [
    ("viewer", Way::Viewer),
    ("direct", Way::Direct),
    ("next", Way::Next),
];
pub const TYPES: [(&str, OriginType); 3] = [
    ("REST", OriginType::Rest),
    ("HTTP", OriginType::Http),
    ("WebSocket", OriginType::WebSocket),
];

/// Those of mutual TLS, which `any` does not mean.
pub const WAYS_OF_CERTIFICATES: [(&str, Way); 2] =
    [("origin", Way::Origin), ("certificate", Way::Certificate)];

/// The ways that a cell names.
pub fn ways(cell: &str) -> Vec<Way> {
    let of_certificates = WAYS_OF_CERTIFICATES.iter().find(|(known, _)| *known == cell);
    of_certificates.map_or_else(|| named(&WAYS, cell), |(_, way)| vec![*way])
}

/// The cells of the table's lines.
pub fn lines() -> Vec<Vec<&'static str>> {
    let rows = DOCUMENT
        .lines()
        .skip_while(|line| !line.starts_with("| way |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// All of `known`, or the one of that name.
pub fn named<T: Copy>(known: &[(&str, T)], name: &str) -> Vec<T> {
    let found: Vec<T> = known
        .iter()
        .filter(|(known, _)| name == "any" || *known == name)
        .map(|(_, value)| *value)
        .collect();
    assert!(!found.is_empty(), "{name:?} is nothing that the table may say");
    found
}

pub fn asks(cell: &str) -> Option<Asks> {
    let mut asks = Asks {
        route: RouteAsks::Nothing,
        key: KeyAsked::None,
    };
    for part in cell.split(", ") {
        match part {
            "unknown" => return None,
            "any" | "signature" => asks.route = RouteAsks::Signature,
            "nothing" => {}
            "header of the perimeter" => asks.route = RouteAsks::Perimeter,
            "authorizer" => asks.route = RouteAsks::Authorizer,
            "key of the perimeter" => asks.key = KeyAsked::Perimeter,
            "key of customers" => asks.key = KeyAsked::Customers,
            part if [BEHIND_WEB_ACL, UNREAD_POLICIES, ASIDE, REWRITTEN].contains(&part) => {}
            part if [CERTIFICATE_ASKED, ENDPOINT_OFF].contains(&part) => {}
            part if part.starts_with(REFUSED_AS) || part.starts_with(PAGED) => {}
            other => panic!("{other:?} is nothing that a route asks for"),
        }
    }
    Some(asks)
}

pub const BEHIND_WEB_ACL: &str = "behind a web ACL";
pub const UNREAD_POLICIES: &str = "behind policies that are not read";
pub const REFUSED_AS: &str = "refused as ";
pub const PAGED: &str = "with an error page of ";
pub const ASIDE: &str = "at a behaviour of others";
pub const REWRITTEN: &str = "before a function of others";
pub const CERTIFICATE_ASKED: &str = "with a certificate asked for";
pub const ENDPOINT_OFF: &str = "with the endpoint off";

/// What may answer in place of API Gateway.
pub fn hiding(cell: &str) -> Hiding {
    let has = |wanted: &str| cell.split(", ").any(|part| part == wanted);
    let statuses = |of: &str| {
        let found = cell.split(", ").filter_map(|part| part.strip_prefix(of));
        found.map(|status| status.parse().unwrap()).collect()
    };
    Hiding {
        web_acl: has(BEHIND_WEB_ACL),
        host: has(UNREAD_POLICIES),
        statuses: statuses(REFUSED_AS),
        pages: statuses(PAGED),
        aside: has(ASIDE).then(|| "/prod/*".to_owned()),
        rewritten: has(REWRITTEN),
    }
}

/// What stands in backticks, put together.
pub fn answer(cell: &str, api: OriginType) -> Answer {
    if cell == "none" {
        return Answer::Failed("no answer".into());
    }
    if cell == "an end, for want of a certificate" {
        return Answer::EndedForCertificate("the connection was closed".into());
    }
    let (mut status, mut headers, mut body, mut address) = (0, BTreeMap::new(), String::new(), None);
    let mut header = |name: &str, value: &str| drop(headers.insert(name.to_owned(), value.to_owned()));
    for part in cell.split('`').skip(1).step_by(2) {
        if let Ok(number) = part.parse() {
            status = number;
            continue;
        }
        if let Ok(found) = part.parse() {
            address = Some(found);
            continue;
        }
        match (part, api) {
            ("marked", OriginType::Http) => header("apigw-requestid", "x"),
            ("marked", _) => {
                header("x-amzn-requestid", "x");
                header("x-amz-apigw-id", "x");
            }
            ("page", _) => {
                header("server", "CloudFront");
                header("content-type", "text/html");
            }
            (part, _) => match part.split_once(": ").filter(|_| !part.starts_with('{')) {
                Some((name, value)) => header(name, value),
                None if part.ends_with("Exception") => header("x-amzn-errortype", part),
                None => part.clone_into(&mut body),
            },
        }
    }
    Answer::Http {
        status,
        headers,
        body,
        address,
    }
}

pub fn who(name: &str) -> Who {
    match name {
        "nobody" => Who::Nobody,
        "private network" => Who::PrivateNetwork,
        "CloudFront" => Who::CloudFront,
        "WAF" => Who::Waf,
        "signer" => Who::Signer,
        "API Gateway" => Who::ApiGateway,
        "backend" => Who::Backend,
        "unknown" => Who::Unknown,
        other => panic!("{other:?} is nobody"),
    }
}

pub fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Reached { .. } => "reached",
        Verdict::Refused { .. } => "refused",
        Verdict::KeyMissing { .. } => "key missing",
        Verdict::AuthorizerFirst { .. } => "authorizer first",
        Verdict::CertificateAsked => "certificate asked",
        Verdict::EndpointOff { .. } => "endpoint off",
        Verdict::NoRoute => "no route",
        Verdict::Throttled => "throttled",
        Verdict::PrivateNetwork { .. } => "private network",
        Verdict::BlockedByWebAcl => "blocked by the web ACL",
        Verdict::StageWebAcl { .. } => "web ACL of the stage",
        Verdict::BlockedByCountry => "blocked by country",
        Verdict::EdgeFailed { .. } => "edge failed",
        Verdict::SignerRefused { .. } => "signer refused",
        Verdict::Ambiguous { .. } => "ambiguous",
        Verdict::Cached { .. } => "cached",
        Verdict::Unmarked { .. } => "unmarked",
        Verdict::Unanswered { .. } => "unanswered",
    }
}

pub fn probe(way: Way, api: OriginType, asks: Option<Asks>, before: Option<Class>) -> Probe {
    Probe {
        way,
        host: "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into(),
        connect: None,
        method: ProbeMethod::Get,
        path: "/".into(),
        headers: vec![],
        web_socket: api == OriginType::WebSocket,
        certificate: None,
        known: Known {
            api,
            asks,
            before,
            has_token: false,
            hiding: Hiding::default(),
            by_certificate: false,
            is_endpoint_off: false,
        },
    }
}
