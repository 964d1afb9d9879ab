//! What is looked at, as far as whoever asks may read it.

use crate::plugin::read::part;
use crate::plugin::words::in_context;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The Lease's name where no option names another.
const LEASE: &str = "palisade";
/// A Lease without a duration lasts so long.
const LASTS: i64 = 60;

/// What came of asking for something.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    /// This was answered.
    Seen(T),
    /// Whoever asks may not read it.
    NotPermitted,
    /// There was no answer, and why.
    Failed(String),
}

impl<T> Known<T> {
    /// The same of what is made of an answer.
    #[must_use]
    pub fn map<U>(self, made: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Seen(found) => Known::Seen(made(found)),
            Self::NotPermitted => Known::NotPermitted,
            Self::Failed(why) => Known::Failed(why),
        }
    }
}

/// All that is looked at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The plugin's version.
    pub version: String,
    /// The namespace that is asked about.
    pub namespace: String,
    /// The context of the kubeconfig by which it is asked, where one was named.
    pub context: Option<String>,
    /// By this machine's clock.
    pub now: Timestamp,
    /// By the API server's clock, a moment before.
    pub server_time: Option<Timestamp>,
    /// Plural names of the kinds of our group that are served.
    pub served: Known<Vec<String>>,
    /// Whether their definitions are those of the plugin's version.
    pub fit: Known<Fit>,
    /// The Deployments of the controller.
    pub controllers: Known<Vec<Controller>>,
    /// The Lease of its leader; absent where nobody is elected, or no controller is known.
    pub lease: Option<Known<Option<Held>>>,
    /// What whoever asks may do.
    pub rights: Vec<Right>,
    /// The objects that are asked about.
    pub objects: Known<Vec<Subject>>,
}

impl Facts {
    /// A command for the cluster that is looked at.
    pub(super) fn here(&self, command: &str) -> String {
        in_context(command, self.context.as_deref())
    }
}

/// Whether the definitions that are served are those of the plugin's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// They are.
    Same,
    /// They lack something that the plugin knows.
    Older {
        /// The kind.
        kind: String,
        /// What is missing.
        lacked: String,
    },
    /// They have something that the plugin does not know.
    Newer {
        /// The kind.
        kind: String,
        /// What is not known.
        lacked: String,
    },
}

/// What a right is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Seeing objects.
    Status,
    /// Asking for plans.
    Plan,
    /// What is written with `--yes`.
    Change,
    /// What no object owns, and what else an `AwsAccount` says.
    Orphans,
}

/// Something that whoever asks may do, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// What it is for.
    pub purpose: Purpose,
    /// The verb.
    pub verb: &'static str,
    /// Whether it is granted; not known where the API server does not tell.
    pub is_granted: Option<bool>,
}

/// An object, and what it hangs on.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The object, as the API server has it.
    pub object: Value,
    /// What of its spec the annotations of its Namespace do not permit.
    pub refusal: Known<Option<String>>,
    /// The `AwsAccount` that it names, or that stands for the controller's own account where it names none, as the API server has it.
    pub account: Option<(String, Known<Option<Value>>)>,
}

/// A Deployment of the controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How many pods it should have.
    pub wanted: i64,
    /// How many are ready.
    pub ready: i64,
    /// The version by its image's tag, where that is one.
    pub version: Option<String>,
    /// Whether namespaces need no permission.
    pub is_open: bool,
    /// The one namespace that it watches.
    pub watches: Option<String>,
    /// Namespace and name of its Lease; absent where it needs none.
    pub lease: Option<(String, String)>,
}

/// A Lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who leads.
    pub holder: Option<String>,
    /// When that was last renewed.
    pub renewed: Option<Timestamp>,
    /// How long a renewal lasts.
    pub lasts: SignedDuration,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Status, Self::Plan, Self::Change, Self::Orphans];

    /// The plural name of the kind.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::Status | Self::Change => "protectedapis",
            Self::Plan => "perimeterplans",
            Self::Orphans => "awsaccounts",
        }
    }

    /// Whether the kind belongs to a namespace.
    #[must_use]
    pub fn is_namespaced(self) -> bool {
        self != Self::Orphans
    }

    /// What it takes.
    #[must_use]
    pub fn verbs(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["get", "list", "watch"],
            Self::Plan => &["create", "get", "delete"],
            Self::Change => &["create", "patch"],
            Self::Orphans => &["list"],
        }
    }

    /// What of this plugin it is for.
    #[must_use]
    pub fn needed_by(self) -> &'static str {
        match self {
            Self::Status => "kubectl palisade status",
            Self::Plan => "kubectl palisade plan",
            Self::Change => "--yes of kubectl palisade release, handover and orphans adopt",
            Self::Orphans => "kubectl palisade orphans",
        }
    }

    /// Who has it.
    #[must_use]
    pub fn granted_by(self) -> &'static str {
        match self {
            Self::Status => "the ClusterRole palisade-view, a part of view, edit and admin, has it",
            Self::Plan => "the ClusterRole palisade-planner, a part of edit and admin, has it",
            Self::Change => "the ClusterRole palisade-edit, a part of edit and admin, has it",
            Self::Orphans => "it is a right for whoever runs the cluster",
        }
    }
}

