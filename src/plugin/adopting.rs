//! What `kubectl palisade adopt` shows: the manifest that is written from a distribution, its plan, and what to do next.

use super::adoption::{confirm, is_for_consent};
use super::lines::Lines;
use super::look::Look;
use super::plan::Made;
use super::plan_text::{Asked, text as plan_text};
use super::words::{argument, in_context};
use crate::api::{GROUP, ProtectedApiSpec};
use serde::Serialize;

/// For which object.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The distribution's id.
    pub id: &'a str,
    /// The `AwsAccount` that was named.
    pub account: Option<&'a str>,
    /// The stage that was named.
    pub stage: Option<&'a str>,
    /// The context of the kubeconfig that was named.
    pub context: Option<&'a str>,
}

/// An object as kubectl applies it.
#[derive(Serialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub struct Manifest<'a> {
    api_version: String,
    kind: &'static str,
    metadata: Metadata<'a>,
    spec: &'a ProtectedApiSpec,
}

#[derive(Serialize, Debug, Clone)]
struct Metadata<'a> {
    name: &'a str,
    namespace: &'a str,
}

/// The controller of an older version answers no spec.
#[derive(Debug, thiserror::Error)]
#[error(
    "the controller answered a plan without the spec that it is of: use the kubectl-palisade of the version that runs in the cluster"
)]
pub struct NoSpec;

/// The manifest that was written.
///
/// # Errors
/// [`NoSpec`].
pub fn manifest<'a>(made: &'a Made, wanted: Wanted<'a>) -> Result<Manifest<'a>, NoSpec> {
    Ok(Manifest {
        api_version: format!("{GROUP}/v1alpha1"),
        kind: "ProtectedApi",
        metadata: Metadata {
            name: wanted.name,
            namespace: wanted.namespace,
        },
        spec: made.perimeter.as_ref().ok_or(NoSpec)?,
    })
}

/// Whether the distribution cannot be adopted as it is, whatever a person consents to.
#[must_use]
pub fn is_refused(made: &Made) -> bool {
    let adoption = made.plan.adoption.as_ref();
    let mut refusals = adoption.into_iter().flat_map(|adoption| &adoption.refusals);
    refusals.any(|refusal| !is_for_consent(refusal))
}

/// All of it, for people. `yaml` is the manifest as text.
#[must_use]
pub fn text(made: &Made, yaml: &str, wanted: Wanted<'_>, look: Look) -> String {
    let object = format!("{}/{}", wanted.namespace, wanted.name);
    let mut lines = Lines::new(look);
    lines.paragraph(
        0,
        None,
        &format!(
            "The manifest of {object}, written from distribution {} so that as much as can be stays as it is:",
            wanted.id
        ),
    );
    lines.gap();
    for line in yaml.lines() {
        lines.unbroken(0, line);
    }
    lines.gap();
    let asked = Asked {
        object: &object,
        is_suspended: false,
    };
    let plan = plan_text(&made.plan, asked, look);
    let mut next = Lines::new(look);
    next.gap();
    steps(&mut next, made, wanted);
    format!("{}{plan}{}", lines.into_text(), next.into_text())
}

