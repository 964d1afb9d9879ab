//! How a perimeter is handed over to another cluster: what is offered here, and what is declared there.

use super::read::clean;
use super::words::in_context;
use crate::api::{HandOverState, HandOverStatus, ProtectedApi};
use crate::domain::kernel::identity::perimeter_uid;
use crate::domain::kernel::keeping::Keeper;
use serde_json::{Value, json};

/// Why there is nothing to hand over, or nobody to hand it over to.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It names no object of a cluster.
    #[error(
        "--to {0} names no object of another cluster: write <UID>/<namespace>/<name>, where `kubectl --context OTHER get namespace \
         kube-system -o jsonpath='{{.metadata.uid}}'` prints the UID"
    )]
    Nobody(String),
    /// No pass has made anything for it.
    #[error(
        "{0} has no distribution yet, so there is nothing to hand over: declare the object in the other cluster alone"
    )]
    NotBuilt(String),
    /// Another one keeps it.
    #[error(
        "{0} has handed its perimeter over already, to {1}: the object may be deleted, and all in AWS stays"
    )]
    Taken(String, String),
}

/// An offer of one object's perimeter.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    namespace: String,
    name: String,
    uid: String,
    to: Keeper,
    spec: Value,
    /// The class that the object goes by, whoever chose it.
    class: Option<String>,
}

