//! What probes prove under mutual TLS: viewers get in by the client certificate that CloudFront shows, and nobody does past the
//! perimeter, neither at the default endpoint nor at the origin's name. With a certificate of nobody's, or in a handshake that names
//! another name, a probe can only disprove.

use crate::api::Enforcement;
use crate::domain::access::probe::{Verdict as Shown, Way};
use crate::domain::access::probing::verdicts::said;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::Desired;
use crate::domain::mutual_tls::probes::{DISPROOF, is_open, lets_in, refuses};
use crate::domain::perimeter::observed::Observed;
use crate::domain::status::conditions::Verdict;

/// The two ways past the perimeter that have to be refused.
const PAST: [Way; 2] = [Way::Direct, Way::Origin];

/// What an answer through the perimeter proves; `None` where it proves nothing of the certificate.
pub(in crate::domain::status) fn viewer(
    desired: &Desired,
    is: &'static str,
    url: &str,
    answer: &Shown,
) -> Option<Verdict> {
    if lets_in(answer) {
        let message = format!("{url}: {}", said(answer));
        return Some(Verdict::yes(is, Reason::ViewerReached, message));
    }
    if matches!(answer, Shown::Ambiguous { status: 403, .. }) {
        let message = format!(
            "{url}: {}, which is also how API Gateway refuses a client certificate that it does not accept: the truststore of {} is read \
             at once, and AccessRestricted tells what is wrong with it. Where nothing is, give probes what the API accepts \
             (spec.access.probe), or set spec.origin.probePath",
            said(answer),
            desired.origin_domain
        );
        return Some(Verdict::unknown(is, Reason::ProbeAmbiguous, message));
    }
    let is_refused = matches!(answer, Shown::Refused { .. } | Shown::CertificateAsked);
    is_refused.then(|| {
        let message = format!(
            "{url}: viewers are refused, as a probe through the perimeter was: {}. Look whether {} still asks for the perimeter's \
             truststore and leads to stage {} (AccessRestricted), and whether the API's resource policy denies the request",
            said(answer),
            desired.origin_domain,
            desired.gate.stage
        );
        Verdict::no(is, Reason::ClientCertificateRefused, message)
    })
}

/// What the answers past the perimeter prove; `None` where not both of them are there, and the one that is lets nobody in.
pub(in crate::domain::status) fn past(
    desired: &Desired,
    observed: &Observed,
    is: &'static str,
    unclear: impl Fn(&Shown) -> (Reason, String),
) -> Option<Verdict> {
    let asked = |way: Way| {
        let host = match way {
            Way::Origin | Way::Stranger | Way::Fronted => &desired.origin_domain,
            _ => &desired.gate.host,
        };
        observed.asked.get(&way).unwrap_or(host)
    };
    let answer = |way: Way| Some((way, observed.probes.get(&way)?));
    let answers = PAST.map(answer);
    let others = DISPROOF.map(answer);
    let mut answered = answers.iter().chain(&others).flatten();
    if let Some((way, answer)) = answered.find(|(way, answer)| is_open(*way, answer)) {
        let message = format!(
            "{} {}: {}, so the API is reached past the perimeter; {}",
            asked(*way),
            shown(*way),
            said(answer),
            remedy(desired, *way)
        );
        return Some(Verdict::no(is, Reason::DirectAccessOpen, message));
    }
    let [Some(direct), Some(origin)] = answers else {
        return None;
    };
    let told = |(way, answer): (Way, &Shown)| format!("{}: {}", asked(way), said(answer));
    let unproven = [direct, origin].into_iter().find(|(_, answer)| !refuses(answer));
    if let Some((way, answer)) = unproven {
        let (reason, message) = unclear(answer);
        let message = format!(
            "{} without a client certificate proves nothing: {message}",
            asked(way)
        );
        return Some(Verdict::unknown(is, reason, message));
    }
    let message = format!("{}; {}", told(direct), told(origin));
    Some(Verdict::yes(is, Reason::DirectRefused, message))
}

/// What a probe past the perimeter shows.
pub(super) fn shown(way: Way) -> &'static str {
    match way {
        Way::Stranger => "with a client certificate that nobody signed but itself",
        Way::Fronted => {
            "without a client certificate, in a handshake that names API Gateway's own name for it"
        }
        _ => "without a client certificate",
    }
}

fn remedy(desired: &Desired, way: Way) -> &'static str {
    match (desired.enforcement, way) {
        (_, Way::Origin | Way::Stranger | Way::Fronted) => {
            "look whether another tool took the truststore off the custom domain name (mutualTlsAuthentication)"
        }
        (Enforcement::Observe, _) => {
            "the default endpoint is not switched off under spec.access.enforcement Observe; AccessRestricted says what does"
        }
        (Enforcement::Enforce, _) => {
            "AccessRestricted says what keeps the default endpoint from being switched off. Where nothing does, look whether another \
             tool has switched it on"
        }
    }
}
