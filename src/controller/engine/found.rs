//! What stands already, before an object is declared for it: read so that a spec can be written from it. Nothing is written.

use super::Engine;
use super::preparations::adoption::web_acl;
use super::subject::Stop;
use crate::api::{Origin, OriginType, ProtectedApiSpec, StandingDistribution};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::layers::budget::of_one_object;
use crate::aws::layers::read_only::ReadOnly;
use crate::domain::access::obstacles::other_doors::NamedStage;
use crate::domain::adoption::manifest::{Found, endpoint, manifest};
use crate::domain::edge::config::settings_of;
use crate::domain::kernel::endpoint::region_and_id_or_any;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::status::plan_answer::Answer;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a spec may be acted upon, as far as it says anything.
pub type Permit<'a> = &'a (dyn Fn(&ProtectedApiSpec) -> Result<(), Rejection> + Send + Sync);

impl Engine {
    /// The spec that leaves a distribution as it is found, as much as can be. `permit` is asked before the API that it leads to is.
    ///
    /// # Errors
    /// What is answered in place of a plan.
    pub async fn written(
        &self,
        standing: &StandingDistribution,
        permit: Permit<'_>,
    ) -> Result<ProtectedApiSpec, Answer> {
        let cloud = ReadOnly::new(Arc::clone(&self.cloud));
        let found = of_one_object(self.found(&cloud, standing, permit)).await;
        let spec = found.and_then(|found| Ok(manifest(&found)?));
        spec.map_err(|stop| match stop {
            Stop::Rejected(refused) => Answer::Refused(refused),
            Stop::Failed(failure) => Answer::Failed(failure),
        })
    }

    async fn found(
        &self,
        cloud: &dyn Cloud,
        standing: &StandingDistribution,
        permit: Permit<'_>,
    ) -> Result<Found, Stop> {
        let id = &standing.distribution_id;
        let settings = match cloud.get_distribution(id.clone()).await {
            Ok(found) => settings_of(&found.config),
            Err(error) if error.kind == ErrorKind::NotFound => {
                return Err(no_distribution(id, &self.account).into());
            }
            Err(error) => return Err(error.into()),
        };
        let host = endpoint(id, &settings)?.to_owned();
        permit(&of_api(standing, &host))?;
        let (region, api) = region_and_id_or_any(&host);
        let protocol = protocol(cloud, region, api).await?;
        let protocol = protocol.ok_or_else(|| no_api(id, &host, &self.account))?;
        Ok(Found {
            id: id.clone(),
            protocol,
            stages: stages(cloud, region, api, protocol).await?,
            web_acl: web_acl(cloud, &settings.web_acl_arn).await?,
            settings,
            stage: standing.stage.clone(),
            let_go: standing.let_go.clone(),
            account_name: standing.account_name.clone(),
        })
    }
}

/// A spec that says of what is to be adopted as much as is known before the API at `endpoint` is asked.
#[must_use]
pub fn of_api(standing: &StandingDistribution, endpoint: &str) -> ProtectedApiSpec {
    ProtectedApiSpec {
        account_name: standing.account_name.clone(),
        class_name: None,
        origin: Origin {
            endpoint: endpoint.to_owned(),
            r#type: OriginType::Rest,
            stage: String::new(),
            path: None,
            probe_path: None,
        },
        access: None,
        probes: None,
        take_over: None,
        hand_over: None,
        distribution: None,
        web_acl: None,
        shield: None,
        tags: None,
        deletion_policy: None,
        suspend: None,
    }
}

