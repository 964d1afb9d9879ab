//! What is answered, kept so that it can be compared.

use super::shown::Shown;
use async_trait::async_trait;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::operations::{Answer, Call};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;

/// Answers by the names of their calls.
pub type Heard = BTreeMap<String, Vec<Shown>>;

tokio::task_local! {
    static HEARD: RefCell<Heard>;
}

/// A cloud whose answers are heard by whoever runs the call in [`heard`].
pub struct Listening<C>(pub C);

#[async_trait]
impl<C> Cloud for Listening<C>
where
    C: Deref<Target: Cloud> + Send + Sync,
{
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let answer = self.0.call(call).await?;
        let shown = format!("{answer:?}");
        let (name, _) = shown.split_once('(').unwrap_or((&shown, ""));
        // Outside of [`heard`] nobody listens.
        let _ = HEARD.try_with(|heard| {
            let mut heard = heard.borrow_mut();
            heard
                .entry(name.to_owned())
                .or_default()
                .push(Shown::read(&shown));
        });
        Ok(answer)
    }
}

/// Does some work, and tells what it was answered.
pub async fn heard(work: impl Future<Output = ()>) -> Heard {
    let work = async {
        work.await;
        HEARD.with(RefCell::take)
    };
    HEARD.scope(RefCell::default(), work).await
}
