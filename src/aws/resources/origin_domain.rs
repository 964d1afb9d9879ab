//! The custom domain name that asks for the client certificate, with its mappings.

use super::update::{Update, found};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::observing::Seen;
use crate::domain::mutual_tls::origin_domain::{Action, Creation, Listed, Mapping, Observed};
use crate::domain::mutual_tls::place::region_of;
use crate::domain::perimeter::observed::Observed as Everything;

type SeenDomain = Seen<Listed, Observed>;

/// What stands before the name in an ARN.
const NAMES: &str = "/domainnames/";

/// Reads the domain name that is listed, was read, or is declared.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    let Some((region, name)) = place(everything) else {
        return Ok(Update::OriginDomain(Seen::Absent));
    };
    Ok(Update::OriginDomain(read(cloud, region, name).await?))
}

/// Region and name.
fn place(everything: &Everything) -> Option<(&str, &str)> {
    let seen = &everything.mutual_tls;
    if let Seen::Listed(Some(row)) = &seen.domain {
        let (_, name) = row.arn.split_once(NAMES)?;
        return Some((Arn::of(&row.arn)?.region, name));
    }
    if let Some(declared) = &seen.declared {
        return Some((declared.gate.region.as_str(), declared.origin_domain.as_str()));
    }
    let found = seen.domain.present()?;
    Some((region_of(found)?, found.content.name.as_str()))
}

async fn read(cloud: &dyn Cloud, region: &str, name: &str) -> Result<SeenDomain, CloudError> {
    let answer = cloud.get_domain_name(region.to_owned(), name.to_owned()).await;
    let Some((content, tags)) = found(answer)? else {
        return Ok(Seen::Absent);
    };
    let list = |marker| cloud.list_mappings_of(region.to_owned(), name.to_owned(), marker);
    // It may go between the two calls.
    let mappings: Option<Vec<Mapping>> = found(pages(list, Some).await)?;
    Ok(mappings.map_or(Seen::Absent, |mappings| {
        Seen::Present(Observed {
            content,
            mappings,
            tags,
            changed_at: None,
        })
    }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut seen = everything.mutual_tls.domain.clone();
    match action.clone() {
        Action::Create { region, creation } => seen = create(cloud, region, creation).await?,
        Action::Update { region, change } => {
            let content = cloud.update_domain_name(region, change).await?;
            if let Seen::Present(found) = &mut seen {
                found.content = content;
                found.changed_at = Some(everything.pass.at);
            }
        }
        Action::Map {
            region,
            domain,
            key,
            api_id,
            stage,
        } => {
            let mapped = cloud
                .create_api_mapping(region.clone(), domain.clone(), key, api_id, stage)
                .await;
            match mapped {
                Ok(mapping) => {
                    if let Seen::Present(found) = &mut seen {
                        found.mappings.push(mapping);
                    }
                }
                Err(error) if error.kind == ErrorKind::Exists => {
                    seen = read(cloud, &region, &domain).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Action::Unmap { region, domain, id } => {
            found(cloud.delete_api_mapping(region, domain, id.clone()).await)?;
            if let Seen::Present(found) = &mut seen {
                found.mappings.retain(|mapping| mapping.id != id);
            }
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => {}
        Action::Delete { region, name } => {
            found(cloud.delete_domain_name(region, name).await)?;
            seen = Seen::Absent;
        }
    }
    Ok(Update::OriginDomain(seen))
}

/// One that is there already is read: its tags decide whose it is. Where this account has none, another has it; API Gateway's words do
/// not say which name it is that was taken.
async fn create(cloud: &dyn Cloud, region: String, creation: Creation) -> Result<SeenDomain, CloudError> {
    let (name, tags) = (creation.name.clone(), creation.tags.clone());
    match cloud.create_domain_name(region.clone(), creation).await {
        Ok(content) => Ok(Seen::Present(Observed {
            content,
            mappings: vec![],
            tags,
            changed_at: None,
        })),
        Err(error) if error.kind == ErrorKind::Exists => match read(cloud, &region, &name).await? {
            Seen::Absent => Err(CloudError {
                kind: ErrorKind::Terminal,
                message: format!("{name}: {}", error.message),
                ..error
            }),
            seen => Ok(seen),
        },
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::errors;
    use crate::aws::operations::{Answer, Call};
    use crate::domain::kernel::identity::{Owner, Tags};
    use crate::domain::kernel::reason::Reason;
    use async_trait::async_trait;

    /// Another account has the name.
    struct Taken;

    #[async_trait]
    impl Cloud for Taken {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            let (code, message) = match call {
                Call::CreateDomainName { .. } => (
                    "ConflictException",
                    "The domain name you provided already exists.",
                ),
                _ => ("NotFoundException", "Invalid domain name identifier specified"),
            };
            Err(CloudError::new(call.operation(), code, message))
        }
    }

    fn everything() -> Everything {
        Everything::of(Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        })
    }

    #[tokio::test]
    async fn a_name_that_another_account_has_needs_a_person() {
        let creation = Creation {
            name: "origin.example.com".into(),
            certificate_arn: "arn".into(),
            truststore_uri: "s3://b/k".into(),
            truststore_version: "v".into(),
            tags: Tags::new(),
        };
        let region = "eu-north-1".to_owned();
        let action = Action::Create { region, creation };
        let refused = apply(&Taken, &action, &everything()).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Terminal);
        assert!(refused.message.starts_with("origin.example.com: "), "{refused}");
        let reason = errors::reason(refused.operation, &refused.code, &refused.message);
        assert_eq!(reason, Some(Reason::NameTaken));
    }

    #[test]
    fn a_listed_domain_name_is_read_by_its_arn() {
        let mut everything = everything();
        assert_eq!(place(&everything), None);
        everything.mutual_tls.domain = Seen::Listed(Some(Listed {
            arn: "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com".into(),
            tags: None,
        }));
        assert_eq!(place(&everything), Some(("eu-north-1", "origin.example.com")));
    }
}
