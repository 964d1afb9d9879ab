//! What there is in AWS for a scene's objects, and what its controllers called.

use crate::scene::{Scene, aws};
use serde_json::Value;

impl Scene {
    /// What exists in AWS for this scene's objects.
    pub fn resources(&self) -> Vec<Value> {
        let all = aws().control("GET", "resources", &Value::Null);
        let start = format!("palisade-{}-", self.namespace);
        let is_ours = |resource: &Value| {
            resource["tags"]["palisade.dev/namespace"] == self.namespace.as_str()
                || resource["name"]
                    .as_str()
                    .is_some_and(|name| name.starts_with(&start))
        };
        all.as_array()
            .expect("a list")
            .iter()
            .filter(|resource| is_ours(resource))
            .cloned()
            .collect()
    }

    /// The types of what exists in AWS for this scene's objects, sorted.
    pub fn kinds(&self) -> Vec<String> {
        let resources = self.resources();
        let mut kinds: Vec<String> = resources
            .iter()
            .map(|resource| resource["type"].as_str().unwrap_or_default().to_owned())
            .collect();
        kinds.sort();
        kinds
    }

    /// The calls that this scene's controllers made since `n`.
    pub fn calls(&self, since: u64) -> Vec<Value> {
        let journal = aws().control("GET", &format!("journal?since={since}"), &Value::Null);
        let key = self.key("");
        let is_ours = |call: &&Value| {
            call["accessKey"]
                .as_str()
                .is_some_and(|found| found.starts_with(&key))
        };
        journal
            .as_array()
            .expect("a list")
            .iter()
            .filter(is_ours)
            .cloned()
            .collect()
    }
}
