//! What keeps a distribution from being given back, before anything of it is changed.
//!
//! The lock of the API stays as it is: nobody is let in past the distribution by a release. So viewers must get in with what the
//! distribution sent before.

use super::before::Before;
use super::refusals::refusal as of_field;
use crate::api::{AdoptionRefusal, Enforcement};
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::refused_roles::refusing;
use crate::domain::access::authorization::{self, AWS_IAM, Authorization};
use crate::domain::access::proof::Proof;
use crate::domain::pricing_plans::subscription::Subscription;

const FIELD: &str = "spec.distribution.adopt.release";
/// The reason of a release that was begun and is taken back.
pub const VIEWERS_REFUSED: &str = "ViewersRefused";

/// What is known of the lock of the API.
#[derive(Debug, Clone, Copy)]
pub struct Lock<'a> {
    /// What is wanted.
    pub wanted: &'a authorization::Desired,
    /// What the API asks for, once that was read.
    pub seen: Option<&'a authorization::Observed>,
    /// Whether the API was last said to be locked.
    pub is_locked: bool,
    /// Whether the distribution shows the API anything that lets viewers in.
    pub sends: bool,
    /// ARN of the role that the former function signs with.
    pub former_role: Option<&'a str>,
}

/// Why the distribution is not given back. `gone`: what it needs and is not there any more.
#[must_use]
pub fn refusals(before: Option<&Before>, lock: Lock<'_>, gone: &[String]) -> Vec<AdoptionRefusal> {
    let Some(before) = before else {
        return vec![nothing_remembered()];
    };
    let gone = gone.iter().map(|what| {
        refusal(
            "FormerResourceGone",
            format!("{what}, which the distribution used before, does not exist any more"),
            "set release to false, and the distribution stays as it is; make it anew under another name, and write that into the \
             distribution once this object is deleted with spec.deletionPolicy: Retain"
                .to_owned(),
        )
    });
    let mut refusals: Vec<AdoptionRefusal> = gone.collect();
    refusals.extend(lock_in_the_way(before, lock));
    refusals
}

/// Nobody knows what the distribution was before.
#[must_use]
pub fn nothing_remembered() -> AdoptionRefusal {
    refusal(
        "NothingRemembered",
        "the tags that remember what the distribution was before are not there, or not all of them"
            .to_owned(),
        "set release to false, and it stays as it is; or delete this object with spec.deletionPolicy: Retain"
            .to_owned(),
    )
}

/// The distribution is in a flat-rate pricing plan by now, which holds the web ACL that it has.
#[must_use]
pub fn in_plan(plan: &Subscription) -> AdoptionRefusal {
    refusal(
        "PricingPlan",
        format!(
            "the distribution is in the flat-rate pricing plan {} ({}), which is for its web ACL, too, and a release puts another one in \
             its place",
            plan.tier_name(),
            plan.arn
        ),
        "set release to false, or have the plan's owner end the plan in the CloudFront console: the distribution is given back once the plan \
         has ended, a paid one with its billing period. Palisade changes no plan"
            .to_owned(),
    )
}

/// Viewers were refused once the distribution served as it did before.
#[must_use]
pub fn viewers_refused(said: &str) -> AdoptionRefusal {
    refusal(
        VIEWERS_REFUSED,
        format!(
            "viewers were refused once the distribution served as it did before, as a probe through it was: {said}. So what Palisade made \
             takes its place again"
        ),
        "mend what the former function, its role or the former web ACL lacks; then set release to false, wait until status.adoption.state \
         is Adopted, and set release to true again"
            .to_owned(),
    )
}

/// With a function that signed before, viewers pass a lock that lets in whoever signs; with nothing else. What stands counts, and not
/// only what the spec says by now; it is read before anything is changed.
fn lock_in_the_way(before: &Before, lock: Lock<'_>) -> Option<AdoptionRefusal> {
    let access = lock.wanted;
    let passes =
        access.proof == Proof::Signature && access.exclusive.is_none() && before.function().is_some();
    let by_spec = || match before.function() {
        None => "it had no function that signed before".to_owned(),
        Some(_) if access.exclusive.is_some() => {
            "spec.access.sigV4.exclusive lets in the role of this object alone".to_owned()
        }
        Some(_) => "the API asks for more than a signature".to_owned(),
    };
    let why = match lock.seen {
        None if passes || access.enforcement == Enforcement::Observe => return None,
        None => by_spec(),
        Some(seen) => {
            let refusing = refusing(&seen.policies, lock.former_role.unwrap_or_default());
            if !refusing.is_empty() {
                let names: Vec<String> = refusing.into_iter().collect();
                format!(
                    "statements of the API's resource policy refuse the former signer: {}",
                    names.join(", ")
                )
            } else if is_left_open(lock, seen) || takes_nothing(before, lock, seen) {
                return None;
            } else if seen.marks.before.is_some() {
                "the API asked for nothing before Palisade locked it, so nothing shows that the former function signs".to_owned()
            } else if passes {
                return None;
            } else {
                by_spec()
            }
        }
    };
    Some(refusal(
        "LockInTheWay",
        format!(
            "viewers would be refused by the lock of the API once the distribution sends what it sent before: {why}. A release opens \
             no lock"
        ),
        "set spec.access.enforcement: Observe, open the API (kubectl palisade open prints the commands), and wait until AccessRestricted \
         says that it is open"
            .to_owned(),
    ))
}

/// Whether viewers lose nothing that the API asks for: the distribution shows nothing of ours, and Palisade has locked nothing. What the
/// API asks for, its callers show themselves, as they did before.
fn takes_nothing(before: &Before, lock: Lock<'_>, seen: &authorization::Observed) -> bool {
    !lock.sends && before.function().is_none() && !seen.marks.was_locked()
}

/// Whether the API was read to ask for nothing that only a perimeter shows, as edited and as deployed.
fn is_left_open(lock: Lock<'_>, seen: &authorization::Observed) -> bool {
    let (access, was_locked) = (lock.wanted, seen.marks.was_locked());
    // What routes ask for that were never locked, viewers show themselves; a signature or a key they do not.
    let is_open = |asked: &Authorization| {
        let is_viewers = asked.kind != AWS_IAM && !asked.api_key_required;
        asked.is_open() || (is_viewers && !was_locked)
    };
    let is_served_open = |deployed: &Deployed| {
        deployed.served().is_some_and(|served| {
            let mut kept = served.iter().filter(|(key, _)| access.is_kept(key));
            kept.all(|(_, asked)| is_open(asked))
        })
    };
    let mut edited = seen.routes.iter().filter(|route| access.is_kept(&route.key));
    let mut deployed = [Some(&seen.deployed), seen.canary.as_ref()].into_iter().flatten();
    access.enforcement == Enforcement::Observe
        && !lock.is_locked
        && edited.all(|route| is_open(&route.authorization))
        && deployed.all(is_served_open)
}

/// A refusal of the way back.
pub(super) fn refusal(reason: &str, message: String, remedy: String) -> AdoptionRefusal {
    of_field(reason, FIELD, message, remedy)
}
