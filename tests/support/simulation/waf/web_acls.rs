//! Web ACLs. Documents are kept as they were sent, with fields and statements that nobody knows.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::Outcome;
use super::{WebAcl, capacity, check_name, refusals, rules};
use palisade::domain::firewall::web_acl::{Content, Entity};
use palisade::domain::kernel::identity::Tags;
use serde_json::{Value, json};

/// What the request says about the web ACL rather than in it.
const ENVELOPE: &[&str] = &["Scope", "Tags", "LockToken"];
/// What only AWS or Firewall Manager sets.
const SET_BY_OTHERS: &[&str] = &[
    "Id",
    "ARN",
    "Name",
    "LabelNamespace",
    "PreProcessFirewallManagerRuleGroups",
    "PostProcessFirewallManagerRuleGroups",
    "ManagedByFirewallManager",
    "RetrofittedByFirewallManager",
];

/// The order in which AWS WAF answers what it knows; the rest follows by name.
const ORDER: &[&str] = &[
    "Name",
    "Id",
    "ARN",
    "DefaultAction",
    "Description",
    "Rules",
    "VisibilityConfig",
    "Capacity",
    "PreProcessFirewallManagerRuleGroups",
    "PostProcessFirewallManagerRuleGroups",
    "ManagedByFirewallManager",
    "LabelNamespace",
    "CustomResponseBodies",
    "RetrofittedByFirewallManager",
    "OnSourceDDoSProtectionConfig",
    "ApplicationConfig",
];

impl Account {
    pub fn get_web_acl(&self, id: &str, name: &str) -> Outcome<Content> {
        let acl = self.web_acl(id, name)?;
        Ok(Content {
            entity: acl.entity.clone(),
            document: acl.document.clone(),
        })
    }

    pub fn check_capacity(&self, rules: &Value) -> Outcome<i64> {
        self.check_rules(rules)
    }

    pub fn create_web_acl(&mut self, name: &str, given: &Value, tags: Tags) -> Outcome<Entity> {
        check_name("name", name)?;
        let mut document = self.checked(given)?;
        if self.waf.web_acls.values().any(|acl| acl.entity.name == name) {
            return Err(refusals::duplicate());
        }
        if self.waf.web_acls.len() >= self.settings.limits.web_acls {
            return Err(refusals::too_many());
        }
        let mut entity = self.new_entity("webacl", name);
        for (key, value) in [
            ("Name", json!(name)),
            ("Id", json!(entity.id)),
            ("ARN", json!(entity.arn)),
            ("ManagedByFirewallManager", json!(false)),
            ("RetrofittedByFirewallManager", json!(false)),
            (
                "LabelNamespace",
                json!(format!("awswaf:{}:webacl:{name}:", self.id)),
            ),
        ] {
            document[key] = value;
        }
        self.tags.put(&entity.arn, Some(tags.clone()));
        let acl = WebAcl {
            entity: entity.clone(),
            document: Value::Null,
            tags,
            created: clock::now(),
        };
        self.waf.web_acls.insert(entity.id.clone(), acl);
        entity.lock_token = self.write_web_acl(&entity.id, document);
        Ok(entity)
    }

    pub fn update_web_acl(&mut self, entity: &Entity, given: &Value) -> Outcome<String> {
        let current = self.locked_web_acl(entity)?.document.clone();
        let mut document = self.checked(given)?;
        for key in SET_BY_OTHERS {
            match current.get(key) {
                Some(value) => document[*key] = value.clone(),
                None => drop(
                    document
                        .as_object_mut()
                        .and_then(|members| members.shift_remove(*key)),
                ),
            }
        }
        Ok(self.write_web_acl(&entity.id, document))
    }

    /// A new document, as AWS WAF keeps it, and a new lock token, which it answers.
    pub fn write_web_acl(&mut self, id: &str, mut document: Value) -> String {
        rules::fill_in(&mut document["Rules"]);
        let total = capacity::of_rules(&document["Rules"]) + capacity::of_firewall_manager(&document);
        document["Capacity"] = json!(total);
        if let Some(members) = document.as_object_mut() {
            let place = |key: &String| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len());
            members.sort_keys();
            let mut sorted: Vec<_> = std::mem::take(members).into_iter().collect();
            sorted.sort_by_key(|(key, _)| place(key));
            members.extend(sorted);
        }
        let token = self.uuid();
        if let Some(acl) = self.waf.web_acls.get_mut(id) {
            acl.document = document;
            acl.entity.lock_token.clone_from(&token);
            self.waf.web_acl_history.put(id, Some(acl.entity.clone()));
        }
        token
    }

    pub fn delete_web_acl(&mut self, entity: &Entity) -> Outcome<()> {
        let arn = self.locked_web_acl(entity)?.entity.arn.clone();
        if self
            .cloudfront
            .all
            .values()
            .any(|distribution| distribution.web_acl() == arn)
        {
            return Err(refusals::associated());
        }
        if self.is_in_pricing_plan(&arn) {
            return Err(refusals::associated());
        }
        self.remove_web_acl(&entity.id);
        Ok(())
    }

    pub fn remove_web_acl(&mut self, id: &str) {
        if let Some(acl) = self.waf.web_acls.remove(id) {
            self.write_logging(&acl.entity.arn, None);
            self.tags.put(&acl.entity.arn, None);
            self.waf.web_acl_history.put(id, None);
        }
    }

    fn web_acl(&self, id: &str, name: &str) -> Outcome<&WebAcl> {
        self.waf
            .web_acls
            .get(id)
            .filter(|acl| acl.entity.name == name)
            .ok_or_else(refusals::missing)
    }

    /// For writing: not Firewall Manager's, and unchanged since it was read.
    fn locked_web_acl(&self, entity: &Entity) -> Outcome<&WebAcl> {
        let acl = self.web_acl(&entity.id, &entity.name)?;
        if acl.document["ManagedByFirewallManager"] == json!(true) {
            return Err(refusals::managed_by_firewall_manager());
        }
        if acl.entity.lock_token == entity.lock_token {
            Ok(acl)
        } else {
            Err(refusals::stale())
        }
    }

    /// The document without what is said about it, and with what may be left out.
    fn checked(&self, given: &Value) -> Outcome<Value> {
        let mut document = given.clone();
        if let Some(members) = document.as_object_mut() {
            members.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
        }
        let default = &document["DefaultAction"];
        if default.is_null() {
            return Err(refusals::constraint("defaultAction", None, "not be null"));
        }
        if ["Allow", "Block"]
            .iter()
            .filter(|kind| default.get(**kind).is_some())
            .count()
            != 1
        {
            let reason = "You have used none or multiple values for a field that requires exactly one value.";
            return Err(refusals::invalid("DEFAULT_ACTION", "DefaultAction", reason));
        }
        // What it answers for none, it does not take.
        if document["Description"] == json!("") {
            let rule = "have length greater than or equal to 1";
            return Err(refusals::constraint("description", Some(""), rule));
        }
        rules::check_visibility(&document["VisibilityConfig"], "visibilityConfig")?;
        if document.get("Rules").is_none() {
            document["Rules"] = json!([]);
        }
        if document.get("Description").is_none() {
            document["Description"] = json!("");
        }
        if document.get("OnSourceDDoSProtectionConfig").is_none() {
            document["OnSourceDDoSProtectionConfig"] = json!({"ALBLowReputationMode": "ACTIVE_UNDER_DDOS"});
        }
        rules::check_bodies(&document)?;
        let total = self.check_rules(&document["Rules"])?;
        if total > self.settings.limits.web_acl_capacity {
            return Err(refusals::over_capacity(total));
        }
        Ok(document)
    }
}
