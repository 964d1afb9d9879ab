//! Texts as a status has room for them.

/// The beginning of a text that is longer.
pub(in crate::domain::status) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
