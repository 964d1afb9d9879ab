//! How what serves mutual TLS goes, or stays: after the distribution, which shows the certificate. The default endpoint stays as it
//! is: nobody is let in on the way out.

use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::{KINDS, removal};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Next, Plan};

/// What has to happen next so that nothing of it is left but the switch of the default endpoint.
pub(super) fn goes(observed: &Observed, distribution: &Next, plan: &mut Plan) {
    if !observed.may_have_mutual_tls() {
        return;
    }
    let is_gone = *distribution == Next::Done;
    for (id, next) in removal::next_all(&observed.mutual_tls_inputs(None), is_gone) {
        plan.add(id, next);
    }
}

/// What has to happen next so that it stays and is marked.
pub(super) fn mark(observed: &Observed, mark: &Tags, plan: &mut Plan) {
    if !observed.may_have_mutual_tls() {
        return;
    }
    for (id, next) in removal::mark(&observed.mutual_tls_inputs(None), mark) {
        plan.add(id, next);
    }
}

/// Whether it is one of the kinds whose turn comes after the distribution's.
pub(super) fn is_of_mutual_tls(kind: Kind) -> bool {
    KINDS.contains(&kind)
}
