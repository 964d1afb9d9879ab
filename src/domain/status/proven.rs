//! `ViewerAccessVerified` and `DirectAccessBlocked`: what probes through the perimeter and past it prove.

use super::conditions::{Mode, Pass, Verdict};
use super::enforcement::enforcement;
use super::meanwhile::{is_awaited, is_held_by_earlier};
use super::mutual_tls::probed as by_certificate;
use super::said_before::{before_refusal, repeated, said_last};
use super::unseen::{gone, while_deleting};
use crate::api::Enforcement;
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::lock::Routes;
use crate::domain::access::obstacles::asks_left_behind;
use crate::domain::access::probe::{Verdict as Shown, Way};
use crate::domain::access::probing::at_the_edge::{DEPLOYING, is_telling};
use crate::domain::access::probing::probed::{asks_callers_for_signatures, probed};
use crate::domain::access::probing::verdicts::{asks_callers, direct_unknown, not_proven, said};
use crate::domain::access::probing::{may_be_asked, url};
use crate::domain::access::proof::Proof;
use crate::domain::access::words::{agreed, nothing_to_probe as nothing_to_probe_words};
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;

/// What the probes of one way are judged by, where it is known what they were to ask.
struct Probes<'a> {
    pass: &'a Pass<'a>,
    observed: &'a Observed,
    /// Whether the API is to be locked.
    enforcement: Enforcement,
    /// What is declared of mutual TLS, where that is the mode.
    mutual_tls: Option<&'a mutual_tls::Desired>,
    declared: &'a Wanted<'a>,
    inputs: &'a Inputs<'a>,
    /// `AccessRestricted`.
    restricted: &'a Verdict,
    /// The condition.
    is: &'static str,
    way: Way,
}

/// What the probes that go this way prove; `restricted` is `AccessRestricted`.
pub(super) fn proven(pass: &Pass<'_>, is: &'static str, way: Way, restricted: &Verdict) -> Verdict {
    if matches!(pass.mode, Mode::Delete | Mode::DeleteSuspended) {
        return while_deleting(pass, is);
    }
    if pass.access().is_some_and(|access| !access.probes) {
        return Verdict::unknown(
            is,
            Reason::ProbesDisabled,
            "spec.probes is Disabled: nothing is proven by a request",
        );
    }
    if let Some(gone) = gone(pass) {
        let message = format!("{}, so nothing answers: AccessRestricted says more", gone.what);
        return match way {
            Way::Viewer => Verdict::no(is, gone.reason, message),
            Way::Direct | Way::Next | Way::Origin | Way::Certificate | Way::Stranger | Way::Fronted => {
                Verdict::unknown(is, gone.reason, message)
            }
        };
    }
    let looked_at = pass.desired.zip(pass.observed).or(pass.stood);
    let Some((all, observed)) = looked_at else {
        return before_refusal(pass, is).unwrap_or_else(|| lapsed(not_probed(pass, is, restricted), way));
    };
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    // Until the mode before has given way, its lock is what probes meet.
    let is_met = match way {
        Way::Direct => inputs.is_endpoint_off,
        _ => inputs.is_by_certificate,
    };
    let is_left = all.mutual_tls.as_ref().is_some_and(|wanted| wanted.leaves);
    let is_before = is_left || all.access.awaited.is_some() || is_held_by_earlier(pass, all, observed);
    let probes = Probes {
        pass,
        observed,
        enforcement: enforcement(all),
        mutual_tls: all.mutual_tls.as_ref().filter(|_| is_met || !is_before),
        declared: &declared,
        inputs: &inputs,
        restricted,
        is,
        way,
    };
    if observed.failed.contains(&Kind::Access) && probed(&declared, &inputs).is_none() {
        return Verdict::unknown(is, Reason::NotProbedYet, NOTHING_READ);
    }
    if let Some(desired) = probes.mutual_tls.filter(|_| way == Way::Direct) {
        return probes.past_by_certificate(desired);
    }
    let answered = observed.probes.get(&way).zip(url(&declared, &inputs, way));
    let Some((proof, url)) = answered else {
        return put_back(observed, is)
            .or_else(|| probes.nothing_to_probe())
            .or_else(|| probes.until_deployed())
            .unwrap_or_else(|| probes.unprobed());
    };
    if asked_otherwise(all, observed, way) {
        let moved = || Verdict::unknown(is, Reason::NotProbedYet, words_of_moved(&url));
        return probes.nothing_to_probe().unwrap_or_else(moved);
    }
    let is_open = way == Way::Direct && proof.gets_in();
    if let Some(trouble) = observed.token.trouble.as_ref().filter(|_| !is_open) {
        return Verdict::unknown(is, Reason::ProbeSecretUnreadable, trouble);
    }
    if let Some(known) = known_left_behind(pass, observed, is, proof) {
        return known;
    }
    match way {
        Way::Viewer => probes.viewer(&url, proof),
        Way::Direct | Way::Next | Way::Origin | Way::Certificate | Way::Stranger | Way::Fronted => {
            probes.direct(&url, proof)
        }
    }
}

