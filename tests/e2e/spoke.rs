//! Another AWS account than the controller's own, and the `AwsAccount`s that lead there.

use crate::apis::{endpoint, rest};
use crate::kubernetes::kubectl;
use crate::scene::{Scene, aws, current_condition};
use kube::api::{Api, DeleteParams, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

/// Another account, with an API and a role in it.
pub struct Spoke<'a> {
    scene: &'a Scene,
    pub id: String,
    api: String,
}

impl<'a> Spoke<'a> {
    /// The account `letter` of this scene. Its API has methods and the stage `prod`.
    pub fn new(scene: &'a Scene, letter: char) -> Self {
        let number: u32 = scene
            .namespace
            .trim_start_matches("test-")
            .parse()
            .expect("test-<number>");
        let spoke = Self {
            scene,
            id: format!("9{:05}{number:06}", letter as u32),
            api: scene.another_api(letter),
        };
        spoke.seed(&json!({"apis": [rest(&spoke.api)]}));
        spoke
    }

    /// Like [`Spoke::new`], with a role that the controller may assume without further ado.
    pub fn trusting(scene: &'a Scene, letter: char) -> Self {
        let spoke = Self::new(scene, letter);
        spoke.trust(&["sts:AssumeRole"], None, None);
        spoke
    }

    fn seed(&self, more: &Value) {
        let mut account = more.clone();
        account["id"] = self.id.as_str().into();
        aws().control("POST", "seed", &json!({"accounts": [account]}));
    }

    pub fn role(&self) -> String {
        format!("arn:aws:iam::{}:role/palisade-spoke", self.id)
    }

    /// Whom the controller's key belongs to.
    pub fn caller(&self) -> String {
        format!("arn:aws:iam::123456789012:user/{}", self.scene.key("one"))
    }

    /// The role, assumed as docs/accounts.md says.
    pub fn trust(&self, actions: &[&str], external_id: Option<&str>, policy: Option<&Value>) {
        let mut statement =
            json!({"Effect": "Allow", "Principal": {"AWS": self.caller()}, "Action": actions});
        if let Some(id) = external_id {
            statement["Condition"] = json!({"StringEquals": {"sts:ExternalId": id}});
        }
        let trust = json!({"Version": "2012-10-17", "Statement": [statement]});
        let mut role = json!({"name": "palisade-spoke", "trustPolicy": trust});
        if let Some(policy) = policy {
            role["policyDocument"] = policy.clone();
        }
        self.seed(&json!({"roles": [role]}));
    }

    /// Declares it as an `AwsAccount` that this scene's namespace may use, with `more` in its spec; answers its name.
    pub fn declare(&self, letter: &str, more: &Value) -> String {
        let name = format!("{}-{letter}", self.scene.namespace);
        let mut spec =
            json!({"roleArn": self.role(), "allowedNamespaces": {"names": [self.scene.namespace]}});
        for (key, value) in more.as_object().expect("fields") {
            spec[key] = value.clone();
        }
        let account = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": name}, "spec": spec,
        });
        let file = self.scene.write(&account);
        kubectl(&["apply", "-f", &file]);
        name
    }

    /// `kubectl apply` of an object for this account's API.
    pub fn apply(&self, account: &str) {
        let spec = json!({"accountName": account, "origin": {"endpoint": endpoint(&self.api)}});
        self.scene.apply("petstore", &spec);
    }

    /// What exists in it for this scene's objects.
    pub fn resources(&self) -> Vec<Value> {
        let mut all = self.scene.resources();
        all.retain(|resource| resource["account"] == self.id.as_str());
        all
    }
}

fn accounts(scene: &Scene) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "AwsAccount");
    Api::all_with(scene.client.clone(), &ApiResource::from_gvk(&kind))
}

pub async fn account(scene: &Scene, name: &str) -> Value {
    let found = accounts(scene).get_opt(name).await.expect("an answer");
    found.map_or(Value::Null, |account| {
        serde_json::to_value(account).expect("JSON")
    })
}

pub async fn delete_account(scene: &Scene, name: &str) {
    let deleted = accounts(scene).delete(name, &DeleteParams::default()).await;
    deleted.expect("deleted");
}

/// Waits for a condition of an `AwsAccount` at its current generation; answers its message.
pub async fn until_account(scene: &Scene, name: &str, is: &str, status: &str, reason: &str) -> String {
    let what = format!("{name}: {is}={status}, {reason}");
    let seen = scene.until_seen(&what, accounts(scene), name, |account| {
        let found = current_condition(account, is)?;
        let is_so = found["status"] == status && found["reason"] == reason;
        is_so.then(|| found["message"].to_string())
    });
    seen.await
}

pub async fn until_account_is_gone(scene: &Scene, name: &str) {
    let is_gone = |account: &Value| account.is_null().then_some(());
    scene
        .until_seen(&format!("{name} is gone"), accounts(scene), name, is_gone)
        .await;
}
