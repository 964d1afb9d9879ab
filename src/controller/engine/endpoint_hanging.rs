//! Stages of other clusters that were found to hang on a default endpoint being off: they are asked again seldom, since it may be months
//! until they do no more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So long such a stage is not asked again.
const BELIEVED: Duration = Duration::from_mins(5);

/// Why each hangs on it, and when that was found; forgotten with this process.
#[derive(Debug, Default)]
pub struct Hanging(Mutex<HashMap<String, (Instant, String)>>);

impl Hanging {
    /// Why it was found to hang on it some minutes ago.
    pub(in crate::controller::engine) fn of(&self, key: &str) -> Option<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (since, _)| since.elapsed() < BELIEVED);
        all.get(key).map(|(_, why)| why.clone())
    }

    /// Notes why it was found to hang on it now.
    pub(in crate::controller::engine) fn note(&self, key: String, why: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, (Instant::now(), why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_hangs_on_it_is_believed_for_some_minutes() {
        let hanging = Hanging::default();
        hanging.note("beta".to_owned(), "no word".to_owned());
        assert_eq!(hanging.of("beta").as_deref(), Some("no word"));
        assert_eq!(hanging.of("dev"), None);
        tokio::time::sleep(BELIEVED).await;
        assert_eq!(hanging.of("beta"), None);
    }
}
