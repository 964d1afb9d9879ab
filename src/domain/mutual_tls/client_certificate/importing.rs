//! How the pair in memory becomes the next client certificate: the custom domain name lets it in, and nobody without one, before ACM is
//! given it. After that nobody can show it but CloudFront.

use super::known::{newest, tags_of, unfit};
use super::seen::{Action, TAG_LEAF, TAG_ROTATE, TAG_TRUSTSTORE, leaf_hash};
use crate::domain::access::probe::{Probe, Way};
use crate::domain::kernel::hash;
use crate::domain::kernel::planning::{Id, Kind, Next, Plan, Verb};
use crate::domain::mutual_tls::pair::Pair;
use crate::domain::mutual_tls::{
    Desired, Inputs, origin_domain, origin_records, probes, rotation, truststore, words,
};

/// Adds the import of the pair in memory, once it is proven, where another certificate is due.
pub(super) fn next<A: From<Action>>(desired: &Desired, inputs: &Inputs<'_>, plan: &mut Plan<A, Probe>) {
    let id = Id::of(Kind::ClientCertificate);
    if !rotation::needs_pair(inputs) {
        if newest(inputs).is_none()
            && let Some(found) = unfit(inputs)
        {
            plan.problems.push(words::unfit_certificate(found));
        }
        return;
    }
    let Some(pair) = &inputs.seen.pair else {
        plan.waits.push(words::pair_awaited());
        return;
    };
    // A version without its CA would refuse it.
    let in_use = origin_domain::version_in_use(inputs).filter(|_| origin_domain::is_ready(inputs));
    let with_ca = truststore::version_with(inputs, &pair.ca);
    let Some(version) = in_use.filter(|in_use| with_ca.as_ref() == Some(in_use)) else {
        plan.add(id, Next::<Action>::Blocked(vec![Kind::OriginDomain]));
        return;
    };
    if let Some(left) = rotation::paced(inputs) {
        plan.waits.push(words::import_paced(left));
        return;
    }
    if probes::is_probed(inputs) {
        if let Some(next) = unproven(desired, pair, inputs, plan) {
            plan.add(id, next);
            return;
        }
    } else if !is_led(inputs) {
        plan.add(id, Next::<Action>::Blocked(vec![Kind::OriginRecords]));
        return;
    }
    plan.add(id, import(desired, pair, &version, inputs));
}

/// Whether DNS leads the origin's name to the custom domain name, as its zone was read, or was found before.
fn is_led(inputs: &Inputs<'_>) -> bool {
    let target = origin_domain::target(inputs);
    let target = target.as_ref().map(|(name, zone)| (name.as_str(), zone.as_str()));
    let was_verified = inputs.zone.is_none() && inputs.pass.has_record(Kind::OriginRecords);
    was_verified || origin_records::is_leading(inputs, target)
}

/// What is missing of the proof; its probes are added where they were not sent.
fn unproven<A>(
    desired: &Desired,
    pair: &Pair,
    inputs: &Inputs<'_>,
    plan: &mut Plan<A, Probe>,
) -> Option<Next<Action>> {
    let (with, without) = (
        inputs.probes.get(&Way::Certificate),
        inputs.probes.get(&Way::Origin),
    );
    let (Some(with), Some(without)) = (with, without) else {
        probes::add(inputs, probes::certificate(inputs), plan);
        probes::add(inputs, probes::origin(inputs), plan);
        return Some(Next::Wait(words::proof_awaited(desired, None)));
    };
    if probes::lets_in(with) && probes::refuses(without) {
        return None;
    }
    Some(words::not_proven(
        desired,
        inputs.pass.at,
        pair.made_at,
        with,
        without,
    ))
}

fn import(desired: &Desired, pair: &Pair, version: &str, inputs: &Inputs<'_>) -> Next<Action> {
    let mut tags = tags_of(desired);
    tags.insert(TAG_LEAF.to_owned(), leaf_hash(&pair.leaf));
    tags.insert(TAG_TRUSTSTORE.to_owned(), hash::short(version));
    if let Some(rotate) = &desired.rotate {
        tags.insert(TAG_ROTATE.to_owned(), rotate.clone());
    }
    let pair = Box::new(pair.clone());
    let action = Action::Import {
        pair,
        tags,
        shuts_out_former: rotation::shuts_out_former(desired, inputs),
    };
    let id = Id::of(Kind::ClientCertificate);
    Next::act(id, &desired.origin_domain, Verb::Create, vec![], action)
}
