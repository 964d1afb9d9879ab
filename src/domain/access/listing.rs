//! How names are listed in a sentence, and the verb that goes with one or several.

/// As many methods as are named in a sentence.
const NAMED: usize = 10;

/// `GET /a, GET /b and 3 more`.
#[must_use]
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What one of `names` does, or several do: `GET /a asks`, `GET /a, GET /b ask`.
#[must_use]
pub fn agreed<T: AsRef<str>>(names: &[T], one: &str, several: &str) -> String {
    let verb = if names.len() == 1 { one } else { several };
    format!("{} {verb}", listed(names))
}
