//! Each step by which an API is opened: the commands of one mode, for one type of API.

use super::{Step, is_locked};
use crate::api::{AccessMode, Enforcement, OriginType, ProtectedApi};
use crate::domain::access::authorization::gate;
use crate::domain::kernel::identity::perimeter_uid;
use crate::domain::mutual_tls::opening;
use crate::plugin::words::{self, in_context};

/// As many characters of a UID stand in the names of what is made for an object.
const SHORT_UID: usize = 8;

/// What the commands are made from.
pub(super) struct Opened<'a> {
    pub(super) object: &'a ProtectedApi,
    pub(super) context: Option<&'a str>,
    pub(super) region: &'a str,
    pub(super) id: &'a str,
    /// By which the methods are locked; `MutualTls` where they are not.
    pub(super) mode: AccessMode,
    /// Whether the default endpoint is to be switched on.
    pub(super) with_endpoint: bool,
}

impl Step {
    fn new<const N: usize>(what: impl Into<String>, commands: [String; N]) -> Self {
        Self {
            what: what.into(),
            commands: commands.into(),
            by_hand: false,
        }
    }

    fn by_hand(what: impl Into<String>, command: String) -> Self {
        Self {
            by_hand: true,
            ..Self::new(what, [command])
        }
    }
}

impl Opened<'_> {
    fn is_rest(&self) -> bool {
        self.object.spec.origin.r#type == OriginType::Rest
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.observing()];
        steps.extend(self.with_endpoint.then(|| self.endpoint()));
        if self.mode != AccessMode::MutualTls {
            steps.push(self.constants());
            steps.extend((self.mode == AccessMode::SecretHeader).then(|| self.authorizers()));
            steps.extend(if self.is_rest() {
                self.of_rest()
            } else {
                self.of_others()
            });
            steps.extend(self.policy());
            steps.extend(self.deployments());
        }
        steps
    }

    pub(super) fn notes(&self) -> Vec<String> {
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
            || "Run it with rights in the API's account".to_owned(),
            |account| format!("Run it with rights in account {account}"),
        );
        let unsure = (!is_locked(self.object)).then(|| {
            "The object's status does not say that it has locked this stage: look first what its methods ask for.".to_owned()
        });
        let first = format!(
            "Opens stage {stage} of {id} again, which {place}/{object} locks ({mode}): whoever knows the API's address may then call it past \
             the perimeter."
        );
        let how = "Nothing was run. Run it step by step, not as a whole, and read each step.".to_owned();
        let account = format!("{account}: aws sts get-caller-identity");
        [Some(first), Some(how), unsure, Some(account)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Under `Enforce` the API would be locked again.
    fn observing(&self) -> Step {
        let access = self.object.spec.access.as_ref();
        let enforcement = access.and_then(|access| access.enforcement);
        if enforcement == Some(Enforcement::Observe) {
            let said = "spec.access.enforcement is Observe already: what is opened stays open";
            return Step::new(said, []);
        }
        let metadata = &self.object.metadata;
        let (name, namespace) = (
            quoted(metadata.name.as_deref()),
            quoted(metadata.namespace.as_deref()),
        );
        let patch = quoted(Some(r#"{"spec": {"access": {"enforcement": "Observe"}}}"#));
        Step::new(
            "While the object exists, it locks the API again; where Git or a chart has it, change it there",
            [in_context(
                &format!("kubectl patch protectedapi {name} -n {namespace} --type merge -p {patch}"),
                self.context,
            )],
        )
    }

    fn constants(&self) -> Step {
        let stage = quoted(Some(&self.object.spec.origin.stage));
        let (region, id) = (quoted(Some(self.region)), quoted(Some(self.id)));
        Step::new(
            "Which API all that follows is about",
            [format!("REGION={region} ID={id} STAGE={stage}")],
        )
    }

    /// The default endpoint, which is the API's as a whole: methods ask for nothing of the perimeter's.
    fn endpoint(&self) -> Step {
        Step::new(
            "The default endpoint of the API, with all its stages",
            opening::commands(&gate(&self.object.spec.origin)),
        )
    }

    /// The ids of the object's authorizers: other ones are the team's.
    fn authorizers(&self) -> Step {
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
        Step::new(
            "The authorizers of this object; those of the team stay",
            [format!("OURS=$(aws {list} \"$ID\" --output json | jq -c {jq})")],
        )
    }

    fn of_rest(&self) -> [Step; 2] {
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
        let jq = format!(
            r#".items[] | .id as $id | (.resourceMethods // {{}})[] | select({selected}) | "\($id) \(.httpMethod)""#
        );
        let note = match self.mode {
            AccessMode::ApiKey => ", and those that ask for your customers' keys",
            AccessMode::SigV4 | AccessMode::SecretHeader | AccessMode::MutualTls => "",
        };
        [
            self.listed(
                &format!("methods, as a list. Before the next step, take those out of it that asked for the same before{note}"),
                "apigateway get-resources --region \"$REGION\" --rest-api-id \"$ID\" --embed methods",
                &jq,
            ),
            opens(
                "resource method",
                &format!(
                    "aws apigateway update-method --region \"$REGION\" --rest-api-id \"$ID\" \\\n    \
                     --resource-id \"$resource\" --http-method \"$method\" --patch-operations {changed}"
                ),
            ),
        ]
    }

    /// Routes of HTTP and WebSocket APIs.
    fn of_others(&self) -> [Step; 2] {
        let selected = match self.mode {
            // The schema has keys for REST APIs alone.
            AccessMode::SigV4 | AccessMode::ApiKey | AccessMode::MutualTls => {
                r#".AuthorizationType == "AWS_IAM""#
            }
            AccessMode::SecretHeader => {
                r#".AuthorizationType == "CUSTOM" and (.AuthorizerId as $asked | $ours | any(. == $asked))"#
            }
        };
        [
            self.listed(
                "routes, as a list. Before the next step, take those out of it that asked for the same before",
                "apigatewayv2 get-routes --region \"$REGION\" --api-id \"$ID\"",
                &format!(".Items[] | select({selected}) | .RouteId"),
            ),
            opens(
                "route",
                "aws apigatewayv2 update-route --region \"$REGION\" --api-id \"$ID\" --route-id \"$route\" \\\n    --authorization-type NONE",
            ),
        ]
    }

    /// What asks for the proof, in a file.
    fn listed(&self, what: &str, read: &str, jq: &str) -> Step {
        let ours = match self.mode {
            AccessMode::SecretHeader => "--argjson ours \"$OURS\" ",
            AccessMode::SigV4 | AccessMode::ApiKey | AccessMode::MutualTls => "",
        };
        let jq = quoted(Some(jq));
        Step::new(
            format!("The {what}"),
            [
                "LIST=\"palisade-open-$ID.txt\"".to_owned(),
                format!("aws {read} --output json |\n  jq -r {ours}{jq} > \"$LIST\""),
                "cat \"$LIST\"".to_owned(),
            ],
        )
    }

    /// Statements of `sigV4.exclusive`, which deny everybody but the signer. What the spec says by now tells nothing of them.
    fn policy(&self) -> Vec<Step> {
        if !self.is_rest() || self.mode != AccessMode::SigV4 {
            return vec![];
        }
        let uid = perimeter_uid(self.object).unwrap_or_default();
        let end: String = uid.chars().filter(char::is_ascii_alphanumeric).collect();
        let api = "--region \"$REGION\" --rest-api-id \"$ID\"";
        vec![
            Step::new(
                format!(
                    "The policy: the statements PalisadeOnly{end} and PalisadeOpen{end} let in the signer alone. Where it has none of \
                     them, there is nothing to do"
                ),
                [format!("aws apigateway get-rest-api {api} --query policy")],
            ),
            Step::by_hand(
                "Where it has them, take those two out of what the command before printed, and write the rest back ('' if nothing is left); \
                 statements of others stay",
                format!(
                    "aws apigateway update-rest-api {api} \\\n  \
                     --patch-operations '[{{\"op\": \"replace\", \"path\": \"/policy\", \"value\": \"…\"}}]'"
                ),
            ),
        ]
    }

    /// Nothing is open before it is deployed.
    fn deployments(&self) -> Vec<Step> {
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
        let served = Step::new(when, [format!("aws {command} \"$STAGE\"")]);
        let access = self
            .object
            .status
            .as_ref()
            .and_then(|status| status.access.as_ref());
        let earlier = access.into_iter().flat_map(|access| &access.earlier_stages);
        let earlier = earlier.map(|earlier| {
            let mode = earlier
                .mode
                .map_or_else(String::new, |mode| format!(" ({})", mode.name()));
            Step::by_hand(
                format!("A stage that the object named before may be locked still{mode}; to open it, too:"),
                format!("aws {command} {}", quoted(Some(&earlier.stage))),
            )
        });
        [served].into_iter().chain(earlier).collect()
    }
}

/// Opens each line of the list, which `names` has the names of.
fn opens(names: &str, command: &str) -> Step {
    Step::new(
        "Opens what is left in the list",
        [format!(
            "while read -r {names}; do\n  {command} < /dev/null\ndone < \"$LIST\""
        )],
    )
}

/// One word of a shell, whatever is in it.
fn quoted(text: Option<&str>) -> String {
    words::quoted(text.unwrap_or_default())
}