impl Offer {
    /// The offer of what `object` keeps to `to`.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn of(object: &ProtectedApi, spec: &Value, to: &str) -> Result<Self, Refused> {
        let text = |text: &Option<String>| clean(text.as_deref().unwrap_or_default());
        let (namespace, name) = (text(&object.metadata.namespace), text(&object.metadata.name));
        let shown = format!("{namespace}/{name}");
        let is_uid = |keeper: &Keeper| keeper.cluster.len() == 36;
        let named = Keeper::parse(to).filter(is_uid);
        let named = named.ok_or_else(|| Refused::Nobody(clean(to)))?;
        let status = object.status.as_ref();
        let handed_over = status.and_then(|status| status.hand_over.as_ref());
        let is_taken = |known: &&HandOverStatus| known.state == HandOverState::Taken;
        if let Some(known) = handed_over.filter(is_taken) {
            return Err(Refused::Taken(shown, clean(&known.to)));
        }
        if status.is_none_or(|status| status.distribution.is_none()) {
            return Err(Refused::NotBuilt(shown));
        }
        let class = status.and_then(|status| status.class.as_ref());
        let class = class.filter(|class| class.revision.is_some());
        Ok(Self {
            namespace,
            name,
            uid: clean(perimeter_uid(object).unwrap_or_default()),
            to: named,
            spec: spec.clone(),
            class: class.map(|class| clean(&class.name)),
        })
    }

    /// The object for the other cluster: what this one says, and consent to take over what it keeps.
    #[must_use]
    pub fn manifest(&self) -> Value {
        let mut spec = self.spec.clone();
        if let Some(fields) = spec.as_object_mut() {
            fields.remove("handOver");
            fields.insert("takeOver".to_owned(), json!({"uid": self.uid}));
            if let Some(class) = &self.class {
                // Where nobody chooses it there, all that it gave would go with the takeover; one that is missing is refused.
                fields.entry("className").or_insert_with(|| json!(class));
            }
        }
        json!({
            "apiVersion": "palisade.dev/v1alpha1",
            "kind": "ProtectedApi",
            "metadata": {"name": self.to.name, "namespace": self.to.namespace},
            "spec": spec,
        })
    }

    /// The merge patch that offers it.
    #[must_use]
    pub fn patch(&self) -> Value {
        json!({"spec": {"handOver": {"to": self.to.to_string()}}})
    }

    /// What to do, in which order; `manifest` is the manifest's text. `is_offered`: whether it is offered by now.
    #[must_use]
    pub fn text(&self, manifest: &str, is_offered: bool, context: Option<&str>) -> String {
        let Self {
            namespace, name, uid, ..
        } = self;
        let offer = format!(
            "kubectl -n {namespace} patch protectedapi {name} --type=merge -p '{}'",
            self.patch()
        );
        let offer = if is_offered {
            "2. Here it is offered.".to_owned()
        } else {
            format!("2. Here, offer it: {}", in_context(&offer, context))
        };
        let watching = format!("kubectl palisade status {name} -n {namespace} --watch");
        let watching = in_context(&watching, context);
        format!(
            "1. In the other cluster, permit it and apply this manifest. It names AwsAccounts and classes as this cluster calls them.\n   \
             Where Namespace {there} has the annotation already, add {uid} to the UIDs there, after a comma; where it has none:\n   \
             kubectl annotate namespace {there} palisade.dev/allowed-perimeters={uid}\n\n{manifest}\n{offer}\n3. {watching} says \
             HandedOver once the other one keeps it. Then this object may be deleted; all in AWS stays.\n\nUntil then this cluster keeps \
             it. Taking spec.handOver out withdraws the offer.\n",
            there = self.to.namespace
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: &str = "d2d2d2d2-0000-4000-8000-000000000000/store/pets";

    fn object(status: &Value) -> (ProtectedApi, Value) {
        let object = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"name": "petstore", "namespace": "shop", "uid": "0f1e2d3c-0000-4000-8000-000000000000"},
            "spec": {"origin": {"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
                "handOver": {"to": TO}},
            "status": status,
        });
        let spec = object["spec"].clone();
        (serde_json::from_value(object).unwrap(), spec)
    }

    fn built(more: &Value) -> Value {
        let mut status = json!({
            "distribution": {"id": "E1", "arn": "arn", "domainName": "d1.cloudfront.net", "state": "Deployed"},
        });
        let fields = status.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        status
    }

    #[test]
    fn the_other_cluster_gets_the_same_spec_with_consent_and_this_one_an_offer() {
        let (petstore, spec) = object(&built(&json!({})));
        let offer = Offer::of(&petstore, &spec, TO).unwrap();
        let manifest = offer.manifest();
        assert_eq!(
            manifest["metadata"],
            json!({"name": "pets", "namespace": "store"})
        );
        assert_eq!(
            manifest["spec"]["takeOver"]["uid"],
            "0f1e2d3c-0000-4000-8000-000000000000"
        );
        assert_eq!(manifest["spec"]["origin"]["stage"], "prod");
        assert_eq!(manifest["spec"]["handOver"], Value::Null);
        let text = offer.text("MANIFEST", false, Some("old"));
        for part in [
            "allowed-perimeters=0f1e2d3c-0000-4000-8000-000000000000",
            "MANIFEST",
            "kubectl --context old -n shop patch protectedapi petstore",
            TO,
            "withdraws the offer",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(offer.text("", true, None).contains("2. Here it is offered."));
    }

    #[test]
    fn the_class_by_which_an_object_goes_is_named_whoever_chose_it() {
        let of = |class: Value| {
            let (petstore, spec) = object(&built(&json!({"class": class})));
            Offer::of(&petstore, &spec, TO).unwrap().manifest()["spec"]["className"].clone()
        };
        for by in ["Namespace", "Default"] {
            assert_eq!(
                of(json!({"name": "public", "revision": "r0", "chosenBy": by})),
                "public"
            );
        }
        // It never went by it.
        assert_eq!(of(json!({"name": "public", "chosenBy": "Default"})), Value::Null);
        assert_eq!(of(Value::Null), Value::Null);
    }

    #[test]
    fn what_was_taken_over_is_handed_on_by_the_uid_that_its_tags_have() {
        let (petstore, spec) = object(&built(
            &json!({"perimeterUid": "1f1e2d3c-0000-4000-8000-000000000000"}),
        ));
        let manifest = Offer::of(&petstore, &spec, TO).unwrap().manifest();
        assert_eq!(
            manifest["spec"]["takeOver"]["uid"],
            "1f1e2d3c-0000-4000-8000-000000000000"
        );
    }

    #[test]
    fn what_cannot_be_handed_over_says_why() {
        let why = |status: &Value, to: &str| {
            let (petstore, spec) = object(status);
            Offer::of(&petstore, &spec, to).unwrap_err().to_string()
        };
        assert!(why(&json!({}), TO).contains("has no distribution yet"));
        assert!(why(&built(&json!({})), "production/pets").contains("kube-system"));
        let taken = json!({"handOver": {"to": TO, "offeredAt": "2026-01-01T00:00:00Z", "state": "Taken"}});
        assert!(why(&built(&taken), TO).contains("has handed its perimeter over already"));
    }
}
