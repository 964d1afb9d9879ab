//! The commands that open an API again by hand, with the ids of one object: they are printed, and nobody runs them here.
//! `docs/access-modes.md` has them with words in the places of the ids.

use super::read::{Unreadable, read};
use super::words;
use crate::api::{AccessMode, Enforcement, OriginType, ProtectedApi};
use crate::domain::access::authorization::gate;
use crate::domain::kernel::endpoint::region_and_id;
use crate::domain::kernel::identity::perimeter_uid;
use crate::domain::mutual_tls::opening;
use std::fmt::Write as _;

/// As many characters of a UID stand in the names of what is made for an object.
const SHORT_UID: usize = 8;

/// Why there are no commands.
#[derive(Debug, thiserror::Error)]
pub enum Unopenable {
    /// The object is of another version.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It does not say which API it is for.
    #[error(
        "spec.origin.endpoint {0} is no default endpoint of API Gateway, so it does not say which API to open"
    )]
    Endpoint(String),
}

/// What the commands are made from.
struct Opened<'a> {
    object: &'a ProtectedApi,
    region: &'a str,
    id: &'a str,
    /// By which the methods are locked; `MutualTls` where they are not.
    mode: AccessMode,
    /// Whether the default endpoint is to be switched on.
    with_endpoint: bool,
}

/// The commands that open the API of `object`, as the API server has it: for a shell, with what to think of.
///
/// # Errors
/// [`Unopenable`].
pub fn commands(object: &serde_json::Value) -> Result<String, Unopenable> {
    let object = read(object)?.object;
    let endpoint = &object.spec.origin.endpoint;
    let (region, id) = region_and_id(endpoint).ok_or_else(|| Unopenable::Endpoint(endpoint.clone()))?;
    let opened = Opened {
        object: &object,
        region,
        id,
        mode: mode_of_methods(&object),
        with_endpoint: mode(&object) == AccessMode::MutualTls || is_endpoint_off(&object),
    };
    let endpoint = opened.with_endpoint.then(|| opened.endpoint());
    let before = [
        opened.introduction(),
        opened.observing(),
        endpoint.unwrap_or_default(),
    ];
    if opened.mode == AccessMode::MutualTls {
        return Ok(before.concat());
    }
    let parts = [
        before.concat(),
        opened.constants(),
        opened.methods(),
        opened.policy().unwrap_or_default(),
        opened.deployments(),
    ];
    Ok(parts.concat())
}

/// The mode in which the stage was last read to be locked; else the one that goes on, or is asked for.
fn mode(object: &ProtectedApi) -> AccessMode {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    let locked = status.and_then(|access| access.locked_mode);
    let asked = object.spec.access.as_ref().and_then(|access| access.mode);
    locked.or(held(object)).or(asked).unwrap_or_default()
}

/// The mode that goes on in the place of the declared one, or beside it.
fn held(object: &ProtectedApi) -> Option<AccessMode> {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    status
        .and_then(|access| access.held_mode.as_ref())
        .map(|held| held.mode)
}

/// Beside a client certificate the methods are locked by the mode before, as long as that goes on.
fn mode_of_methods(object: &ProtectedApi) -> AccessMode {
    match mode(object) {
        AccessMode::MutualTls => held(object).unwrap_or(AccessMode::MutualTls),
        mode => mode,
    }
}

/// Whether the API's default endpoint was last read to be switched off.
fn is_endpoint_off(object: &ProtectedApi) -> bool {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    let mutual_tls = status.and_then(|access| access.mutual_tls.as_ref());
    mutual_tls.is_some_and(|known| known.default_endpoint_off)
}

