//! The API's default endpoint.

use super::access::serve;
use super::access_policy::read_api;
use super::deployments::stages;
use super::update::{Update, found};
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::access::asked::Gate;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::tagging::TagCall;
use crate::domain::mutual_tls::endpoint::{Action, Mark, Observed, TAG_LOCK, touch};
use crate::domain::perimeter::observed::Observed as Everything;

/// Reads whether it is switched off, and what the stage serves.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    let Some(gate) = gate(everything) else {
        return Ok(Update::Endpoint(Seen::Absent));
    };
    let read = async { tokio::try_join!(read_api(cloud, gate), stages(cloud, gate)) };
    let Some((api, stages)) = found(read.await)? else {
        return Ok(Update::Endpoint(Seen::Absent));
    };
    let known = everything.mutual_tls.endpoint.present();
    let served = stages.iter().find(|found| found.name == gate.stage);
    Ok(Update::Endpoint(Seen::Present(Observed {
        is_off: api.default_endpoint_disabled,
        deployment: served.and_then(|found| found.stage.deployment.clone()),
        auto_deploy: served.is_some_and(|found| found.stage.auto_deploy),
        description: served.map(|found| found.description.clone()).unwrap_or_default(),
        stages: stages.into_iter().map(|found| found.name).collect(),
        security_policy: api.security_policy,
        endpoint_access_mode: api.endpoint_access_mode,
        published_at: known.and_then(|known| known.published_at),
        switched_off: known.and_then(|known| known.switched_off),
        rests: false,
    })))
}

fn gate(everything: &Everything) -> Option<&Gate> {
    let declared = everything.mutual_tls.declared.as_ref();
    everything
        .gate
        .as_ref()
        .or(declared.map(|declared| &declared.gate))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    if let Action::Mark { arn, mark } = action {
        return write_mark(cloud, arn, mark.as_ref()).await;
    }
    let Some(gate) = gate(everything) else {
        return Ok(Update::Endpoint(Seen::default()));
    };
    let mut seen = everything.mutual_tls.endpoint.clone();
    match action {
        Action::Mark { .. } => {}
        Action::Switch { off } => {
            switch(cloud, gate, *off).await?;
            if let Seen::Present(found) = &mut seen {
                found.is_off = *off;
                found.published_at = None;
                found.switched_off = Some(*off);
            }
        }
        Action::Publish { deployment } => {
            serve(cloud, gate, deployment).await?;
            if let Seen::Present(found) = &mut seen {
                found.published_at = Some(everything.pass.at);
            }
        }
        Action::Touch {
            description,
            is_begun,
        } => {
            // What others have written since is not written over: it is decided anew by that.
            let Some(says) = description_now(cloud, gate).await? else {
                return Ok(Update::EndpointRead(Seen::Absent));
            };
            let expected = if *is_begun {
                touch::marked(description)
            } else {
                description.clone()
            };
            if says != expected {
                if let Seen::Present(found) = &mut seen {
                    found.description = says;
                }
                return Ok(Update::EndpointRead(seen));
            }
            if !is_begun {
                describe(cloud, gate, touch::marked(description)).await?;
            }
            let says = give_back(cloud, gate, description).await?;
            if let Seen::Present(found) = &mut seen {
                found.description = says;
                found.published_at = Some(everything.pass.at);
            }
        }
    }
    Ok(Update::Endpoint(seen))
}

async fn switch(cloud: &dyn Cloud, gate: &Gate, off: bool) -> Result<(), CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    match gate.r#type {
        OriginType::Rest => cloud.switch_rest_endpoint(region, id, off).await,
        OriginType::Http | OriginType::WebSocket => cloud.switch_endpoint(region, id, off).await,
    }
}

/// What the stage says of itself by now; `None` where it is gone.
async fn description_now(cloud: &dyn Cloud, gate: &Gate) -> Result<Option<String>, CloudError> {
    let mut stages = stages(cloud, gate).await?.into_iter();
    let found = stages.find(|found| found.name == gate.stage);
    Ok(found.map(|found| found.description))
}

/// Writes what the stage said of itself before; answers what it says by now. Whether API Gateway takes an empty description, it does not
/// say: where it refuses one, or leaves there what is to go, the stage says in plain words that it has none.
async fn give_back(cloud: &dyn Cloud, gate: &Gate, description: &str) -> Result<String, CloudError> {
    let written = describe(cloud, gate, description.to_owned()).await;
    if !description.is_empty() {
        return written.map(|()| description.to_owned());
    }
    match written {
        Err(error) if error.kind != ErrorKind::Terminal => return Err(error),
        Ok(()) => {
            let says = description_now(cloud, gate).await?;
            if says.as_deref().and_then(touch::before).is_none() {
                return Ok(says.unwrap_or_default());
            }
        }
        Err(_) => {}
    }
    describe(cloud, gate, touch::NOTHING.to_owned()).await?;
    Ok(touch::NOTHING.to_owned())
}

/// Writes what the stage says of itself.
async fn describe(cloud: &dyn Cloud, gate: &Gate, description: String) -> Result<(), CloudError> {
    let (region, id, stage) = (gate.region.clone(), gate.api_id.clone(), gate.stage.clone());
    match gate.r#type {
        OriginType::Rest => cloud.describe_rest_stage(region, id, stage, description).await,
        OriginType::Http | OriginType::WebSocket => {
            cloud.describe_stage(region, id, stage, description).await
        }
    }
}

/// The mark is one of the custom domain name's tags.
async fn write_mark(cloud: &dyn Cloud, arn: &str, mark: Option<&Mark>) -> Result<Update, CloudError> {
    let call = if let Some(mark) = mark {
        let tags = Tags::from([(TAG_LOCK.to_owned(), mark.tag())]);
        cloud.tag_domain_name(arn.to_owned(), tags.clone()).await?;
        TagCall::setting(arn, tags)
    } else {
        let keys = vec![TAG_LOCK.to_owned()];
        cloud.untag_domain_name(arn.to_owned(), keys.clone()).await?;
        TagCall::removing(arn, keys)
    };
    Ok(Update::Tagged(Id::of(Kind::OriginDomain), call))
}
