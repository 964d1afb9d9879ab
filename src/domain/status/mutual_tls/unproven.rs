//! The origin's name, as long as nothing shows that it asks for a certificate: API Gateway goes on serving what was there before while
//! it applies a change.

use super::Looked;
use super::probed::shown;
use crate::domain::access::probe::Way;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::{origin_domain, probes};
use crate::domain::status::conditions::{Verdict, is_true, types};
use crate::domain::status::said_before::said_last;

/// What is said of it; `None` where it asks for a certificate, as far as is known.
pub(super) fn origin(looked: &Looked<'_>) -> Option<Verdict> {
    let is = types::ACCESS_RESTRICTED;
    let name = &looked.desired.origin_domain;
    let answer = looked.inputs.probes.get(&Way::Origin);
    if let Some(way) = probes::open_way(looked.inputs.probes) {
        let message = format!(
            "{name} lets in who comes {}, as a probe was: see DirectAccessBlocked",
            shown(way)
        );
        return Some(Verdict::no(is, Reason::DirectAccessOpen, message));
    }
    if answer.is_some_and(probes::refuses) {
        return None;
    }
    let before = said_last(looked.pass, is);
    // No probe has asked since.
    let told = before.filter(|before| before.status == "False" && before.reason == Reason::DirectAccessOpen);
    if told.is_some() && looked.desired.probes && answer.is_none() {
        return told;
    }
    let found = looked.inputs.seen.domain.present();
    let is_unsettled = match found {
        Some(_) => origin_domain::is_unsettled(&looked.inputs),
        // What it asks for no list shows.
        None => !origin_domain::is_ready(&looked.inputs),
    };
    let was_locked = is_true(&looked.pass.previous.conditions, is);
    if was_locked || !is_unsettled {
        return None;
    }
    let message = match found {
        Some(found) => format!(
            "custom domain name {name} is {}: until API Gateway has applied its truststore, what was there before serves, and nothing shows \
             that it asks for a client certificate",
            found.content.status
        ),
        None => format!(
            "custom domain name {name} was not read, so nothing shows that it asks for a client certificate; it is read again by itself"
        ),
    };
    Some(Verdict::no(is, Reason::OtherDoorOpen, message))
}