impl Controller {
    /// What a Deployment says, as the API server has it; `None` where it is none.
    #[must_use]
    pub fn of(deployment: &Value) -> Option<Self> {
        let deployment: Value = part(deployment).ok()?;
        let metadata = &deployment["metadata"];
        let namespace = text(&metadata["namespace"])?;
        let containers = deployment["spec"]["template"]["spec"]["containers"].as_array()?;
        let container = containers.iter().find(|found| is_controller(found))?;
        let option = |name: &str| option(container, name);
        let elects = option("leader-elect").is_none_or(|elects| elects != "false");
        let lease = elects.then(|| {
            let elsewhere = option("lease-namespace");
            let named = option("lease-name").unwrap_or_else(|| LEASE.to_owned());
            (elsewhere.unwrap_or_else(|| namespace.clone()), named)
        });
        Some(Self {
            name: text(&metadata["name"])?,
            wanted: deployment["spec"]["replicas"].as_i64().unwrap_or(1),
            ready: deployment["status"]["readyReplicas"].as_i64().unwrap_or(0),
            version: container["image"].as_str().and_then(version),
            is_open: option("tenancy").is_some_and(|tenancy| tenancy == "Open"),
            watches: option("namespace"),
            lease,
            namespace,
        })
    }

    /// `namespace/name`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

impl Held {
    /// What a Lease says, as the API server has it.
    #[must_use]
    pub fn of(lease: &Value) -> Self {
        let spec = &lease["spec"];
        let renewed = spec["renewTime"].as_str();
        let lasts = spec["leaseDurationSeconds"].as_i64().unwrap_or(LASTS);
        Self {
            holder: text(&spec["holderIdentity"]).filter(|holder| !holder.is_empty()),
            renewed: renewed.and_then(|renewed| renewed.parse().ok()),
            lasts: SignedDuration::from_secs(lasts),
        }
    }
}

fn is_controller(container: &Value) -> bool {
    let mut words = words(container);
    words.any(|word| word == "controller") || container["name"] == "controller"
}

fn words(container: &Value) -> impl Iterator<Item = &str> {
    let all = ["command", "args"].into_iter();
    let all = all.flat_map(move |field| container[field].as_array().into_iter().flatten());
    all.filter_map(Value::as_str)
}

/// An option of the controller by its name on the command line, or in the environment, which counts less.
fn option(container: &Value, name: &str) -> Option<String> {
    let long = format!("--{name}");
    let joined = format!("{long}=");
    let mut words = words(container);
    while let Some(word) = words.next() {
        if word == long {
            return words.next().map(ToOwned::to_owned);
        }
        if let Some(value) = word.strip_prefix(&joined) {
            return Some(value.to_owned());
        }
    }
    let variable = format!("PALISADE_{}", name.to_uppercase().replace('-', "_"));
    // Of two of one name Kubernetes takes the last.
    let mut all = container["env"].as_array()?.iter();
    let set = all.rfind(|set| set["name"] == variable.as_str())?;
    text(&set["value"]).filter(|value| !value.is_empty())
}

/// The version that an image's tag names.
fn version(image: &str) -> Option<String> {
    let (named, _) = image.split_once('@').unwrap_or((image, ""));
    let (_, tag) = named.rsplit_once('/').unwrap_or(("", named)).1.split_once(':')?;
    let version = tag.strip_prefix('v').unwrap_or(tag);
    let is_version = version.starts_with(|first: char| first.is_ascii_digit()) && version.contains('.');
    is_version.then(|| version.to_owned())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(container: &Value) -> Value {
        json!({
            "metadata": {"namespace": "palisade-system", "name": "palisade"},
            "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "sidecar"}, container]}}},
            "status": {"readyReplicas": 1},
        })
    }

    fn controller(container: &Value) -> Controller {
        Controller::of(&deployment(container)).expect("a controller")
    }

    #[test]
    fn a_deployment_says_how_many_pods_are_ready_and_with_which_options() {
        let found = controller(&json!({
            "name": "controller", "image": "registry.example.com:5000/palisade:0.1.0", "args": ["controller"],
            "env": [
                {"name": "PALISADE_TENANCY", "value": "Open"}, {"name": "PALISADE_NAMESPACE", "value": "shop"},
                {"name": "PALISADE_LEASE_NAME", "value": "other"}, {"name": "PALISADE_INSTANCE", "valueFrom": {}},
            ],
        }));
        let wanted = Controller {
            namespace: "palisade-system".into(),
            name: "palisade".into(),
            wanted: 2,
            ready: 1,
            version: Some("0.1.0".into()),
            is_open: true,
            watches: Some("shop".into()),
            lease: Some(("palisade-system".into(), "other".into())),
        };
        assert_eq!(found, wanted);
    }

    #[test]
    fn options_on_the_command_line_count_before_those_of_the_environment() {
        let found = controller(&json!({
            "name": "palisade", "args": ["controller", "--tenancy", "Enforced", "--leader-elect=false"],
            "env": [{"name": "PALISADE_TENANCY", "value": "Open"}],
        }));
        assert!(!found.is_open);
        assert_eq!(found.lease, None);
    }

    #[test]
    fn what_is_no_deployment_of_a_controller_is_none() {
        assert_eq!(Controller::of(&deployment(&json!({"name": "web"}))), None);
        assert_eq!(Controller::of(&json!({})), None);
    }

    #[test]
    fn a_tag_that_is_a_version_is_one() {
        for (image, expected) in [
            ("palisade:0.1.0", Some("0.1.0")),
            ("r:5000/palisade:v0.2.0-rc.1@sha256:abc", Some("0.2.0-rc.1")),
            ("r:5000/palisade", None),
            ("palisade:latest", None),
            ("palisade@sha256:abc", None),
        ] {
            assert_eq!(version(image).as_deref(), expected, "{image}");
        }
    }

    #[test]
    fn a_lease_that_nobody_holds_has_no_holder() {
        let held =
            Held::of(&json!({"spec": {"holderIdentity": "", "renewTime": "2026-01-01T00:00:00.000000Z"}}));
        assert_eq!(held.holder, None);
        assert_eq!(held.lasts, SignedDuration::from_mins(1));
        assert_eq!(
            held.renewed.map(|time| time.to_string()).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
    }
}