impl Opened<'_> {
    fn is_rest(&self) -> bool {
        self.object.spec.origin.r#type == OriginType::Rest
    }

    fn introduction(&self) -> String {
        let metadata = &self.object.metadata;
        let place = metadata.namespace.as_deref().unwrap_or_default();
        let object = metadata.name.as_deref().unwrap_or_default();
        let (id, stage) = (self.id, &self.object.spec.origin.stage);
        let is_locked_twice = self.with_endpoint && self.mode != AccessMode::MutualTls;
        let besides = if is_locked_twice { " and MutualTls" } else { "" };
        let mode = format!("{}{besides}", self.mode.name());
        let status = self.object.status.as_ref();
        let account = status.and_then(|status| status.account_id.as_deref());
        let account = account.map_or_else(
            || "# Run it with rights in the API's account".to_owned(),
            |account| format!("# Run it with rights in account {account}"),
        );
        let access = status.and_then(|status| status.access.as_ref());
        let is_locked = access.is_some_and(|access| access.locked_stage.as_ref() == Some(stage));
        let unsure = if is_locked {
            ""
        } else {
            "# The object's status does not say that it has locked this stage: look first what its methods ask for.\n"
        };
        format!(
            "# Opens stage {stage} of {id} again, which {place}/{object} locks ({mode}): whoever knows the API's address may\n\
             # then call it past the perimeter. Nothing was run. Run it step by step, not as a whole, and read each step.\n\
             {unsure}{account}: aws sts get-caller-identity\n"
        )
    }

    /// Under `Enforce` the API would be locked again.
    fn observing(&self) -> String {
        let access = self.object.spec.access.as_ref();
        let enforcement = access.and_then(|access| access.enforcement);
        if enforcement == Some(Enforcement::Observe) {
            return "\n# spec.access.enforcement is Observe already: what is opened stays open\n".to_owned();
        }
        let metadata = &self.object.metadata;
        let (name, namespace) = (
            quoted(metadata.name.as_deref()),
            quoted(metadata.namespace.as_deref()),
        );
        let patch = quoted(Some(r#"{"spec": {"access": {"enforcement": "Observe"}}}"#));
        format!(
            "\n# While the object exists, it locks the API again; where Git or a chart has it, change it there\n\
             kubectl patch protectedapi {name} -n {namespace} --type merge -p {patch}\n"
        )
    }

    fn constants(&self) -> String {
        let stage = quoted(Some(&self.object.spec.origin.stage));
        format!(
            "\nREGION={} ID={} STAGE={stage}\n",
            quoted(Some(self.region)),
            quoted(Some(self.id))
        )
    }

    fn methods(&self) -> String {
        let asked = match self.mode {
            AccessMode::SigV4 | AccessMode::ApiKey | AccessMode::MutualTls => String::new(),
            AccessMode::SecretHeader => self.authorizers(),
        };
        let opened = if self.is_rest() {
            self.of_rest()
        } else {
            self.of_others()
        };
        format!("{asked}{opened}")
    }

    /// The default endpoint, which is the API's as a whole: methods ask for nothing of the perimeter's.
    fn endpoint(&self) -> String {
        let [switched, published] = opening::commands(&gate(&self.object.spec.origin));
        format!("\n# The default endpoint of the API, with all its stages\n{switched}\n{published}\n")
    }

    /// The ids of the object's authorizers: other ones are the team's.
    fn authorizers(&self) -> String {
        let uid = perimeter_uid(self.object).unwrap_or_default();
        let short = uid.get(..SHORT_UID).unwrap_or(uid);
        let ours = |name: &str| {
            format!(r#"select(.{name} | startswith("palisade-") and contains("-{short}-auth-"))"#)
        };
        let (list, jq) = if self.is_rest() {
            (
                "apigateway get-authorizers --region \"$REGION\" --rest-api-id",
                format!("[.items[] | {} | .id]", ours("name")),
            )
        } else {
            (
                "apigatewayv2 get-authorizers --region \"$REGION\" --api-id",
                format!("[.Items[] | {} | .AuthorizerId]", ours("Name")),
            )
        };
        let jq = quoted(Some(&jq));
        format!(
            "\n# The authorizers of this object; those of the team stay\nOURS=$(aws {list} \"$ID\" --output json | jq -c {jq})\n"
        )
    }

    fn of_rest(&self) -> String {
        let (selected, changed) = match self.mode {
            AccessMode::SigV4 | AccessMode::MutualTls => (
                r#".authorizationType == "AWS_IAM""#,
                "op=replace,path=/authorizationType,value=NONE",
            ),
            AccessMode::ApiKey => (".apiKeyRequired", "op=replace,path=/apiKeyRequired,value=false"),
            AccessMode::SecretHeader => (
                r#".authorizationType == "CUSTOM" and (.authorizerId as $asked | $ours | any(. == $asked))"#,
                "op=replace,path=/authorizationType,value=NONE",
            ),
        };
        let ours = self.ours();
        let jq = quoted(Some(&format!(
            r#".items[] | .id as $id | (.resourceMethods // {{}})[] | select({selected}) | "\($id) \(.httpMethod)""#
        )));
        let note = match self.mode {
            AccessMode::ApiKey => ", and those that ask for your customers' keys",
            AccessMode::SigV4 | AccessMode::SecretHeader | AccessMode::MutualTls => "",
        };
        format!(
            "\n# The methods, as a list. Before the next step, take those out of it that asked for the same before{note}\n\
             LIST=\"palisade-open-$ID.txt\"\n\
             aws apigateway get-resources --region \"$REGION\" --rest-api-id \"$ID\" --embed methods --output json |\n  \
             jq -r {ours}{jq} > \"$LIST\"\n\
             cat \"$LIST\"\n\
             # Opens what is left in the list\n\
             while read -r resource method; do\n  \
             aws apigateway update-method --region \"$REGION\" --rest-api-id \"$ID\" \\\n    \
             --resource-id \"$resource\" --http-method \"$method\" --patch-operations {changed} < /dev/null\n\
             done < \"$LIST\"\n"
        )
    }

    /// Routes of HTTP and WebSocket APIs.
    fn of_others(&self) -> String {
        let selected = match self.mode {
            // The schema has keys for REST APIs alone.
            AccessMode::SigV4 | AccessMode::ApiKey | AccessMode::MutualTls => {
                r#".AuthorizationType == "AWS_IAM""#
            }
            AccessMode::SecretHeader => {
                r#".AuthorizationType == "CUSTOM" and (.AuthorizerId as $asked | $ours | any(. == $asked))"#
            }
        };
        let ours = self.ours();
        let jq = quoted(Some(&format!(".Items[] | select({selected}) | .RouteId")));
        format!(
            "\n# The routes, as a list. Before the next step, take those out of it that asked for the same before\n\
             LIST=\"palisade-open-$ID.txt\"\n\
             aws apigatewayv2 get-routes --region \"$REGION\" --api-id \"$ID\" --output json |\n  \
             jq -r {ours}{jq} > \"$LIST\"\n\
             cat \"$LIST\"\n\
             # Opens what is left in the list\n\
             while read -r route; do\n  \
             aws apigatewayv2 update-route --region \"$REGION\" --api-id \"$ID\" --route-id \"$route\" \\\n    \
             --authorization-type NONE < /dev/null\n\
             done < \"$LIST\"\n"
        )
    }

    fn ours(&self) -> &'static str {
        match self.mode {
            AccessMode::SecretHeader => "--argjson ours \"$OURS\" ",
            AccessMode::SigV4 | AccessMode::ApiKey | AccessMode::MutualTls => "",
        }
    }

    /// Statements of `sigV4.exclusive`, which deny everybody but the signer. What the spec says by now tells nothing of them.
    fn policy(&self) -> Option<String> {
        if !self.is_rest() || self.mode != AccessMode::SigV4 {
            return None;
        }
        let uid = perimeter_uid(self.object).unwrap_or_default();
        let end: String = uid.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(format!(
            "\n# The policy: where it has the statements PalisadeOnly{end} and PalisadeOpen{end}, which let in\n\
             # the signer alone, take them out of what the first command prints, and have the second write the rest\n\
             # back ('' if nothing is left); statements of others stay. Where it has none of them, there is nothing to do\n\
             aws apigateway get-rest-api --region \"$REGION\" --rest-api-id \"$ID\" --query policy\n\
             # aws apigateway update-rest-api --region \"$REGION\" --rest-api-id \"$ID\" \\\n\
             #   --patch-operations '[{{\"op\": \"replace\", \"path\": \"/policy\", \"value\": \"…\"}}]'\n"
        ))
    }

    /// Nothing is open before it is deployed.
    fn deployments(&self) -> String {
        let (command, when) = if self.is_rest() {
            (
                "apigateway create-deployment --region \"$REGION\" --rest-api-id \"$ID\" --stage-name",
                "Serve it; all edits of the API go live with it",
            )
        } else {
            (
                "apigatewayv2 create-deployment --region \"$REGION\" --api-id \"$ID\" --stage-name",
                "Serve it, unless the stage deploys by itself; all edits of the API go live with it",
            )
        };
        let mut text = format!("\n# {when}\naws {command} \"$STAGE\"\n");
        let access = self
            .object
            .status
            .as_ref()
            .and_then(|status| status.access.as_ref());
        for earlier in access.iter().flat_map(|access| &access.earlier_stages) {
            let stage = quoted(Some(&earlier.stage));
            let mode = earlier
                .mode
                .map_or_else(String::new, |mode| format!(" ({})", mode.name()));
            // Writing to a String never fails.
            let _ = write!(
                text,
                "# A stage that the object named before may be locked still{mode}; to open it, too:\n# aws {command} {stage}\n"
            );
        }
        text
    }
}

/// One word of a shell, whatever is in it.
fn quoted(text: Option<&str>) -> String {
    words::quoted(text.unwrap_or_default())
}

#[cfg(test)]
mod tests;
