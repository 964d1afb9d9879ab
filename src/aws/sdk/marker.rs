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

    fn text(marker: &str) -> Option<String> {
        Some(marker.to_owned())
    }

    #[test]
    fn a_list_ends_where_its_marker_is_missing_or_empty() {
        for found in [None, text("")] {
            for asked in [None, text(""), text("a")] {
                assert_eq!(next("position", found.clone(), asked.as_ref()), Ok(None));
            }
        }
        assert_eq!(next("position", text("b"), text("a").as_ref()), Ok(text("b")));
        assert_eq!(next("position", text("a"), None), Ok(text("a")));
    }

    #[test]
    fn a_marker_that_repeats_is_not_understood_and_its_place_is_named() {
        let repeated = next("position", text("a"), text("a").as_ref());
        let said = format!("{:?}", repeated.unwrap_err());
        assert!(said.contains("at position"), "{said}");
    }
}
