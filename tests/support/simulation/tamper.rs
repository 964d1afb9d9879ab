//! The hands of others: people, Shield, Firewall Manager, other controllers. Nothing of this is in the journal, and no
//! fault strikes it.

use super::account::Account;
use super::refusal::Refusal;
use super::{Planted, SimulatedCloud};
use palisade::aws::operations::{Answer, Call};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::signer::{function, role};
use serde_json::{Value, json};
use xmltree::XMLNode;

impl SimulatedCloud {
    /// Makes a call as somebody else with all rights.
    pub fn as_somebody(&self, call: Call) -> Result<Answer, Refusal> {
        self.lock().account.perform(call)
    }

    /// Changes a distribution's configuration, with all that follows from an update.
    pub fn edit_distribution(&self, id: &str, change: impl FnOnce(&mut Element)) {
        let account = &mut self.lock().account;
        let mut config = account.cloudfront.all[id].wanted.clone();
        change(&mut config);
        account.write_distribution(id, config);
        account.spoil_distribution(id);
    }

    /// What happens when somebody switches a distribution off in the console.
    pub fn disable_distribution(&self, id: &str) {
        self.edit_distribution(id, |config| xml::put(config, xml::text("Enabled", "false"), &[]));
    }

    /// An element of CloudFront's that is newer than any client.
    pub fn add_unknown_element(&self, id: &str) {
        let element = xml::parent("NewerThanAnyClient", vec![xml::text("Enabled", "true")]);
        self.edit_distribution(id, |config| {
            config.children.push(XMLNode::Element(element.clone()));
        });
        self.plant(Planted::Element {
            distribution: id.to_owned(),
            element,
        });
    }

    /// A distribution of another account gets that name, or loses it.
    pub fn set_foreign_alias(&self, alias: &str, account: Option<&str>) {
        let foreign = &mut self.lock().account.cloudfront.foreign_aliases;
        match account {
            Some(account) => drop(foreign.insert(alias.to_owned(), account.to_owned())),
            None => drop(foreign.remove(alias)),
        }
    }

    /// Removes a distribution, whatever state it is in.
    pub fn remove_distribution(&self, id: &str) {
        self.lock().account.remove_distribution(id);
    }

    /// Changes a web ACL's document.
    pub fn edit_web_acl(&self, id: &str, change: impl FnOnce(&mut Value)) {
        let account = &mut self.lock().account;
        let mut document = account.waf.web_acls[id].document.clone();
        change(&mut document);
        account.write_web_acl(id, document);
    }

