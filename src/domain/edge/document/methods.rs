//! Which methods a behaviour lets through, and of which it caches answers.

use super::{elements, rewritten, texts};
use crate::domain::edge::xml::{self, Element};
use std::collections::BTreeSet;

const CACHED: &str = "CachedMethods";

/// The element by which `methods` are let through. Which of them are cached is left as it is found, but for those that are let through no
/// more: CloudFront can cache no answer to a request that it refuses.
pub(super) fn allowed_methods(found: Option<&Element>, methods: &BTreeSet<String>) -> Element {
    let mut children = elements(xml::list("AllowedMethods", texts("Method", methods)));
    let cached = found.and_then(|found| found.get_child(CACHED));
    let known = found
        .map(|found| xml::texts_at(found, CACHED))
        .unwrap_or_default();
    children.push(match cached {
        Some(cached) if known.iter().all(|method| methods.contains(method)) => cached.clone(),
        Some(_) => {
            let left = known.into_iter().filter(|method| methods.contains(method));
            xml::list(CACHED, texts("Method", &left.collect()))
        }
        None => xml::list(
            CACHED,
            texts("Method", &["GET", "HEAD"].map(str::to_owned).into()),
        ),
    });
    rewritten("AllowedMethods", found, &["Quantity", "Items", CACHED], children)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(methods: &[&str]) -> BTreeSet<String> {
        methods.iter().map(|method| (*method).to_owned()).collect()
    }

    /// What is cached where `cached` was, and `methods` are let through.
    fn cached(cached: &[&str], methods: &[&str]) -> Vec<String> {
        let items = cached.iter().map(|method| xml::text("Method", method));
        let found = xml::parent("AllowedMethods", vec![xml::list(CACHED, items.collect())]);
        xml::texts_at(&allowed_methods(Some(&found), &of(methods)), CACHED)
    }

    #[test]
    fn what_is_let_through_no_more_is_cached_no_more() {
        assert_eq!(
            cached(&["GET", "HEAD", "OPTIONS"], &["GET", "HEAD"]),
            ["GET", "HEAD"]
        );
    }

    #[test]
    fn what_is_cached_stays_in_its_order_where_all_of_it_is_let_through() {
        let found = ["HEAD", "GET", "OPTIONS"];
        assert_eq!(cached(&found, &["GET", "HEAD", "OPTIONS"]), found);
        let both = allowed_methods(None, &of(&["GET", "HEAD", "OPTIONS"]));
        assert_eq!(xml::texts_at(&both, CACHED), ["GET", "HEAD"]);
    }
}