fn steps(lines: &mut Lines, made: &Made, wanted: Wanted<'_>) {
    let Wanted {
        namespace, name, id, ..
    } = wanted;
    if is_refused(made) {
        lines.paragraph(
            0,
            None,
            "The distribution is not adopted as it is: do what is said above, and ask again.",
        );
        return;
    }
    let adoption = made.plan.adoption.as_ref();
    let here = |command: &str| in_context(command, wanted.context);
    let named = [("account", wanted.account), ("stage", wanted.stage)];
    // Without them another account would be looked through, or no stage be known.
    let named = named.map(|(option, value)| value.map(|value| format!(" --{option} {}", argument(value))));
    let named: String = named.into_iter().flatten().collect();
    let asked = here(&format!(
        "kubectl palisade adopt {id} -n {namespace} --name {name}{named}"
    ));
    let agreed = let_go(made);
    let all = |tools: &[&str]| {
        tools
            .iter()
            .flat_map(|tool| [" --let-go ", *tool])
            .collect::<String>()
    };
    let mut told = Numbered { lines, number: 0 };
    let missing = without_consent(made);
    told.lines.paragraph(0, None, "What to do next");
    if !missing.is_empty() {
        let said = format!(
            "Have {} keep the distribution, as said above.",
            missing.join(" and ")
        );
        told.step(&said, None);
        let again = format!("{asked}{}", all(&[agreed, missing].concat()));
        told.step(
            "Ask again with your consent: then the plan is shown.",
            Some(&again),
        );
        return;
    }
    let written = format!("{asked}{} -o yaml > {name}.yaml", all(&agreed));
    told.step("Write the manifest to a file, and read it.", Some(&written));
    let apply = format!("kubectl apply -f {name}.yaml");
    told.step(
        "Apply it. Nothing is written to AWS by that.",
        Some(&here(&apply)),
    );
    let status = here(&format!("kubectl palisade status {name} -n {namespace}"));
    told.step("Wait for the plan of the object, and read it.", Some(&status));
    let hash = adoption.and_then(|adoption| adoption.hash.as_deref());
    let confirmed = here(&confirm(
        namespace,
        name,
        hash.unwrap_or("<status.adoption.hash>"),
    ));
    told.step(
        "Confirm it by its hash; the status shows the same command.",
        Some(&confirmed),
    );
    let ready =
        format!("kubectl -n {namespace} wait protectedapi/{name} --for=condition=Ready --timeout=60m");
    told.step("Wait until the perimeter stands.", Some(&here(&ready)));
    let release = here(&format!("kubectl palisade release {name} -n {namespace}"));
    told.step(
        "Then have the tool that made the distribution let it go, as said above. To give the distribution back instead:",
        Some(&release),
    );
}

/// The tools for which the manifest lacks consent, so that the distribution is not adopted yet.
#[must_use]
pub fn without_consent(made: &Made) -> Vec<&str> {
    let adoption = made.plan.adoption.iter();
    let rivals = adoption.flat_map(|adoption| &adoption.rivals);
    let missing = rivals.filter(|rival| rival.needs_consent);
    missing.map(|rival| rival.tool.as_str()).collect()
}

/// The tools whose consent the manifest has.
fn let_go(made: &Made) -> Vec<&str> {
    let distribution = made
        .perimeter
        .as_ref()
        .and_then(|spec| spec.distribution.as_ref());
    let adopt = distribution.and_then(|distribution| distribution.adopt.as_ref());
    let tools = adopt.and_then(|adopt| adopt.let_go.as_ref());
    tools.into_iter().flatten().map(String::as_str).collect()
}

/// Steps with a number and a command each.
struct Numbered<'a> {
    lines: &'a mut Lines,
    number: usize,
}

