//! How people open an API again whose default endpoint is off: Palisade never does.

use crate::api::OriginType;
use crate::domain::access::asked::Gate;

/// The two commands: the first switches the default endpoint on, the second has the stage serve that. Whether a stage that is given what it
/// has does so, AWS does not say: its description is changed, and given back as it was. That deploys nothing. A stage of an HTTP API that
/// deploys by itself needs the first alone.
#[must_use]
pub fn commands(gate: &Gate) -> [String; 2] {
    let Gate {
        region,
        api_id,
        stage,
        ..
    } = gate;
    match gate.r#type {
        OriginType::Rest => {
            let of_stage = format!("--region {region} --rest-api-id {api_id} --stage-name '{stage}'");
            [
                format!(
                    "aws apigateway update-rest-api --region {region} --rest-api-id {api_id} --patch-operations \
                     op=replace,path=/disableExecuteApiEndpoint,value=false"
                ),
                format!(
                    "WAS=$(aws apigateway get-stage {of_stage} --query \"description || ''\" --output json) && aws apigateway update-stage \
                     {of_stage} --patch-operations op=replace,path=/description,value=opening && aws apigateway update-stage {of_stage} \
                     --patch-operations \"[{{\\\"op\\\":\\\"replace\\\",\\\"path\\\":\\\"/description\\\",\\\"value\\\":$WAS}}]\""
                ),
            ]
        }
        OriginType::Http | OriginType::WebSocket => {
            let of_stage = format!("--region {region} --api-id {api_id} --stage-name '{stage}'");
            [
                format!(
                    "aws apigatewayv2 update-api --region {region} --api-id {api_id} --no-disable-execute-api-endpoint"
                ),
                format!(
                    "WAS=$(aws apigatewayv2 get-stage {of_stage} --query \"Description || ''\" --output json) && aws apigatewayv2 \
                     update-stage {of_stage} --description opening && aws apigatewayv2 update-stage {of_stage} --cli-input-json \
                     \"{{\\\"Description\\\":$WAS}}\""
                ),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Origin;
    use crate::domain::access::asked::gate;
    use serde_json::json;

    fn of(r#type: &str, stage: &str) -> [String; 2] {
        let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
        let origin = json!({"endpoint": endpoint, "type": r#type, "stage": stage});
        let origin: Origin = serde_json::from_value(origin).unwrap();
        commands(&gate(&origin))
    }

    #[test]
    fn an_api_is_opened_without_a_deployment_that_would_carry_what_nobody_has_deployed() {
        for (r#type, stage) in [("REST", "prod"), ("HTTP", "$default")] {
            let [first, second] = of(r#type, stage);
            assert!(
                first.contains("a1b2c3d4e5") && first.contains("eu-north-1"),
                "{first}"
            );
            assert!(second.contains(&format!("'{stage}'")), "{second}");
            assert!(!second.contains("create-deployment"), "{second}");
            // A change counts whatever AWS counts as one, and what the team says of the stage is given back.
            let (read, written) = second.split_once(" && ").unwrap();
            assert!(
                read.starts_with("WAS=") && written.contains("opening"),
                "{second}"
            );
            assert!(
                written.ends_with("$WAS}]\"") || written.ends_with("$WAS}\""),
                "{second}"
            );
        }
    }
}
