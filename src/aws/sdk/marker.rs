//! Markers of lists that come in pages.

use super::failure::Failure;

/// The marker of the next page, as `found` in an answer's `place` after `asked` was asked for. An empty one ends the list; one
/// that leads to the same page again would never end it.
pub fn next(place: &str, found: Option<String>, asked: Option<&String>) -> Result<Option<String>, Failure> {
    let found = found.filter(|marker| !marker.is_empty());
    if found.is_some() && found.as_ref() == asked {
        return Err(Failure::not_understood(format!(
            "at {place}: the next page of the list is the one that was asked for"
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What follows `asked` where the answer's marker is `found`.
    fn after(asked: Option<&str>, found: Option<&str>) -> Result<Option<String>, Failure> {
        let text = |marker: Option<&str>| marker.map(ToOwned::to_owned);
        next("position", text(found), text(asked).as_ref())
    }

    #[test]
    fn a_list_ends_where_its_marker_is_missing_or_empty() {
        for found in [None, Some("")] {
            for asked in [None, Some(""), Some("a")] {
                assert_eq!(after(asked, found), Ok(None));
            }
        }
        assert_eq!(after(Some("a"), Some("b")), Ok(Some("b".to_owned())));
        assert_eq!(after(None, Some("a")), Ok(Some("a".to_owned())));
    }

    #[test]
    fn a_marker_that_repeats_is_not_understood_and_its_place_is_named() {
        let said = format!("{:?}", after(Some("a"), Some("a")).unwrap_err());
        assert!(said.contains("at position"), "{said}");
    }
}
