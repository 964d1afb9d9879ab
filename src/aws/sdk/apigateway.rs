//! APIs and their stages, in whichever Region they are.

use super::attempts::RetryObserver;
use super::client;
use super::failure::Failure;
use crate::aws::operations::Service;
use crate::domain::resources::api::Observed;
use aws_config::{Region, SdkConfig};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The clients of one Region.
#[derive(Clone)]
struct Regional {
    v1: aws_sdk_apigateway::Client,
    v2: aws_sdk_apigatewayv2::Client,
}

/// The clients of each Region that was asked for so far.
pub struct Clients {
    config: SdkConfig,
    retries: Arc<OnceLock<Arc<dyn RetryObserver>>>,
    regions: Mutex<HashMap<String, Regional>>,
}

impl Clients {
    pub fn new(config: SdkConfig, retries: Arc<OnceLock<Arc<dyn RetryObserver>>>) -> Self {
        Self {
            config,
            retries,
            regions: Mutex::default(),
        }
    }

    fn of(&self, region: String) -> Regional {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions
            .entry(region)
            .or_insert_with_key(|region| self.make(region))
            .clone()
    }

    fn make(&self, region: &str) -> Regional {
        let config = self
            .config
            .to_builder()
            .region(Region::new(region.to_owned()))
            .build();
        Regional {
            v1: client!(aws_sdk_apigateway, &config, Service::ApiGateway, &self.retries),
            v2: client!(
                aws_sdk_apigatewayv2,
                &config,
                Service::ApiGatewayV2,
                &self.retries
            ),
        }
    }
}

pub async fn get_rest_api(clients: &Clients, region: String, id: String) -> Result<Observed, Failure> {
    let output = clients
        .of(region)
        .v1
        .get_rest_api()
        .rest_api_id(id)
        .send()
        .await?;
    let endpoint_types = output
        .endpoint_configuration
        .and_then(|it| it.types)
        .unwrap_or_default();
    Ok(Observed {
        protocol: "REST".to_owned(),
        endpoint_types: endpoint_types.iter().map(|it| it.as_str().to_owned()).collect(),
        default_endpoint_disabled: output.disable_execute_api_endpoint,
    })
}

pub async fn get_rest_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<(), Failure> {
    clients
        .of(region)
        .v1
        .get_stage()
        .rest_api_id(api_id)
        .stage_name(stage)
        .send()
        .await?;
    Ok(())
}

pub async fn get_api(clients: &Clients, region: String, id: String) -> Result<Observed, Failure> {
    let output = clients.of(region).v2.get_api().api_id(id).send().await?;
    let protocol = output
        .protocol_type
        .ok_or_else(|| Failure::missing("protocolType"))?;
    Ok(Observed {
        protocol: protocol.as_str().to_owned(),
        endpoint_types: Vec::new(),
        default_endpoint_disabled: output.disable_execute_api_endpoint.unwrap_or(false),
    })
}

pub async fn get_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<(), Failure> {
    clients
        .of(region)
        .v2
        .get_stage()
        .api_id(api_id)
        .stage_name(stage)
        .send()
        .await?;
    Ok(())
}
