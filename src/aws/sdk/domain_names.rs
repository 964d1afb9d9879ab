//! Custom domain names that ask for a client certificate, and where they lead: for APIs of every type.

use super::answers::{self, List, answer, understood};
use super::apigatewayv2::PAGE;
use super::failure::Failure;
use super::regional::Clients;
use crate::aws::cloud::Page;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::Tags;
use crate::domain::mutual_tls::origin_domain::{Change, Content, Creation, Mapping};
use aws_sdk_apigatewayv2::types::{
    DomainNameConfiguration, EndpointType, MutualTlsAuthenticationInput, RoutingMode, SecurityPolicy,
};

pub async fn get_domain_name(
    clients: &Clients,
    region: String,
    name: String,
) -> Result<(Content, Tags), Failure> {
    let call = clients.of(region).v2.get_domain_name().domain_name(name);
    let mut found: answers::DomainName = understood(&answer!(call))?;
    let tags = found.tags.take().unwrap_or_default().into_iter();
    let tags = tags.map(|(key, value)| (key, value.unwrap_or_default()));
    Ok((content(found), tags.collect()))
}

pub async fn create_domain_name(
    clients: &Clients,
    region: String,
    creation: Creation,
) -> Result<Content, Failure> {
    let call = clients.of(region).v2.create_domain_name();
    let call = call
        .domain_name(creation.name)
        .domain_name_configurations(configuration(creation.certificate_arn))
        .mutual_tls_authentication(truststore(creation.truststore_uri, creation.truststore_version))
        .routing_mode(RoutingMode::ApiMappingOnly)
        .set_tags(Some(creation.tags.into_iter().collect()));
    let made: answers::DomainName = understood(&answer!(call))?;
    Ok(content(made))
}

/// Certificate, truststore and routing: API Gateway wants the whole configuration, whichever of it changes.
pub async fn update_domain_name(
    clients: &Clients,
    region: String,
    change: Change,
) -> Result<Content, Failure> {
    let call = clients.of(region).v2.update_domain_name();
    let call = call
        .domain_name(change.name)
        .domain_name_configurations(configuration(change.certificate_arn))
        .mutual_tls_authentication(truststore(change.truststore_uri, change.truststore_version))
        .routing_mode(RoutingMode::ApiMappingOnly);
    let changed: answers::DomainName = understood(&answer!(call))?;
    Ok(content(changed))
}

pub async fn delete_domain_name(clients: &Clients, region: String, name: String) -> Result<(), Failure> {
    let call = clients.of(region).v2.delete_domain_name();
    call.domain_name(name).send().await?;
    Ok(())
}

pub async fn list_mappings_of(
    clients: &Clients,
    region: String,
    domain: String,
    marker: Option<String>,
) -> Result<Page<Mapping>, Failure> {
    let call = clients.of(region).v2.get_api_mappings().domain_name(domain);
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::ApiMapping> = understood(&answer!(call))?;
    found.page(marker.as_ref(), mapping)
}

pub async fn create_api_mapping(
    clients: &Clients,
    region: String,
    domain: String,
    key: String,
    api_id: String,
    stage: String,
) -> Result<Mapping, Failure> {
    let call = clients.of(region).v2.create_api_mapping().domain_name(domain);
    let key = Some(key).filter(|key| !key.is_empty());
    let call = call.api_id(api_id).stage(stage).set_api_mapping_key(key);
    mapping(understood(&answer!(call))?)
}

pub async fn delete_api_mapping(
    clients: &Clients,
    region: String,
    domain: String,
    id: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v2.delete_api_mapping();
    call.domain_name(domain).api_mapping_id(id).send().await?;
    Ok(())
}

pub async fn tag(clients: &Clients, arn: String, tags: Tags) -> Result<(), Failure> {
    let call = clients.of(region_of(&arn)?).v2.tag_resource();
    let call = call.resource_arn(arn).set_tags(Some(tags.into_iter().collect()));
    call.send().await?;
    Ok(())
}

pub async fn untag(clients: &Clients, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    let call = clients.of(region_of(&arn)?).v2.untag_resource();
    call.resource_arn(arn).set_tag_keys(Some(keys)).send().await?;
    Ok(())
}

