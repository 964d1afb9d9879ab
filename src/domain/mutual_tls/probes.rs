//! What is asked past the perimeter, with the certificate in memory and without, and what the answers show of the handshake.
//!
//! A handshake is refused before any route is looked at: whatever an API's own authorizer, policy or route says, its caller got through.

use super::Inputs;
use super::origin_domain::known::target;
use crate::api::ErrorNamed;
use crate::domain::access::probe::{Known, Probe, Verdict, Way};
use crate::domain::kernel::planning::Plan;
use crate::domain::kernel::secret::Secret;
use std::collections::BTreeMap;

/// The probe of the origin's name without a certificate; `None` where none may be sent.
#[must_use]
pub fn origin(inputs: &Inputs<'_>) -> Option<Probe> {
    probe(inputs, Way::Origin, None)
}

/// The same with the certificate in memory; `None` where there is none, or none may be sent.
#[must_use]
pub fn certificate(inputs: &Inputs<'_>) -> Option<Probe> {
    let pair = inputs.seen.pair.as_ref()?;
    let shown = (pair.leaf.clone(), pair.key.clone());
    probe(inputs, Way::Certificate, Some(shown))
}

/// Ways on which a probe can only disprove: beside an authorizer of the API's own, nobody can tell whose a 403 is, and what API Gateway
/// says to a handshake for another name is not written down.
pub const DISPROOF: [Way; 2] = [Way::Stranger, Way::Fronted];

/// The same with a certificate of nobody's: whoever sends it makes one.
#[must_use]
pub fn stranger(inputs: &Inputs<'_>) -> Option<Probe> {
    probe(inputs, Way::Stranger, None)
}

/// The same without a certificate, in a handshake that names API Gateway's own name for the custom domain name; `None` as well where
/// that is not known.
#[must_use]
pub fn fronted(inputs: &Inputs<'_>) -> Option<Probe> {
    let (target, _) = target(inputs)?;
    Some(Probe {
        connect: Some(target),
        ..probe(inputs, Way::Fronted, None)?
    })
}

/// Whether an answer shows that whoever asked this way reached the API. Where a refusal proves nothing, only what API Gateway never says
/// by itself shows that. A default endpoint that is off says 404 as well: where nobody can tell whose that is, it shows nothing.
#[must_use]
pub fn is_open(way: Way, answer: &Verdict) -> bool {
    if matches!(way, Way::Direct | Way::Next) {
        return lets_in(answer) && !matches!(answer, Verdict::Ambiguous { status: 404, .. });
    }
    if !DISPROOF.contains(&way) {
        return lets_in(answer);
    }
    match answer {
        Verdict::Reached { status } => *status < 400,
        Verdict::AuthorizerFirst { status, .. } => *status == 401,
        _ => false,
    }
}

/// The first way by which the custom domain name let in who showed no certificate, or one of nobody's.
#[must_use]
pub fn open_way(answers: &BTreeMap<Way, Verdict>) -> Option<Way> {
    let mut ways = [Way::Origin].into_iter().chain(DISPROOF);
    ways.find(|way| answers.get(way).is_some_and(|answer| is_open(*way, answer)))
}

/// Whether there is one.
#[must_use]
pub fn is_origin_open(inputs: &Inputs<'_>) -> bool {
    open_way(inputs.probes).is_some()
}

/// Whether probes are sent at all: they are wanted, and some method may be asked.
#[must_use]
pub fn is_probed(inputs: &Inputs<'_>) -> bool {
    origin(inputs).is_some()
}

/// As CloudFront would ask: its own path before the viewer's.
fn probe(inputs: &Inputs<'_>, way: Way, certificate: Option<(String, Secret)>) -> Option<Probe> {
    let desired = inputs.desired.filter(|desired| desired.probes)?;
    let asked = inputs.asked.as_ref().filter(|asked| asked.method.is_safe())?;
    let path = format!("{}{}", desired.origin_path, asked.path);
    Some(Probe {
        method: asked.method,
        headers: asked.headers.clone(),
        certificate,
        known: Known {
            by_certificate: true,
            ..asked.known.clone()
        },
        ..Probe::plain(way, &desired.origin_domain, &path)
    })
}

