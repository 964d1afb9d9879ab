//! Rules that count first: which are promoted, and what AWS has sampled of their matches.

use super::Engine;
use super::execute::Execution;
use super::subject::Subject;
use crate::api::ProtectedApiStatus;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::resources;
use crate::domain::firewall::promoting::Evidence;
use crate::domain::firewall::promotion::{Declared, Standing, is_old, is_unknown};
use crate::domain::firewall::samples::{Query, Sampled, Window};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;

/// Which rules of the object are promoted.
pub(super) fn promotions_of(subject: &Subject<'_>, observed: Option<&Observed>) -> Standing {
    let none = ProtectedApiStatus::default();
    let status = subject.object.status.as_ref().unwrap_or(&none);
    let found = observed.and_then(|observed| observed.web_acl.present());
    Standing::of(status, found.map(|found| &found.content.document)).at(subject.now)
}

impl Engine {
    /// Where status does not tell of a rule that counts first, or is old, reads the web ACL before anything is decided of it: what blocks there goes on
    /// blocking.
    pub(super) async fn recall_promotions(
        &self,
        subject: &Subject<'_>,
        previous: &ProtectedApiStatus,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let spec = subject.object.spec.web_acl.as_ref();
        let is_there = matches!(observed.web_acl, Seen::Listed(Some(_)));
        let is_any_old = previous.promotions.iter().any(|known| is_old(known, subject.now));
        if is_there && spec.is_some_and(|spec| is_any_old || is_unknown(spec, previous)) {
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
            let learnt = match sampled(cloud, &web_acl_arn, rule, window).await {
                Ok(read) => Evidence::Read { asked: window, read },
                // Credentials that have expired tell nothing of what they may do.
                Err(error) if error.kind == ErrorKind::Denied && error.code.starts_with("AccessDenied") => {
                    Evidence::Denied
                }
                Err(error) => {
                    tracing::debug!(%error, rule = rule.rule, "samples could not be read");
                    Evidence::Failed(error.code)
                }
            };
            execution.observed.samples.insert(rule.rule.clone(), learnt);
        }
    }
}

/// What was sampled of `rule` in `asked`, by the parts of that time that AWS looked into.
async fn sampled(
    cloud: &dyn Cloud,
    web_acl_arn: &str,
    rule: &Declared,
    asked: Window,
) -> Result<Vec<(Window, Sampled)>, CloudError> {
    let ask = |window| {
        cloud.get_sampled_requests(Query {
            web_acl_arn: web_acl_arn.to_owned(),
            metric: rule.metric.clone(),
            window,
        })
    };
    let first = ask(asked).await?;
    let left = first.left(rule, asked);
    let seen = left.first().map_or(asked, |next| Window {
        to: next.from,
        ..asked
    });
    let mut read = vec![(seen, first)];
    for part in left {
        read.push((part, ask(part).await?));
    }
    Ok(read)
}
