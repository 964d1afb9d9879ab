//! Which shared certificates nobody needs: those that no object declares, and those of several alike that none settles on.

use super::key::{Shared, fitness};
use crate::domain::edge::certificate::Content;
use crate::domain::kernel::identity::Tags;
use std::collections::{BTreeMap, BTreeSet};

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