/// Adds a probe, unless it was sent in this pass or is planned.
pub(super) fn add<A>(inputs: &Inputs<'_>, probe: Option<Probe>, plan: &mut Plan<A, Probe>) {
    let Some(probe) = probe else { return };
    if !is_asked(inputs, probe.way, plan) {
        plan.probes.push(probe);
    }
}

/// Whether a probe was sent this way in this pass, or is planned.
pub(super) fn is_asked<A>(inputs: &Inputs<'_>, way: Way, plan: &Plan<A, Probe>) -> bool {
    inputs.probes.contains_key(&way) || plan.probes.iter().any(|probe| probe.way == way)
}

/// Whether whoever asked got through the handshake: what answered is the API, or what it asks its own callers for.
#[must_use]
pub fn lets_in(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Reached { .. }
        | Verdict::KeyMissing { .. }
        | Verdict::AuthorizerFirst { .. }
        | Verdict::NoRoute => true,
        Verdict::Refused { status, error, .. } => *status == 401 || is_by_the_api(*error),
        // A certificate that is not accepted is answered with 403, and with nothing else.
        Verdict::Ambiguous { status, .. } => *status != 403 && *status < 500,
        _ => false,
    }
}

/// Whether whoever asked was refused for want of an accepted certificate, or because the endpoint is switched off.
#[must_use]
pub fn refuses(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::CertificateAsked | Verdict::EndpointOff { .. } => true,
        Verdict::Refused { status, error, .. } => *status == 403 && !is_by_the_api(*error),
        _ => false,
    }
}

/// Whether a viewer was kept out on the way from CloudFront to the API.
#[must_use]
pub fn keeps_out(viewer: &Verdict) -> bool {
    refuses(viewer) || matches!(viewer, Verdict::EdgeFailed { .. })
}

/// Whether a viewer may have been refused for the client certificate: beside an authorizer of the API's own, nobody can tell whose a 403 is.
#[must_use]
pub fn may_refuse(verdict: &Verdict) -> bool {
    let is_unclear = matches!(
        verdict,
        Verdict::EdgeFailed { .. } | Verdict::Ambiguous { status: 403, .. }
    );
    is_unclear || refuses(verdict)
}

/// Whether what certificates are accepted is to be read at once: by the probe through the perimeter viewers may be refused for theirs.
#[must_use]
pub(super) fn is_viewer_in_doubt(inputs: &Inputs<'_>) -> bool {
    inputs.probes.get(&Way::Viewer).is_some_and(may_refuse)
}