/// Whether the probe that went this way asked for something else than one would by what was read since: its answer tells nothing.
pub(super) fn asked_otherwise(all: &Desired, observed: &Observed, way: Way) -> bool {
    let by_now = url(&all.of_access(), &observed.access_inputs(all), way);
    let asked = observed.asked.get(&way);
    asked.is_some_and(|asked| by_now.as_ref() != Some(asked))
}

/// Whose authorizer or key an answer comes of is known by the routes: until they are read again, what was read counts.
fn known_left_behind(
    pass: &Pass<'_>,
    observed: &Observed,
    is: &'static str,
    proof: &Shown,
) -> Option<Verdict> {
    let may_be = matches!(
        proof,
        Shown::AuthorizerFirst { .. }
            | Shown::KeyMissing { .. }
            | Shown::Reached { status: 500.. }
            | Shown::Ambiguous { status: 500.., .. }
    );
    let known = repeated(pass, is).filter(|known| known.reason == Reason::LeftBehind);
    known.filter(|_| may_be && observed.access.present().is_none())
}

/// Why nothing can be probed where the API cannot be read.
const NOTHING_READ: &str = "what the API has could not be read, so no path is known that a probe may ask for: mend what \
                            AccessRestricted says, or set spec.origin.probePath";

/// What was probed is not what the API, as it was read since, has a probe ask for.
fn words_of_moved(url: &str) -> String {
    format!(
        "no probe was sent yet to {url}, which is what a probe asks for since the API was read again; it is sent by itself"
    )
}

/// After a lock was put back, what a probe was answered meanwhile says nothing of what stands now.
fn put_back(observed: &Observed, is: &'static str) -> Option<Verdict> {
    let phase = observed.access.present()?.marks.cut_over.as_ref()?;
    let message = "the lock was put back, and what stands now is probed with the next attempt; AccessRestricted says what the \
                   probes of this one met";
    phase
        .backoff(observed.pass.at)
        .map(|_| Verdict::unknown(is, Reason::NotProbedYet, message))
}

/// As long as the earlier proof is what locks the API, what was proven of it stands.
fn of_earlier(pass: &Pass<'_>, is: &'static str, restricted: &Verdict) -> Option<Verdict> {
    let before = said_last(pass, is).filter(|before| before.status == "True")?;
    is_awaited(restricted).then_some(before)
}

/// What no probe looks at any more is not called blocked.
fn lapsed(known: Verdict, way: Way) -> Verdict {
    if way != Way::Direct || known.status != "True" {
        return known;
    }
    let message = "the last probe past the perimeter was refused; another one is due, and could not be sent";
    Verdict::unknown(known.is, Reason::NotProbedYet, message)
}

fn not_probed(pass: &Pass<'_>, is: &'static str, restricted: &Verdict) -> Verdict {
    let unknown = || Verdict::unknown(is, Reason::NotProbedYet, "no probe was sent yet");
    let refused = || before_refusal(pass, is).unwrap_or_else(unknown);
    repeated(pass, is)
        .or_else(|| of_earlier(pass, is, restricted))
        .unwrap_or_else(refused)
}

