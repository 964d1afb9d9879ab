//! Values kept as text: what is remembered of a thousand objects is there for as long as the controller runs, and maps
//! and strings of their own take many times the memory.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// A value as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed<T> {
    text: Box<str>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value.
    #[must_use]
    pub fn new(value: &T) -> Self {
        Self {
            text: serde_json::to_string(value).unwrap_or_default().into_boxed_str(),
            of: PhantomData,
        }
    }

    /// Whether its words contain `text`: sooner told than by unpacking it.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// The value again. `None` where it could not be put into words, as if it had never been seen.
    #[must_use]
    pub fn unpack(&self) -> Option<T> {
        serde_json::from_str(&self.text).ok()
    }
}
