//! Rules that count first: which are promoted, and what AWS has sampled of their matches.

use super::Engine;
use super::execute::Execution;
use super::subject::Subject;
use crate::api::ProtectedApiStatus;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::resources;
use crate::domain::firewall::promoting::Evidence;
use crate::domain::firewall::promotion::{Standing, is_unknown};
use crate::domain::firewall::samples::Query;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;

/// Which rules of the object are promoted.
pub(super) fn promotions_of(subject: &Subject<'_>, observed: Option<&Observed>) -> Standing {
    let none = ProtectedApiStatus::default();
    let status = subject.object.status.as_ref().unwrap_or(&none);
    let found = observed.and_then(|observed| observed.web_acl.present());
    Standing::of(status, found.map(|found| &found.content.document))
}

impl Engine {
    /// Where status does not tell of a rule that counts first, reads the web ACL before anything is decided of it: what blocks there goes on
    /// blocking.
    pub(super) async fn recall_promotions(
        &self,
        subject: &Subject<'_>,
        previous: &ProtectedApiStatus,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let spec = subject.object.spec.web_acl.as_ref();
        let is_there = matches!(observed.web_acl, Seen::Listed(Some(_)));
        if is_there && spec.is_some_and(|spec| is_unknown(spec, previous)) {
            let cloud = self.patient();
            let read = resources::observe(&cloud, &Id::of(Kind::WebAcl), observed).await?;
            read.absorb_into(observed);
        }
        Ok(())
    }

    /// Reads what was sampled of the rules that count, where that is due.
    pub(super) async fn sample(&self, subject: &Subject<'_>, desired: &Desired, execution: &mut Execution) {
        let known = subject.object.status.as_ref().map(|status| &status.promotions);
        let (Some(known), Some(web_acl_arn)) = (known, execution.observed.web_acl_arn()) else {
            return;
        };
        let cloud: &dyn Cloud = &self.patient();
        for rule in &desired.promotions {
            let Some(window) = rule.due(known, subject.now) else {
                continue;
            };
            let query = Query {
                web_acl_arn: web_acl_arn.clone(),
                metric: rule.metric.clone(),
                window,
            };
            let learnt = match cloud.get_sampled_requests(query).await {
                Ok(sampled) => Evidence::Read {
                    asked: window,
                    sampled,
                },
                // Credentials that have expired tell nothing of what they may do.
                Err(error) if error.kind == ErrorKind::Denied && error.code.starts_with("AccessDenied") => {
                    Evidence::Denied
                }
                Err(error) => {
                    tracing::debug!(%error, rule = rule.rule, "samples could not be read");
                    continue;
                }
            };
            execution.observed.samples.insert(rule.rule.clone(), learnt);
        }
    }
}