/// Whether API Gateway named an error that it comes to behind the handshake only.
fn is_by_the_api(error: Option<ErrorNamed>) -> bool {
    matches!(
        error,
        Some(ErrorNamed::Unsigned | ErrorNamed::Signature | ErrorNamed::Authorizer | ErrorNamed::Denied)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::object_fixtures::{Fixture, PAIR_CA};

    fn refused(status: u16, error: Option<ErrorNamed>) -> Verdict {
        let said = "Forbidden".to_owned();
        Verdict::Refused { status, error, said }
    }

    #[test]
    fn what_the_api_itself_says_shows_that_the_handshake_was_let_through() {
        let authorizer = Verdict::AuthorizerFirst {
            status: 401,
            said: "Unauthorized".into(),
        };
        let ambiguous = Verdict::Ambiguous {
            status: 404,
            why: String::new(),
        };
        for verdict in [
            Verdict::Reached { status: 500 },
            Verdict::KeyMissing { status: 403 },
            Verdict::NoRoute,
            authorizer,
            ambiguous,
            refused(401, None),
            refused(403, Some(ErrorNamed::Denied)),
            refused(403, Some(ErrorNamed::Unsigned)),
        ] {
            assert!(lets_in(&verdict) && !refuses(&verdict), "{verdict:?}");
        }
    }

    #[test]
    fn a_certificate_that_is_asked_for_and_a_403_of_nobodys_are_refusals() {
        for verdict in [
            Verdict::CertificateAsked,
            Verdict::EndpointOff { status: 404 },
            refused(403, None),
            refused(403, Some(ErrorNamed::Forbidden)),
        ] {
            assert!(refuses(&verdict) && !lets_in(&verdict), "{verdict:?}");
        }
    }

    #[test]
    fn a_403_of_which_nobody_can_tell_whose_it_is_may_be_for_the_certificate() {
        let ambiguous = |status| Verdict::Ambiguous {
            status,
            why: String::new(),
        };
        assert!(may_refuse(&ambiguous(403)) && may_refuse(&refused(403, None)));
        assert!(!may_refuse(&ambiguous(404)) && !may_refuse(&Verdict::Reached { status: 403 }));
    }

    #[test]
    fn what_tells_nothing_is_neither() {
        let ambiguous = Verdict::Ambiguous {
            status: 403,
            why: String::new(),
        };
        let unanswered = Verdict::Unanswered { why: String::new() };
        for verdict in [
            ambiguous,
            unanswered,
            Verdict::Throttled,
            Verdict::BlockedByWebAcl,
        ] {
            assert!(!refuses(&verdict) && !lets_in(&verdict), "{verdict:?}");
        }
    }

    #[test]
    fn probes_ask_as_cloudfront_would_and_only_the_one_shows_the_certificate() {
        let mut fixture = Fixture::new();
        fixture.seen.pair = Some(Fixture::pair(PAIR_CA));
        fixture.desired.origin_path = "/v1".into();
        let inputs = fixture.inputs();
        let (origin, certificate) = (origin(&inputs).unwrap(), certificate(&inputs).unwrap());
        assert_eq!(origin.host, "origin.example.com");
        assert_eq!(origin.path, "/v1/pets");
        assert_eq!(certificate.path, origin.path);
        assert!(origin.certificate.is_none() && certificate.certificate.is_some());
        assert!(origin.known.by_certificate && certificate.known.by_certificate);
    }

    #[test]
    fn a_handshake_for_another_name_is_asked_at_api_gateways_own() {
        let fixture = Fixture::ready();
        let probe = fronted(&fixture.inputs()).unwrap();
        assert_eq!(probe.host, "origin.example.com");
        assert!(probe.connect.unwrap().starts_with("d-"));
        assert_eq!(fronted(&Fixture::new().inputs()), None, "it is not known yet");
    }

    #[test]
    fn what_can_only_disprove_does_so_by_what_api_gateway_never_says_itself() {
        let not_found = Verdict::Ambiguous {
            status: 404,
            why: String::new(),
        };
        let asked = Verdict::AuthorizerFirst {
            status: 401,
            said: "Unauthorized".into(),
        };
        for way in DISPROOF {
            for answer in [&not_found, &refused(403, None), &Verdict::Reached { status: 403 }] {
                assert!(!is_open(way, answer), "{answer:?}");
            }
            assert!(is_open(way, &asked) && is_open(way, &Verdict::Reached { status: 200 }));
        }
        assert!(is_open(Way::Origin, &not_found));
    }

    #[test]
    fn a_404_that_may_be_of_an_endpoint_that_is_off_shows_neither_that_nor_that_somebody_got_in() {
        let ambiguous = |status| Verdict::Ambiguous {
            status,
            why: String::new(),
        };
        for way in [Way::Direct, Way::Next] {
            assert!(!is_open(way, &ambiguous(404)) && is_open(way, &ambiguous(400)));
        }
        assert!(!refuses(&ambiguous(404)));
    }

    #[test]
    fn the_way_that_is_open_is_the_origins_name_before_those_that_can_only_disprove() {
        let reached = || Verdict::Reached { status: 200 };
        let mut answers = BTreeMap::from([(Way::Direct, reached()), (Way::Origin, refused(403, None))]);
        assert_eq!(open_way(&answers), None, "the default endpoint is none of them");
        for (way, first) in [(Way::Fronted, Way::Fronted), (Way::Origin, Way::Origin)] {
            answers.insert(way, reached());
            assert_eq!(open_way(&answers), Some(first));
        }
    }

    #[test]
    fn no_probe_is_sent_where_none_is_wanted_or_no_method_may_be_asked() {
        let mut fixture = Fixture::new();
        fixture.asked = None;
        assert!(!is_probed(&fixture.inputs()));
        let mut fixture = Fixture::new();
        fixture.desired.probes = false;
        assert!(!is_probed(&fixture.inputs()));
    }
}
