//! The clients of services that are called in whichever Region an API is.

use super::attempts::Attempts;
use super::client::client;
use crate::aws::cloud::RetryObserver;
use crate::aws::operations::Service;
use aws_config::{Region, SdkConfig};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The clients of one Region.
#[derive(Clone)]
pub struct Regional {
    pub acm: aws_sdk_acm::Client,
    pub v1: aws_sdk_apigateway::Client,
    pub v2: aws_sdk_apigatewayv2::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub s3: aws_sdk_s3::Client,
    pub tagging: aws_sdk_resourcegroupstagging::Client,
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

    pub fn of(&self, region: impl Into<String>) -> Regional {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions
            .entry(region.into())
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
            acm: client!(aws_sdk_acm, &config, Service::Acm, &self.retries),
            v1: client!(aws_sdk_apigateway, &config, Service::ApiGateway, &self.retries),
            v2: client!(
                aws_sdk_apigatewayv2,
                &config,
                Service::ApiGatewayV2,
                &self.retries
            ),
            lambda: client!(aws_sdk_lambda, &config, Service::Lambda, &self.retries),
            s3: self.make_s3(&config),
            tagging: client!(
                aws_sdk_resourcegroupstagging,
                &config,
                Service::Tagging,
                &self.retries
            ),
        }
    }

    /// An endpoint of the operator's has one name for all buckets.
    fn make_s3(&self, config: &SdkConfig) -> aws_sdk_s3::Client {
        let attempts = Attempts::new(Service::S3, Arc::clone(&self.retries));
        let own = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(config.endpoint_url().is_some())
            .interceptor(attempts);
        aws_sdk_s3::Client::from_conf(own.build())
    }
}
