//! What is told of answers of API Gateway that leave something out.

use crate::domain::access::listing::listed;

/// Routes that the working copy has, and the list of them has not.
pub(super) fn routes_cut_short(missing: &[String]) -> String {
    format!("GetRoutes leaves out what ExportApi shows: {}", listed(missing))
}

/// A REST API's deployment that tells nothing of its methods.
#[must_use]
pub fn summary_missing(deployment: &str) -> String {
    format!("GetDeployment of {deployment} has no apiSummary, so it tells nothing of its methods")
}

/// Methods that a REST API's stage has, and the summary of its deployment has not.
pub(super) fn summary_cut_short(left_out: &[String]) -> String {
    format!(
        "GetDeployment leaves out what the stage's export shows: {}",
        listed(left_out)
    )
}