/// What kind of API it is: its host name does not tell. `None` where there is none.
async fn protocol(cloud: &dyn Cloud, region: &str, id: &str) -> Result<Option<OriginType>, CloudError> {
    match cloud.get_rest_api(region.to_owned(), id.to_owned()).await {
        Ok(_) => return Ok(Some(OriginType::Rest)),
        Err(error) if error.kind == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    match cloud.get_api(region.to_owned(), id.to_owned()).await {
        Ok(found) if found.protocol == "WEBSOCKET" => Ok(Some(OriginType::WebSocket)),
        Ok(_) => Ok(Some(OriginType::Http)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Names of the API's stages.
async fn stages(
    cloud: &dyn Cloud,
    region: &str,
    id: &str,
    protocol: OriginType,
) -> Result<BTreeSet<String>, CloudError> {
    let (region, id) = (region.to_owned(), id.to_owned());
    let name = |stage: NamedStage| Some(stage.name);
    match protocol {
        OriginType::Rest => {
            let all = cloud.list_rest_stages(region, id).await?;
            Ok(all.into_iter().filter_map(name).collect())
        }
        OriginType::Http | OriginType::WebSocket => {
            pages(
                |marker| cloud.list_stages(region.clone(), id.clone(), marker),
                name,
            )
            .await
        }
    }
}

fn no_distribution(id: &str, account: &str) -> Rejection {
    Rejection::new(
        Reason::AdoptionRefused,
        format!(
            "spec.adopt.distributionId: there is no distribution {id} in account {account}; for one in another account name its \
             AwsAccount (spec.adopt.accountName)"
        ),
    )
}

fn no_api(id: &str, host: &str, account: &str) -> Rejection {
    Rejection::new(
        Reason::AdoptionRefused,
        format!(
            "spec.adopt.distributionId: {id} leads to {host}, and account {account} has no such API: an API of another account \
             cannot be locked from here"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::{Answer as Answered, Call};
    use crate::domain::access::asked::api;
    use crate::domain::firewall::web_acl::{Content, Entity};
    use async_trait::async_trait;
    use serde_json::{Value, json};

    /// An account with one API of this protocol, and one web ACL.
    struct Account(&'static str);

    #[async_trait]
    impl Cloud for Account {
        async fn call(&self, call: Call) -> Result<Answered, CloudError> {
            let api = || api::Observed {
                protocol: self.0.to_owned(),
                endpoint_types: vec![],
                default_endpoint_disabled: false,
                keys_from_authorizer: false,
                policy: Value::Null,
                security_policy: None,
                endpoint_access_mode: None,
            };
            match &call {
                Call::GetRestApi { .. } if self.0 == "REST" => Ok(Answered::GetRestApi(api())),
                Call::GetApi { .. } if ["HTTP", "WEBSOCKET"].contains(&self.0) => Ok(Answered::GetApi(api())),
                Call::GetWebAcl { id, name } if (id.as_str(), name.as_str()) == ("1", "theirs") => {
                    Ok(Answered::GetWebAcl(Content {
                        entity: Entity {
                            id: id.clone(),
                            name: name.clone(),
                            arn: String::new(),
                            lock_token: String::new(),
                        },
                        document: json!({"Rules": []}),
                    }))
                }
                Call::GetWebAcl { .. } => Err(CloudError::new(
                    call.operation(),
                    "WAFNonexistentItemException",
                    "no",
                )),
                _ => Err(CloudError::new(call.operation(), "NotFoundException", "no")),
            }
        }
    }

    #[tokio::test]
    async fn an_apis_type_is_told_by_the_service_that_has_it() {
        for (protocol, wanted) in [
            ("REST", Some(OriginType::Rest)),
            ("HTTP", Some(OriginType::Http)),
            ("WEBSOCKET", Some(OriginType::WebSocket)),
            ("none", None),
        ] {
            let found = super::protocol(&Account(protocol), "eu-north-1", "a1b2c3d4e5").await;
            assert_eq!(found, Ok(wanted), "{protocol}");
        }
    }

    #[tokio::test]
    async fn a_web_acl_is_found_by_its_arn_and_one_that_is_not_there_is_none() {
        let arn = |name: &str| format!("arn:aws:wafv2:us-east-1:123456789012:global/webacl/{name}/1");
        let document = |arn: String| async move { web_acl(&Account("REST"), &arn).await };
        assert_eq!(document(arn("theirs")).await, Ok(Some(json!({"Rules": []}))));
        assert_eq!(document(arn("gone")).await, Ok(None));
        assert_eq!(document(String::new()).await, Ok(None));
        assert_eq!(
            document("473e64fd-f30b-4765-81a0-62ad96dd167a".to_owned()).await,
            Ok(None),
            "WAF Classic"
        );
    }
}
