//! `AccessRestricted` while another mode takes the place of mutual TLS.

use super::conditions::{Pass, Verdict, types};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::leaving::Stage;

/// Where the way back stands; `None` where no client certificate is left.
pub(super) fn stage<'a>(pass: &Pass<'a>) -> Option<Stage<'a>> {
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    observed.way_back(desired)
}

/// What is said of the API: by the lock that stands, with where the way back stands. As long as that is the client certificate's, the API
/// is not locked as the spec asks.
pub(super) fn told(
    pass: &Pass<'_>,
    stage: &Stage<'_>,
    by_certificate: Verdict,
    by_routes: Verdict,
) -> Verdict {
    let is = types::ACCESS_RESTRICTED;
    let Some((desired, observed)) = pass.desired.zip(pass.observed) else {
        return by_routes;
    };
    let said = desired.mutual_tls.as_ref().map(|declared| stage.says(declared));
    let said = said.unwrap_or_default();
    let is_off = observed.access_inputs(desired).is_endpoint_off;
    let (holds, lacks) = (by_certificate.status == "True", by_routes.status != "True");
    match (is_off && holds, lacks) {
        (true, true) => {
            let message = format!(
                "{}. Until then: {}",
                with(by_certificate.message, &said),
                by_routes.message
            );
            Verdict::yes(is, by_routes.reason, message).with_remedy(by_routes.remedy)
        }
        (true, false) => Verdict::yes(is, Reason::InProgress, with(by_certificate.message, &said)),
        (false, false) => Verdict::yes(is, Reason::InProgress, with(by_routes.message, &said)),
        (false, true) => {
            let read = if is_off { by_certificate } else { by_routes };
            let message = with(read.message, &said);
            Verdict { message, ..read }
        }
    }
}

/// `message`, with what is awaited, where that does not stand in it already.
fn with(message: String, said: &str) -> String {
    if message.contains(said) {
        return message;
    }
    format!("{message}; {said}")
}
