//! Where an API answers alike through the perimeter and past it: what that leaves of the verdicts.

use super::{Class, Known, Verdict};
use crate::api::{ErrorNamed, OriginType};

/// Where a locked API answers both ways alike. Of an HTTP API, as API Gateway words its own answers: a refusal of which nobody knows
/// what was answered before the lock may be the backend's, and what a backend says it does not know may be API Gateway's of
/// a stage that is gone. Neither proves anything then.
pub fn tell_apart(known: &Known, viewer: &mut Verdict, direct: &mut Verdict, classes: [Option<Class>; 2]) {
    let [of_viewer, of_direct] = classes;
    let Some(class) = of_viewer.filter(|_| of_viewer == of_direct && known.asks_for_proof()) else {
        return;
    };
    if known.api != OriginType::Http {
        return tell_apart_by_change(known, viewer, direct, class);
    }
    if !class.is_worded {
        return;
    }
    let is_doubtful = match (&*viewer, &*direct) {
        (Verdict::Refused { .. }, Verdict::Refused { .. }) => known.before.is_none(),
        (Verdict::Reached { .. }, Verdict::Reached { .. }) => class.status == 404,
        _ => false,
    };
    if is_doubtful {
        let both = answered_alike(class.status);
        *viewer = both.clone();
        *direct = both;
    }
}

/// What a viewer is answered as well need not be what a default endpoint says that is off: the switch may not be in effect, and then
/// the backend has answered. So may it have where what came to the viewer is not known to be the API's, and the answer is one
/// that a backend gives as well. `classes` are those of the viewer, and past the perimeter.
pub fn doubt_endpoint_off(viewer: &Verdict, past: &mut Verdict, classes: [Option<Class>; 2]) {
    let Verdict::EndpointOff { status } = *past else {
        return;
    };
    let [of_viewer, of_past] = classes;
    let is_compared = of_viewer.is_some() || !matches!(viewer, Verdict::Ambiguous { .. });
    if (of_viewer.is_some() && of_viewer == of_past) || (status == 404 && !is_compared) {
        *past = answered_alike(status);
    }
}

/// The same of a REST or WebSocket API. What names no refusal is one by its change alone: where it changed past the perimeter just
/// as through it, it is none of what the perimeter alone has, and where nobody knows of a change, it may be one.
fn tell_apart_by_change(known: &Known, viewer: &mut Verdict, direct: &mut Verdict, class: Class) {
    let is_nameless = class.names_no_refusal();
    match (&*viewer, &*direct) {
        (Verdict::Ambiguous { .. }, Verdict::Refused { .. }) => *direct = answered_alike(class.status),
        (Verdict::Refused { .. }, Verdict::Refused { .. }) if is_nameless => {
            *direct = answered_alike(class.status);
        }
        (Verdict::Reached { status: 300..500 }, Verdict::Ambiguous { .. })
            if is_nameless && known.before.is_none() =>
        {
            *viewer = answered_alike(class.status);
        }
        // Gateway responses that were not read yet may give refusals that name.
        (Verdict::Reached { status: 400..500 }, Verdict::Reached { .. })
            if class.error == Some(ErrorNamed::Other) && known.before.is_none() =>
        {
            *viewer = answered_alike(class.status);
        }
        _ => {}
    }
}

fn answered_alike(status: u16) -> Verdict {
    Verdict::Ambiguous {
        status,
        why: "a request through the perimeter is answered just like one past it".to_owned(),
    }
}
