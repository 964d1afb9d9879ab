//! Labels that copied rules look at by their full names. Those that rules of a web ACL set begin with the namespace of that web ACL, so
//! that the copies set others: `awswaf:<account>:webacl:<name>:<label>`.
//! <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-requirements.html>

use serde_json::{Value, json};

/// Where rules name labels: a statement or a key of a rate limit, and its field.
const NAMED: [(&str, &str); 2] = [("LabelMatchStatement", "Key"), ("LabelNamespace", "Namespace")];
/// Start of all full names, and what tells that a rule of a web ACL sets the label.
const FULL: &str = "awswaf:";
const OF_WEB_ACL: &str = ":webacl:";

/// The namespaces of two web ACLs of one account, each without the colon at its end.
pub(super) struct Namespaces {
    former: String,
    ours: String,
}

impl Namespaces {
    /// That of `former` and that of the web ACL that is called `name`; `None` where WAF does not tell the first.
    pub(super) fn of(former: &Value, name: &str) -> Option<Self> {
        let (told, own) = (former["LabelNamespace"].as_str()?, former["Name"].as_str()?);
        let account = told.strip_suffix(&format!("{OF_WEB_ACL}{own}:"))?;
        Some(Self {
            former: format!("{account}{OF_WEB_ACL}{own}"),
            ours: format!("{account}{OF_WEB_ACL}{name}"),
        })
    }

    /// The name of a label in the place of `name`, where a rule of the former web ACL sets that.
    fn renamed(&self, name: &str) -> Option<String> {
        let rest = name.strip_prefix(&self.former)?;
        (rest.is_empty() || rest.starts_with(':')).then(|| format!("{}{rest}", self.ours))
    }

    /// `rule` that looks at the labels of ours in place of the former ones.
    pub(super) fn translated(&self, rule: &Value) -> Value {
        map_labels(rule, &|name| {
            self.renamed(name).unwrap_or_else(|| name.to_owned())
        })
    }
}

/// Whether `rule` looks at labels by names that begin with the namespace of a web ACL.
pub(super) fn names_web_acl(rule: &Value) -> bool {
    let is_of_web_acl = |name: &str| name.starts_with(FULL) && name.contains(OF_WEB_ACL);
    let translated = map_labels(rule, &|name| {
        if is_of_web_acl(name) {
            String::new()
        } else {
            name.to_owned()
        }
    });
    translated != *rule
}

/// `value` with the labels that it looks at called as `renamed` says.
fn map_labels(value: &Value, renamed: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let mut mapped = map_labels(value, renamed);
                let named = NAMED.iter().find(|(statement, _)| statement == name);
                if let Some((_, field)) = named
                    && let Some(label) = value[*field].as_str()
                {
                    mapped[*field] = json!(renamed(label));
                }
                (name.clone(), mapped)
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.iter().map(|item| map_labels(item, renamed)).collect(),
        other => other.clone(),
    }
}
