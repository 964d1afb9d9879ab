//! Which shared certificates nobody needs: those that no object declares, and those of several alike that none settles on; and which of
//! them wait for nothing but ACM.

use super::key::{Shared, fitness};
use crate::domain::edge::certificate::Content;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::Tags;
use std::collections::{BTreeMap, BTreeSet};

/// In the ARN of a custom domain name, before the name.
const DOMAIN_NAMES: &str = "::/domainnames/";

/// ARNs that have to be looked at, of the cluster's among `rows`, by what they are shared by: of what no object declares all, of what
/// objects declare those that there is more than one of.
#[must_use]
pub fn suspects<'a>(
    rows: impl IntoIterator<Item = (&'a String, &'a Tags)>,
    cluster: &str,
    declared: &BTreeSet<Shared>,
) -> BTreeMap<Shared, Vec<String>> {
    let mut all = BTreeMap::<Shared, Vec<String>>::new();
    for (arn, tags) in rows {
        if let Some(shared) = Shared::of_tags(arn, tags, cluster) {
            all.entry(shared).or_default().push(arn.clone());
        }
    }
    all.retain(|shared, arns| arns.len() > 1 || !declared.contains(shared));
    all
}

/// How many of the cluster's among `rows` go as soon as ACM lets them: no object declares them, and no custom domain name of ours may have
/// them. Where it is not known what objects declare, each may be such a one.
#[must_use]
pub fn awaited(rows: &BTreeMap<String, Tags>, cluster: &str, declared: Option<&BTreeSet<Shared>>) -> usize {
    let ours = rows
        .iter()
        .filter_map(|(arn, tags)| Shared::of_tags(arn, tags, cluster));
    let is_needed = |shared: &Shared| declared.is_some_and(|declared| declared.contains(shared));
    ours.filter(|shared| !is_needed(shared) && !may_serve(shared, rows.keys()))
        .count()
}

/// Whether a custom domain name among these ARNs, of whatever object, may have that certificate.
#[must_use]
pub fn may_serve<'a>(shared: &Shared, arns: impl IntoIterator<Item = &'a String>) -> bool {
    arns.into_iter().any(|arn| {
        let name = arn.split_once(DOMAIN_NAMES).map(|(_, name)| name);
        let is_there = Arn::of(arn).is_some_and(|arn| arn.region == shared.region);
        is_there && name.is_some_and(|name| shared.covers(name))
    })
}

/// Of those alike that were read, the ones that may be deleted. What is in use stays.
#[must_use]
pub fn surplus(alike: &[Content], is_declared: bool) -> Vec<String> {
    let fit = |found: &Content| (fitness(&found.status), found.arn.clone());
    let settled = alike.iter().map(fit).min().filter(|_| is_declared);
    let settled = settled.map(|(_, arn)| arn);
    let unneeded = alike
        .iter()
        .filter(|found| settled.as_ref() != Some(&found.arn) && !found.is_in_use());
    unneeded.map(|found| found.arn.clone()).collect()
}

/// Whether a certificate may be deleted, whoever asked: it is still the cluster's, and nothing uses it.
#[must_use]
pub fn may_delete(found: &Content, tags: &Tags, cluster: &str, shared: &Shared) -> bool {
    let is_same = Shared::of_tags(&found.arn, tags, cluster).as_ref() == Some(shared);
    is_same && !found.is_in_use() && found.names == [shared.wildcard()]
}
