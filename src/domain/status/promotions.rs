//! What is known of rules that count first.

use super::conditions::{Mode, Pass};
use crate::api::PromotionStatus;
use crate::domain::firewall::promoting::{Looked, next};
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed;

/// What status has of them after the pass.
pub(super) fn promotions(pass: &Pass<'_>) -> Vec<PromotionStatus> {
    let (Some(observed), Some(desired)) = (pass.observed, pass.desired) else {
        return pass.previous.promotions.clone();
    };
    next(&Looked {
        declared: &desired.promotions,
        known: &pass.previous.promotions,
        evidence: &observed.samples,
        stands: stands(pass, observed),
        may_promote: pass.mode == Mode::Apply,
        now: pass.now,
    })
}

/// Whether requests meet the rules as they are declared.
fn stands(pass: &Pass<'_>, observed: &Observed) -> bool {
    let web_acl = observed.web_acl_arn();
    let is_of_web_acl = pass.plan.concerns(Kind::WebAcl)
        || pass.failures.iter().any(|failure| failure.is_of(&[Kind::WebAcl]));
    web_acl.is_some()
        && observed.distribution_web_acl() == web_acl
        && observed.is_deployed()
        && !is_of_web_acl
}
