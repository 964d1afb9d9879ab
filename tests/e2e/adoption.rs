//! A stack that stands already, with viewers: taken over in place, and given back.

use crate::foreign_hand::configuration;
use crate::iam::printed_policy_and;
use crate::scene::{Scene, aws};
use crate::viewers::{Viewers, get};
use palisade::domain::edge::xml::{self, Element};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const PERMITTED: [(&str, &str); 4] = [
    ("palisade.dev/allowed-apis", "*"),
    ("palisade.dev/allowed-domains", "*"),
    ("palisade.dev/allowed-arns", "*"),
    ("palisade.dev/allow-adopt", "*"),
];
/// Where a field that a plan names stands in CloudFront's document.
const PLACES: [(&str, &str); 4] = [
    ("comment", "Comment"),
    ("webAclArn", "WebACLId"),
    (
        "signerVersionArn",
        "DefaultCacheBehavior/LambdaFunctionAssociations",
    ),
    ("uncachedErrors", "CustomErrorResponses"),
];

/// The stack of AWS's guide after years, for the scene's API.
struct Stack {
    id: String,
    domain: String,
}

impl Stack {
    fn plant(scene: &Scene) -> Self {
        let number = &scene.api[3..];
        let (id, name) = (format!("E2E{number}"), format!("pets-{number}"));
        let seed = include_str!("../env/aws/seeds/grown.json")
            .replace("E2ABCDEF3GHIJK", &id)
            .replace("b8c9d0e1f2", &scene.api)
            .replace("pet-perimeter", &name)
            .replacen(
                "<ViewerProtocolPolicy>https-only<",
                "<ViewerProtocolPolicy>redirect-to-https<",
                1,
            );
        let seed: Value = serde_json::from_str(&seed).expect("JSON");
        let made = aws().control("POST", "seed", &seed);
        let domain = made["distributions"][0]["domainName"].as_str();
        let domain = domain.expect("a domain name").to_owned();
        Self { id, domain }
    }

    /// What a viewer is answered who asks without TLS.
    fn without_tls(&self) -> (u16, Option<String>) {
        let header = [("x-emulated-viewer-protocol", "http")];
        aws().ask("GET", &self.domain, "/pets", &header)
    }

    fn config(&self) -> String {
        configuration(&self.id)
    }

    /// Its tags, as AWS has them.
    fn tags(&self) -> Value {
        let all = aws().control("GET", "resources", &Value::Null);
        let mut all = all.as_array().expect("a list").iter();
        let found = all.find(|found| found["id"] == *self.id);
        found.expect("the distribution")["tags"].clone()
    }
}

/// What the plugin prints.
pub fn plugin(scene: &Scene, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .arg("kubectl")
        .args(arguments)
        .args(["-n", &scene.namespace])
        .env("KUBECONFIG", &scene.kubeconfig)
        .output()
        .expect("the plugin runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The text at each place of a document, and the number of each kind of element.
fn leaves(config: &str) -> BTreeMap<String, String> {
    fn lay(path: &str, element: &Element, out: &mut BTreeMap<String, String>) {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        let children = element.children.iter().filter_map(|child| child.as_element());
        let mut is_leaf = true;
        for child in children {
            is_leaf = false;
            let number = count.entry(child.name.as_str()).or_default();
            *number += 1;
            lay(&format!("{path}/{}[{number}]", child.name), child, out);
        }
        if is_leaf {
            let text = element.get_text().unwrap_or_default().into_owned();
            out.insert(path.to_owned(), text);
        }
    }
    let mut out = BTreeMap::new();
    lay("", &xml::parse(config).expect("XML"), &mut out);
    out
}

/// The places at which two documents differ, without the numbers of elements.
fn differences(before: &str, after: &str) -> BTreeSet<String> {
    let (before, after) = (leaves(before), leaves(after));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = all
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path));
    differ
        .map(|path| {
            let steps = path.trim_start_matches('/').split('/');
            let names = steps.map(|step| step.split('[').next().unwrap_or_default());
            names.collect::<Vec<_>>().join("/")
        })
        .collect()
}

/// Waits until the adoption is in this state; answers it.
async fn until(scene: &Scene, state: &str) -> Value {
    let what = format!("the adoption is {state}");
    let seen = scene.until_seen(&what, scene.objects(), "petstore", |object| {
        let found = &object["status"]["adoption"];
        (found["state"] == state).then(|| found.clone())
    });
    seen.await
}

#[tokio::test]
async fn a_stack_is_adopted_and_given_back_and_not_one_viewer_is_refused() {
    let scene = Scene::permitted(&PERMITTED).await;
    let stack = Stack::plant(&scene);
    let (config, tags) = (stack.config(), stack.tags());
    let sent_to = Some(format!("https://{}/pets", stack.domain));
    assert_eq!(stack.without_tls(), (301, sent_to.clone()));
    let viewers = Viewers::of(stack.domain.clone());
    let _controller = scene.launch().policy(printed_policy_and("--adoption")).start();

    let adopt = ["adopt", &stack.id, "--name", "petstore"];
    let text = plugin(&scene, &adopt);
    assert!(text.contains("--let-go CloudFormation"), "{text}");
    let adopt = [&adopt[..], &["--let-go", "CloudFormation", "-o", "json"]].concat();
    let manifest: Value = serde_json::from_str(&plugin(&scene, &adopt)).expect("JSON");
    assert_eq!(manifest["spec"]["distribution"]["priceClass"], "PriceClass_100");
    let file = scene.write(&manifest);
    scene.kubectl(&["apply", "-f", &file]);
    let planned = until(&scene, "Planned").await;
    let named: BTreeSet<&str> = planned["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| change["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(
        stack.config(),
        config,
        "nothing is written before it is confirmed"
    );
    assert_eq!(stack.tags(), tags);

    let confirm = json!({"distribution": {"adopt": {"confirm": planned["hash"]}}});
    scene.change("petstore", confirm).await;
    let adopted = until(&scene, "Adopted").await;
    scene.until_ready("petstore").await;
    assert_eq!(stack.without_tls(), (301, sent_to), "as before");
    let places = PLACES.iter().filter(|(field, _)| named.contains(field));
    let places: Vec<&str> = places.map(|(_, place)| *place).collect();
    let others = differences(&config, &stack.config())
        .into_iter()
        .filter(|found| !places.iter().any(|place| found.starts_with(place)));
    assert_eq!(
        others.collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the plan names {named:?}"
    );
    assert_eq!(
        adopted["noLongerUsed"].as_array().map(Vec::len),
        Some(2),
        "{adopted}"
    );
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 403, "past the perimeter");

    plugin(&scene, &["release", "petstore", "--yes"]);
    until(&scene, "Released").await;
    assert_eq!(stack.config(), config, "as it was found, to the byte");
    assert_eq!(stack.tags(), tags);
    viewers.end();
    assert_eq!(get(&stack.domain, "/prod/pets").0, 200);

    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    assert_eq!(
        stack.config(),
        config,
        "a deletion leaves what is given back alone"
    );
}