fn region_of(arn: &str) -> Result<String, Failure> {
    let region = Arn::of(arn).map(|arn| arn.region.to_owned());
    region.ok_or_else(|| Failure::unsendable(format!("{arn} is no ARN")))
}

fn configuration(certificate_arn: String) -> DomainNameConfiguration {
    DomainNameConfiguration::builder()
        .certificate_arn(certificate_arn)
        .endpoint_type(EndpointType::Regional)
        .security_policy(SecurityPolicy::Tls12)
        .build()
}

fn truststore(uri: String, version: String) -> MutualTlsAuthenticationInput {
    MutualTlsAuthenticationInput::builder()
        .truststore_uri(uri)
        .truststore_version(version)
        .build()
}

fn mapping(found: answers::ApiMapping) -> Result<Mapping, Failure> {
    Ok(Mapping {
        id: found
            .api_mapping_id
            .ok_or_else(|| Failure::missing("apiMappingId"))?,
        key: found.api_mapping_key.unwrap_or_default(),
        api_id: found.api_id,
        stage: found.stage.unwrap_or_default(),
    })
}

fn content(found: answers::DomainName) -> Content {
    let configurations = found.domain_name_configurations.unwrap_or_default();
    let configuration = configurations.into_iter().next().unwrap_or_default();
    let mutual = found.mutual_tls_authentication.unwrap_or_default();
    let told = |text: Option<String>| text.filter(|text| !text.is_empty());
    Content {
        name: found.domain_name,
        status: configuration.domain_name_status.unwrap_or_default(),
        status_message: told(configuration.domain_name_status_message),
        endpoint_type: configuration.endpoint_type.unwrap_or_default(),
        security_policy: configuration.security_policy.unwrap_or_default(),
        certificate_arn: told(configuration.certificate_arn),
        truststore_uri: told(mutual.truststore_uri),
        truststore_version: told(mutual.truststore_version),
        warnings: mutual.truststore_warnings.unwrap_or_default(),
        target: told(configuration.api_gateway_domain_name),
        target_zone: told(configuration.hosted_zone_id),
        routing_mode: told(found.routing_mode).unwrap_or_else(|| "API_MAPPING_ONLY".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::sdk::raw_body::Captured;
    use serde_json::{Value, json};

    fn read(answer: &Value) -> answers::DomainName {
        understood(&Captured::of(answer.to_string().into_bytes())).unwrap()
    }

    #[test]
    fn what_api_gateway_says_of_a_domain_name_is_read() {
        let found = content(read(&json!({
            "domainName": "origin.example.com",
            "domainNameConfigurations": [{
                "apiGatewayDomainName": "d-1.execute-api.eu-north-1.amazonaws.com",
                "certificateArn": "arn:aws:acm:eu-north-1:111122223333:certificate/c",
                "domainNameStatus": "UPDATING",
                "domainNameStatusMessage": null,
                "endpointType": "REGIONAL",
                "hostedZoneId": "Z3UWIKFBOOGXPP",
                "securityPolicy": "TLS_1_2"
            }],
            "mutualTlsAuthentication": {
                "truststoreUri": "s3://trust/palisade/c/u.pem", "truststoreVersion": "v1", "truststoreWarnings": ["old"]
            },
            "tags": {"palisade.dev/cluster": "c"}
        })));
        assert_eq!((found.status.as_str(), found.status_message), ("UPDATING", None));
        assert_eq!(found.truststore_version.as_deref(), Some("v1"));
        assert_eq!(found.warnings, ["old"]);
        assert_eq!(found.target_zone.as_deref(), Some("Z3UWIKFBOOGXPP"));
        assert_eq!(found.routing_mode, "API_MAPPING_ONLY");
    }

    #[test]
    fn a_domain_name_that_asks_for_no_certificate_has_no_truststore() {
        for mutual in [json!(null), json!({}), json!({"truststoreUri": ""})] {
            let found = content(read(
                &json!({"domainName": "a.example.com", "mutualTlsAuthentication": mutual}),
            ));
            assert_eq!(found.truststore_uri, None);
        }
    }
}