    /// Adds a foreign rule before (`first`) or after all others.
    pub fn add_foreign_rule(&self, id: &str, first: bool, rule: &Value) {
        self.edit_web_acl(id, |document| {
            if let Some(rules) = document["Rules"].as_array_mut() {
                let index = if first { 0 } else { rules.len() };
                rules.insert(index, rule.clone());
            }
        });
        let document = self.web_acl_document(id).unwrap_or_default();
        let rules = document["Rules"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let kept = if first { rules.first() } else { rules.last() };
        let planted = Planted::Rule {
            web_acl: id.to_owned(),
            rule: kept.unwrap_or(rule).to_string(),
        };
        if first {
            self.plant_first(planted);
        } else {
            self.plant(planted);
        }
    }

    /// What Shield Advanced adds when its automatic response is on.
    pub fn add_shield_rule(&self, id: &str) {
        let account = self.lock().account.id.clone();
        let name = format!("ShieldMitigationRuleGroup_{account}_{id}_1");
        let rule = json!({
            "Name": name,
            "Priority": 10_000_000,
            "Statement": {"RuleGroupReferenceStatement": {
                "ARN": format!("arn:aws:wafv2:us-east-1:153427709519:global/rulegroup/{name}/{id}"),
                "NewerThanAnyClient": {"Mode": ["a", 1, null]}
            }},
            "OverrideAction": {"None": {}},
            "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name}
        });
        self.add_foreign_rule(id, false, &rule);
    }

    /// What Firewall Manager puts before and after the rules of a web ACL that it does not own.
    pub fn add_firewall_manager_groups(&self, id: &str) {
        let group = |name: &str| {
            json!([{
                "Name": name,
                "Priority": 0,
                "FirewallManagerStatement": {"ManagedRuleGroupStatement": {
                    "VendorName": "AWS", "Name": "AWSManagedRulesAmazonIpReputationList"
                }},
                "OverrideAction": {"None": {}},
                "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name}
            }])
        };
        self.set_foreign_field(
            id,
            "PreProcessFirewallManagerRuleGroups",
            &group("PREFMManaged-first"),
        );
        self.set_foreign_field(
            id,
            "PostProcessFirewallManagerRuleGroups",
            &group("POSTFMManaged-last"),
        );
        self.set_foreign_field(id, "RetrofittedByFirewallManager", &json!(true));
    }

    /// From now on Firewall Manager owns the web ACL.
    pub fn hand_to_firewall_manager(&self, id: &str) {
        self.set_foreign_field(id, "ManagedByFirewallManager", &json!(true));
    }

    /// A field of AWS WAF's that is newer than any client.
    pub fn add_unknown_field(&self, id: &str) {
        self.set_foreign_field(
            id,
            "NewerThanAnyClient",
            &json!({"Mode": "ON", "Depth": [1, 2, {"Deep": null}]}),
        );
    }

    fn set_foreign_field(&self, id: &str, key: &str, value: &Value) {
        self.edit_web_acl(id, |document| document[key] = value.clone());
        self.plant(Planted::Field {
            web_acl: id.to_owned(),
            key: key.to_owned(),
            value: value.to_string(),
        });
    }

    /// Removes a web ACL, even one in use.
    pub fn remove_web_acl(&self, id: &str) {
        self.lock().account.remove_web_acl(id);
    }

    /// Changes a web ACL's logging; `None` switches it off.
    pub fn set_logging(&self, web_acl_arn: &str, document: Option<Value>) {
        self.lock().account.write_logging(web_acl_arn, document);
    }

    pub fn edit_ip_set(&self, id: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(ToString::to_string).collect();
        self.lock().account.write_ip_set(id, addresses);
    }

    /// Removes an IP set, even one in use.
    pub fn remove_ip_set(&self, id: &str) {
        self.lock().account.remove_ip_set(id);
    }

    pub fn edit_role(&self, name: &str, change: impl FnOnce(&mut role::Observed)) {
        self.lock()
            .account
            .change_role(name, change)
            .expect("the role exists");
    }

    /// Removes a role with its policies.
    pub fn remove_role(&self, name: &str) {
        let account = &mut self.lock().account;
        account.iam.all.remove(name);
        account.note_role(name);
    }

    /// Changes the settings of a function, in whichever Region it is.
    pub fn edit_function(&self, name: &str, change: impl FnOnce(&mut function::Settings)) {
        let account = &mut self.lock().account;
        let key = account.function_key(name);
        account.begin_update(&key, |latest| change(&mut latest.settings));
    }

    /// The settings of a function, in whichever Region it is.
    pub fn function_settings(&self, name: &str) -> function::Settings {
        let account = &self.lock().account;
        let key = account.function_key(name);
        account.lambda.all[&key].latest.settings.clone()
    }

    /// A role as it is.
    pub fn role_of(&self, name: &str) -> role::Observed {
        self.lock().account.iam.all[name].observed.clone()
    }

    /// Replaces the code of `$LATEST` by another, known by its hash, which lets nobody in.
    pub fn edit_function_code(&self, name: &str, code_sha256: &str) {
        let account = &mut self.lock().account;
        let key = account.function_key(name);
        account.begin_update(&key, |latest| latest.set_code(code_sha256.to_owned(), None));
    }

    /// Removes a function with its versions, replicated or not, in whichever Region it is.
    pub fn remove_function(&self, name: &str) {
        let account = &mut self.lock().account;
        let key = account.function_key(name);
        if let Some(function) = account.lambda.all.remove(&key) {
            account.tags.put(&function.arn, None);
        }
        account.note_function(&key);
    }

    /// Enables or disables an API key, in whichever Region it is.
    pub fn enable_api_key(&self, id: &str, enabled: bool) {
        let account = &mut self.lock().account;
        let mut keys = account.apis.keys.values_mut();
        keys.find(|key| key.id == id).expect("the key exists").enabled = enabled;
    }

    /// Replaces all tags of a resource.
    pub fn set_tags(&self, arn: &str, tags: &Tags) {
        let account = &mut self.lock().account;
        let replace = |found: &mut Tags| found.clone_from(tags);
        match arn.split(':').nth(2) {
            Some("cloudfront") => account.tag_distribution(arn, replace),
            Some("lambda") => account.tag_function(arn, replace),
            Some("wafv2") => account.tag_waf(arn, replace),
            Some("apigateway") => account.tag_key_or_plan(arn, replace),
            Some("acm") => account.tag_certificate(arn, replace),
            _ => account.change_role(arn.rsplit('/').next().unwrap_or_default(), |role| {
                replace(&mut role.tags);
            }),
        }
        .expect("the resource exists");
    }
}

impl Account {
    fn function_key(&self, name: &str) -> super::lambda::Key {
        let found = self.lambda.all.keys().find(|(_, known)| known == name);
        found.expect("the function exists").clone()
    }
}
