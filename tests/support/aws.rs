//! The SDK on the emulated AWS.
// No test binary uses all of it.
#![allow(dead_code)]

#[path = "emulator.rs"]
mod emulator_process;

pub use emulator_process::*;
use palisade::aws::sdk::{Options, Sdk};

impl Emulator {
    /// The SDK with a key that may do everything.
    pub async fn sdk(&self) -> Sdk {
        self.sdk_as("test").await
    }

    /// The SDK with this access key.
    pub async fn sdk_as(&self, key: &str) -> Sdk {
        let options = Options {
            endpoint_url: Some(self.endpoint.clone()),
            credentials: Some((key.to_owned(), "secret".to_owned())),
            connections: None,
        };
        Sdk::from_environment(&options).await
    }
}