impl Probes<'_> {
    fn routes(&self) -> Option<Routes<'_>> {
        Routes::of(self.declared, self.inputs)
    }

    /// While CloudFront deploys, what was known of the same spec counts until a probe tells anew.
    fn until_deployed(&self) -> Option<Verdict> {
        let (pass, is) = (self.pass, self.is);
        let is_held_back = self.way == Way::Viewer && !is_telling(self.inputs);
        let known = || {
            let known = repeated(pass, is).or_else(|| of_earlier(pass, is, self.restricted));
            known.filter(|known| known.reason != Reason::NotProbedYet)
        };
        is_held_back.then(|| known().unwrap_or_else(|| Verdict::unknown(is, Reason::NotProbedYet, DEPLOYING)))
    }

    /// What is told where no probe was sent in this pass. The way past the perimeter is not called blocked where an open route
    /// was read, nor once it is not probed any more by its interval: what may be asked for only after a read, by that of the
    /// reads.
    fn unprobed(&self) -> Verdict {
        let known = not_probed(self.pass, self.is, self.restricted);
        if self.way != Way::Direct || known.status != "True" {
            return known;
        }
        if let Some(open) = self.read_as_open() {
            return open;
        }
        let is_over = if self.may_be_asked() {
            self.observed.due.probes
        } else {
            self.observed.due.overdue
        };
        if is_over { lapsed(known, self.way) } else { known }
    }

    /// The way past the perimeter, where routes were read that let anybody in.
    fn read_as_open(&self) -> Option<Verdict> {
        // Under mutual TLS nobody comes to a route who shows no certificate, whatever the route asks for.
        let is_asked = self.way == Way::Direct && self.mutual_tls.is_none();
        let routes = self.routes().filter(|_| is_asked)?;
        let open = routes.open_to_anybody();
        (!open.is_empty()).then(|| {
            let message = format!(
                "{} anybody in past the perimeter, as was read; {}",
                agreed(&open, "lets", "let"),
                self.open_remedy()
            );
            Verdict::no(self.is, Reason::DirectAccessOpen, message)
        })
    }

    /// Whether there is what a probe of this way may ask for.
    fn may_be_asked(&self) -> bool {
        let probed = probed(self.declared, self.inputs);
        probed.is_some_and(|probed| may_be_asked(self.inputs, &probed, self.way))
    }

    /// Where there is nothing that a probe may ask for, as far as the API was read: what was read to be open is told as that.
    fn nothing_to_probe(&self) -> Option<Verdict> {
        self.observed.access.present()?;
        if self.may_be_asked() {
            return None;
        }
        let unknown = || {
            let message = nothing_to_probe_words(self.declared.access);
            Verdict::unknown(self.is, Reason::NothingToProbe, message)
        };
        Some(self.read_as_open().unwrap_or_else(unknown))
    }

    /// The ways past the perimeter under mutual TLS: the default endpoint, and the origin's name without a certificate.
    fn past_by_certificate(&self, desired: &mutual_tls::Desired) -> Verdict {
        let unclear = |answer: &Shown| direct_unknown(self.declared, self.inputs, answer);
        let told = by_certificate::past(desired, self.observed, self.is, unclear)
            .or_else(|| self.nothing_to_probe())
            .unwrap_or_else(|| self.unprobed());
        self.unless_others_get_in(told)
    }

    /// Who shows a certificate of others gets in where a probe without one does not.
    fn unless_others_get_in(&self, told: Verdict) -> Verdict {
        let restricted = self.restricted;
        let is_so = restricted.status == "False" && restricted.reason == Reason::ForeignAuthority;
        if told.status != "True" || !is_so {
            return told;
        }
        let message = "a probe without a client certificate is refused, but whoever has one of others may get in: AccessRestricted says \
                       more";
        Verdict::no(self.is, Reason::ForeignAuthority, message)
    }

    fn viewer(&self, url: &str, proof: &Shown) -> Verdict {
        let is = self.is;
        let desired = self.mutual_tls;
        if let Some(verdict) = desired.and_then(|desired| by_certificate::viewer(desired, is, url, proof)) {
            return verdict;
        }
        if let Some(why) = asks_left_behind::answered(self.declared, self.inputs, proof) {
            return Verdict::no(is, Reason::LeftBehind, format!("{url}: {why}"));
        }
        let is_key_missing =
            matches!(proof, Shown::KeyMissing { .. }) && self.declared.access.proof != Proof::Key;
        if is_key_missing || matches!(proof, Shown::Reached { .. }) {
            return Verdict::yes(is, Reason::ViewerReached, format!("{url}: {}", said(proof)));
        }
        let is_refused = matches!(proof, Shown::Refused { .. });
        if is_refused && asks_callers_for_signatures(self.declared, self.inputs) {
            let why = asks_callers(proof);
            return Verdict::unknown(is, Reason::NothingToProbe, format!("{url}: {why}"));
        }
        let (reason, message) = not_proven(self.declared, self.inputs, proof);
        let message = format!("{url}: {message}");
        let is_unknown = matches!(
            proof,
            Shown::AuthorizerFirst { .. }
                | Shown::Ambiguous { .. }
                | Shown::Throttled
                | Shown::PrivateNetwork { .. }
        );
        if is_unknown {
            return Verdict::unknown(is, reason, message);
        }
        Verdict::no(is, reason, message)
    }

    fn direct(&self, url: &str, proof: &Shown) -> Verdict {
        let is = self.is;
        let url = format!("{url} without any proof");
        if let Some(why) = asks_left_behind::answered(self.declared, self.inputs, proof) {
            return Verdict::unknown(is, Reason::LeftBehind, format!("{url} proves nothing: {why}"));
        }
        match proof {
            Shown::Refused { .. } => self.other_door(&url, proof).unwrap_or_else(|| {
                Verdict::yes(is, Reason::DirectRefused, format!("{url}: {}", said(proof)))
            }),
            Shown::Reached { .. } => Verdict::no(
                is,
                Reason::DirectAccessOpen,
                format!(
                    "{url}: {}, so anybody may call it past the perimeter; {}",
                    said(proof),
                    self.open_remedy()
                ),
            ),
            Shown::KeyMissing { .. } => Verdict::no(
                is,
                Reason::DirectAccessOpen,
                format!(
                    "{url}: {}, and whoever has one may call it past the perimeter; {}",
                    said(proof),
                    self.open_remedy()
                ),
            ),
            proof => {
                let (reason, message) = direct_unknown(self.declared, self.inputs, proof);
                Verdict::unknown(is, reason, format!("{url} proves nothing: {message}"))
            }
        }
    }

    /// What to do about a method that answers past the perimeter.
    fn open_remedy(&self) -> &'static str {
        match self.enforcement {
            Enforcement::Observe => {
                "nothing is locked under spec.access.enforcement Observe; AccessRestricted says what locks it"
            }
            // That has nothing to say but what is said here.
            Enforcement::Enforce if self.restricted.reason == Reason::DirectAccessOpen => {
                "look whether another tool changed or deployed the stage, or gave it a canary"
            }
            Enforcement::Enforce if self.restricted.status == "False" => {
                "AccessRestricted says what keeps it from being locked"
            }
            Enforcement::Enforce => {
                "AccessRestricted says what keeps it from being locked. Where nothing does, look whether another tool changed \
                 or deployed the stage, or gave it a canary"
            }
        }
    }

    /// Routes that let anybody in beside the one that was probed. Under `Observe`, where a probe is no cause to read them, and
    /// where they cannot be read, what was read of them counts until they are read again.
    fn other_door(&self, url: &str, proof: &Shown) -> Option<Verdict> {
        let Some(routes) = self.routes() else {
            let is_observed = self.enforcement == Enforcement::Observe;
            let is_unreadable = self.observed.failed.contains(&Kind::Access) || self.pass.observed.is_none();
            let before = repeated(self.pass, self.is).filter(|_| is_observed || is_unreadable);
            return before.filter(|before| before.reason == Reason::DirectAccessOpen);
        };
        let open = routes.open_to_anybody();
        (!open.is_empty()).then(|| {
            let message = format!(
                "{url}: {}; but {} anybody in past the perimeter; {}",
                said(proof),
                agreed(&open, "lets", "let"),
                self.open_remedy()
            );
            Verdict::no(self.is, Reason::DirectAccessOpen, message)
        })
    }
}
