//! What AWS really answered, against the product's reading of it. The recordings stand beside the repository; the facts that
//! matter stand here too, in words of ours: [`facts`].
#![allow(clippy::unwrap_used, missing_docs)]

mod errors;
mod exports;
mod facts;
mod folder;
mod listening;
mod places;
mod reading;
pub mod replay;
mod shapes;
mod shown;
mod wire;
mod writes;

use folder::{by_operation, by_step, is_made_by_hand};
use reading::{Read, read, read_distribution, step_of_api_gateway, step_of_others};
use std::collections::BTreeMap;

#[tokio::test]
async fn what_aws_answered_is_understood() {
    let Some(folder) = folder::folder() else { return };
    let (mut wrong, mut understood) = (Vec::new(), BTreeMap::<String, usize>::new());
    for recording in by_operation(&folder) {
        if recording.data.get("Error").is_some() || is_made_by_hand(&recording) {
            continue;
        }
        match read(&recording).await {
            None => {}
            Some(Ok(())) => {
                let name = format!("{}.{}", recording.service, recording.operation);
                *understood.entry(name).or_default() += 1;
            }
            Some(Err(error)) => wrong.push(format!("{}: {error}", recording.place)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        understood.len() >= 15 && understood.values().sum::<usize>() >= 120,
        "{understood:?}"
    );
    let raw = std::fs::read_to_string(folder.join("cloudfront/Distribution.xml")).unwrap();
    read_distribution(raw).await.expect("the raw document");
}

#[tokio::test]
async fn what_api_gateway_answered_in_other_tools_tests_is_understood() {
    let Some(folder) = folder::folder() else { return };
    let files = ["api", "canary", "extended", "integrations"].map(|file| format!("test_apigateway_{file}"));
    let mut counts = Counts::default();
    for (place, data) in files.iter().flat_map(|file| by_step(&folder, file)) {
        counts.add(&place, step_of_api_gateway(&data).await);
    }
    let understood = counts.understood();
    assert!(
        understood.len() == 8 && understood.values().all(|count| *count >= 2),
        "{understood:?}"
    );
}

#[tokio::test]
async fn what_other_services_answered_in_other_tools_tests_is_understood() {
    let Some(folder) = folder::folder() else { return };
    let files = ["test_sts", "test_acm", "test_route53", "test_lambda"];
    let mut counts = Counts::default();
    for (place, data) in files.iter().flat_map(|file| by_step(&folder, file)) {
        counts.add(&place, step_of_others(&data).await);
    }
    let understood = counts.understood();
    assert!(
        understood.len() == 4 && understood["function"] >= 20,
        "{understood:?}"
    );
}

/// How many answers of each kind were understood, and what was said of others.
#[derive(Default)]
struct Counts {
    understood: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Counts {
    fn add(&mut self, place: &str, step: Option<(&'static str, Read)>) {
        match step {
            Some((kind, Some(Ok(())))) => *self.understood.entry(kind).or_default() += 1,
            Some((_, Some(Err(error)))) => self.wrong.push(format!("{place}: {error}")),
            Some((_, None)) | None => {}
        }
    }

    fn understood(self) -> BTreeMap<&'static str, usize> {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        self.understood
    }
}
