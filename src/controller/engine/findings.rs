//! What a pass finds out once it has done what there was to do, in the order of [`Finding::ALL`].

use super::Engine;
use super::execute::Execution;
use super::subject::Subject;
use crate::domain::perimeter::desired::Desired;

/// What is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::controller) enum Finding {
    /// What else leads to the API, where its own methods or routes were read and nothing is left to do about them.
    OtherDoors,
    /// Which rule of the user's keeps the web ACL from being written.
    MissingReference,
    /// What the rules that count first have matched.
    Samples,
}

impl Finding {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::OtherDoors, Self::MissingReference, Self::Samples];

    /// Finds it out.
    pub async fn run(
        self,
        engine: &Engine,
        subject: &Subject<'_>,
        desired: &Desired,
        execution: &mut Execution,
    ) {
        match self {
            Self::OtherDoors => {
                let protected = &subject.protected_stages;
                engine
                    .find_other_doors(&desired.access, protected, execution)
                    .await;
            }
            Self::MissingReference => engine.name_missing_reference(desired, execution).await,
            Self::Samples => engine.sample(subject, desired, execution).await,
        }
    }
}
