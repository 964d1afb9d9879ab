//! Published versions of the signing function: which one is wanted, and which ones nothing needs any more.

use super::function::{Configuration, Desired, Inputs, Observed, Settings, State};
use crate::domain::kernel::observing::Pass;

/// The published version that has the wanted code and settings. Of several it is the one that the distribution asks for
/// already, or that we last chose: changing between equal ones would only cost a deployment.
#[must_use]
pub fn wanted_version<'a>(
    desired: &Desired,
    wanted: &Settings,
    observed: &'a Observed,
    inputs: &Inputs<'_>,
    pass: &Pass,
) -> Option<&'a Configuration> {
    let rank = |version: &Configuration| {
        let works = version.state != State::Failed;
        (
            works,
            inputs.associated.contains(&version.arn),
            Some(version.arn.as_str()) == inputs.chosen,
        )
    };
    let fits = |version: &&Configuration| {
        version.code_sha256 == desired.code_sha256 && version.settings.are_as_wanted(wanted, pass)
    };
    // Of equally good ones the last is taken, which is the newest.
    observed
        .versions
        .iter()
        .filter(fits)
        .max_by_key(|version| rank(version))
}

/// A version that neither what is wanted nor what is deployed refers to. None while that is not known for sure: the
/// distribution must be Deployed, with the wanted version.
#[must_use]
pub fn surplus_version<'a>(
    wanted: &Configuration,
    observed: &'a Observed,
    inputs: &Inputs<'_>,
) -> Option<&'a Configuration> {
    if !inputs.is_deployed || !inputs.associated.contains(&wanted.arn) {
        return None;
    }
    observed
        .versions
        .iter()
        .find(|version| version.arn != wanted.arn && !inputs.associated.contains(&version.arn))
}