impl Numbered<'_> {
    fn step(&mut self, said: &str, command: Option<&str>) {
        self.number += 1;
        self.lines.paragraph(2, None, &format!("{}. {said}", self.number));
        if let Some(command) = command {
            self.lines.unbroken(5, command);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const WANTED: Wanted<'static> = Wanted {
        namespace: "shop",
        name: "petstore",
        id: "E1ABCDEF2GHIJK",
        account: None,
        stage: None,
        context: None,
    };
    const LOOK: Look = Look {
        width: 100,
        unicode: true,
        colour: false,
    };

    fn made(adoption: &Value) -> Made {
        let origin = json!({"endpoint": "a7b8c9d0e1.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"});
        let summary = json!({"changes": 0, "create": 0, "change": 0, "delete": 0, "wait": 0, "problems": 0});
        Made {
            plan: serde_json::from_value(
                json!({"hash": "h", "calls": 0, "summary": summary, "adoption": adoption}),
            )
            .expect("a plan"),
            perimeter: Some(
                serde_json::from_value(
                    json!({"origin": origin, "distribution": {"adopt": {"id": WANTED.id}}}),
                )
                .expect("a spec"),
            ),
        }
    }

    fn adoption(more: &Value) -> Value {
        let mut adoption = json!({"id": WANTED.id, "state": "Planned", "hash": "7f3a9c41"});
        for (field, value) in more.as_object().expect("fields") {
            adoption[field] = value.clone();
        }
        adoption
    }

    fn shown(made: &Made) -> String {
        let yaml = serde_yaml::to_string(&manifest(made, WANTED).expect("a manifest")).expect("YAML");
        text(made, &yaml, WANTED, LOOK)
    }

    #[test]
    fn the_manifest_is_one_that_kubectl_applies() {
        let made = made(&adoption(&json!({})));
        let value = serde_json::to_value(manifest(&made, WANTED).expect("a manifest")).expect("JSON");
        assert_eq!(value["apiVersion"], "palisade.dev/v1alpha1");
        assert_eq!(value["kind"], "ProtectedApi");
        assert_eq!(
            value["metadata"],
            json!({"name": "petstore", "namespace": "shop"})
        );
        assert_eq!(value["spec"]["distribution"], json!({"adopt": {"id": WANTED.id}}));
    }

    #[test]
    fn a_person_sees_the_manifest_the_plan_and_the_commands_in_their_order() {
        let rival = json!({"tool": "Terraform", "seen": "no mark", "command": "terraform state list", "needsConsent": false});
        let text = shown(&made(&adoption(&json!({"rivals": [rival]}))));
        let places = [
            "kind: ProtectedApi",
            "Who else may write it",
            "What to do next",
            "kubectl apply -f petstore.yaml",
            r#"{"confirm":"7f3a9c41"}"#,
            "--for=condition=Ready",
        ];
        let places = places.map(|part| {
            text.find(part)
                .unwrap_or_else(|| panic!("{part} is not in:\n{text}"))
        });
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn a_tool_that_has_to_consent_is_asked_for_before_anything_else() {
        let rival = json!({"tool": "ACK", "seen": "a tag", "command": "Retain it.", "needsConsent": true});
        let refusal = json!({"reason": "RivalNotLetGo", "field": "spec.distribution.adopt.letGo", "message": "it bears a tag", "remedy": "Retain it."});
        let more = json!({"state": "Refused", "rivals": [rival], "refusals": [refusal]});
        let mut made = made(&adoption(&more));
        assert!(!is_refused(&made));
        let text = shown(&made);
        assert!(
            text.contains("kubectl palisade adopt E1ABCDEF2GHIJK -n shop --name petstore --let-go ACK\n"),
            "{text}"
        );
        assert!(
            !text.contains("kubectl apply") && !text.contains("What stands in the way"),
            "{text}"
        );
        let spec = made
            .perimeter
            .as_mut()
            .and_then(|spec| spec.distribution.as_mut());
        let adopt = spec.and_then(|spec| spec.adopt.as_mut()).expect("an adoption");
        adopt.let_go = Some(vec!["CloudFormation".to_owned()]);
        assert!(shown(&made).contains("--let-go CloudFormation --let-go ACK\n"));
    }

    #[test]
    fn the_next_commands_ask_in_the_account_of_the_stage_and_in_the_cluster_that_were_named() {
        let wanted = Wanted {
            account: Some("spoke"),
            stage: Some("$default"),
            context: Some("prod"),
            ..WANTED
        };
        let text = text(&made(&adoption(&json!({}))), "", wanted, LOOK);
        for command in [
            "kubectl palisade adopt E1ABCDEF2GHIJK -n shop --name petstore --account spoke --stage '$default' --context prod -o yaml > \
             petstore.yaml\n",
            "kubectl --context prod apply -f petstore.yaml\n",
            "kubectl palisade status petstore -n shop --context prod\n",
            "kubectl --context prod -n shop patch protectedapi petstore",
            "kubectl --context prod -n shop wait protectedapi/petstore",
            "kubectl palisade release petstore -n shop --context prod\n",
        ] {
            assert!(text.contains(command), "{command} is not in:\n{text}");
        }
    }

    #[test]
    fn what_cannot_be_adopted_has_no_next_step_but_what_it_is_refused_for() {
        let refusal = json!({"reason": "Staging", "field": "spec.distribution.adopt.id", "message": "it is a staging distribution", "remedy": "Adopt its primary."});
        let made = made(&adoption(&json!({"state": "Refused", "refusals": [refusal]})));
        assert!(is_refused(&made));
        let text = shown(&made);
        assert!(text.contains("Adopt its primary."), "{text}");
        assert!(!text.contains("kubectl apply"), "{text}");
    }
}
