//! What a pass has to know of a distribution that is to be adopted, or given back. Of one that is adopted nothing more is read than of
//! one that Palisade made.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::controller::engine::Engine;
use crate::controller::engine::former::present;
use crate::domain::adoption::before::Before;
use crate::domain::adoption::{self, Whose, whose};
use crate::domain::edge::config::settings_of;
use crate::domain::edge::distribution::Observed as Distribution;
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::adoption::Standing;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use serde_json::Value;

impl Engine {
    /// Reads the distribution that `declared` names, as far as its adoption or the way back has to know it.
    pub(super) async fn observe_adoption(
        &self,
        declared: &adoption::Desired,
        desired: &Desired,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let cloud: &dyn Cloud = &self.patient();
        let listed = match &observed.distribution {
            Seen::Listed(Some(row)) => Some(&row.listed),
            _ => None,
        };
        let known = observed.outputs.distribution_id.as_ref();
        let known = listed.map(|row| &row.id).or(known);
        let is_another = known.is_some_and(|id| *id != declared.id);
        let is_updated = listed.is_some_and(|row| row.comment.contains(&observed.owner.uid));
        if is_another {
            return Ok(());
        }
        if is_updated && !declared.release {
            return observe_former_rules(cloud, observed).await;
        }
        let Some(found) = read(cloud, &declared.id).await? else {
            observed.adoption.is_missing = true;
            return Ok(());
        };
        // Its former owner may have taken the tags away: that it was adopted is known besides.
        if whose(&found, &observed.owner) == Whose::Own || observed.owns(&found) != Ownership::Foreign {
            return take(cloud, declared, desired, observed, found).await;
        }
        // Its own row may be listed still, by the id in status.
        observed.distribution = Seen::Listed(None);
        if !declared.release {
            observed.adoption.former_web_acl = web_acl(cloud, &web_acl_of(&found)).await?;
            let (arn, max_age) = (found.content.arn.as_str(), self.max_age(false).others);
            observed.adoption.pricing_plan = self.plans.of(&[arn], max_age).await;
        }
        observed.adoption.found = Some(found);
        Ok(())
    }
}

/// Takes in a distribution whose tags are the object's, with what its update or the way back needs.
async fn take(
    cloud: &dyn Cloud,
    declared: &adoption::Desired,
    desired: &Desired,
    observed: &mut Observed,
    found: Distribution,
) -> Result<(), CloudError> {
    let before = Before::of_tags(&found.tags);
    let present = web_acl_of(&found);
    observed.distribution = Seen::Present(found);
    if let (true, Some(before)) = (declared.release, &before) {
        look_back(cloud, before, &mut observed.adoption).await?;
    }
    if matches!(observed.standing(desired), Some(Standing::Switching(_))) {
        observed.adoption.former_web_acl = web_acl(cloud, &present).await?;
        return Ok(());
    }
    // A release that is taken back has ours made anew, should somebody have deleted it meanwhile.
    observe_former_rules(cloud, observed).await
}

/// The rules of the web ACL that protected the distribution before, where our own is to be made anew.
async fn observe_former_rules(cloud: &dyn Cloud, observed: &mut Observed) -> Result<(), CloudError> {
    if !matches!(observed.web_acl, Seen::Listed(None)) {
        return Ok(());
    }
    let Some(arn) = observed.distribution_arn().map(ToOwned::to_owned) else {
        return Ok(());
    };
    // Lists lag, and what they do not show would be left out for ever.
    let tags = cloud.list_distribution_tags(arn).await?;
    if let Some(arn) = Before::of_tags(&tags).and_then(|before| before.web_acl()) {
        observed.adoption.former_web_acl = web_acl(cloud, &arn).await?;
    }
    Ok(())
}

async fn read(cloud: &dyn Cloud, id: &str) -> Result<Option<Distribution>, CloudError> {
    let Some(content) = present(cloud.get_distribution(id.to_owned()).await)? else {
        return Ok(None);
    };
    let tags = cloud.list_distribution_tags(content.arn.clone()).await?;
    Ok(Some(Distribution { content, tags }))
}

fn web_acl_of(found: &Distribution) -> String {
    settings_of(&found.content.config).web_acl_arn
}

/// The document of the web ACL with this ARN; `None` where it names none of AWS WAF, or one that is gone.
pub(in crate::controller::engine) async fn web_acl(
    cloud: &dyn Cloud,
    arn: &str,
) -> Result<Option<Value>, CloudError> {
    let Some((name, id)) = arn
        .split_once("/webacl/")
        .and_then(|(_, entity)| entity.split_once('/'))
    else {
        return Ok(None);
    };
    let found = present(cloud.get_web_acl(id.to_owned(), name.to_owned()).await)?;
    Ok(found.map(|found| found.document))
}

/// What the distribution used before and is not there any more, and the role that it signed with. Without that role the former function
/// fails for each viewer, and without the certificate CloudFront refuses the update.
async fn look_back(cloud: &dyn Cloud, before: &Before, seen: &mut adoption::Seen) -> Result<(), CloudError> {
    if let Some(arn) = before.web_acl()
        && web_acl(cloud, &arn).await?.is_none()
    {
        seen.gone.push(format!("web ACL {arn}"));
    }
    if let Some(arn) = before.certificate()
        && is_gone(cloud.describe_certificate(arn.clone()).await)?
    {
        seen.gone.push(format!("certificate {arn}"));
    }
    let function = before.function();
    let version = function.as_deref().and_then(|arn| {
        let (_, function) = arn.split_once(":function:")?;
        function.split_once(':')
    });
    if let Some((name, version)) = version {
        let version = Some(version.to_owned());
        let read = cloud.get_function_configuration(name.to_owned(), version).await;
        match present(read)? {
            Some(found) => {
                let role = found.settings.role;
                if is_role_gone(cloud, &role).await? {
                    seen.gone
                        .push(format!("role {role}, with which the former function signs"));
                }
                seen.former_role = Some(role);
            }
            None => seen
                .gone
                .push(format!("function version {}", function.unwrap_or_default())),
        }
    }
    Ok(())
}

async fn is_role_gone(cloud: &dyn Cloud, arn: &str) -> Result<bool, CloudError> {
    match arn.rsplit_once('/') {
        Some((_, name)) => is_gone(cloud.get_role(name.to_owned()).await),
        None => Ok(false),
    }
}

/// Whether it is sure that it is not there. What may not be read keeps nothing back.
fn is_gone<T>(answer: Result<T, CloudError>) -> Result<bool, CloudError> {
    match present(answer) {
        Ok(found) => Ok(found.is_none()),
        Err(error) if error.kind == ErrorKind::Denied => Ok(false),
        Err(error) => Err(error),
    }
}
