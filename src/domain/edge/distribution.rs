//! The CloudFront distribution.

use super::cache_policies::Caveat;
use super::config::{Settings, sent_of, settings_of};
use super::host::{HostSent, Known};
pub use super::listed::{Listed, listed};
use super::xml::{self, Element};
use crate::domain::access::proof::Sent;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Fingerprint;
use crate::domain::kernel::tagging::TagCall;
use serde::Serialize;

/// CloudFront's limit on a comment.
const COMMENT_LIMIT: usize = 128;
/// Start of the comment of every distribution that Palisade makes, in any cluster.
pub const COMMENT_START: &str = "palisade ";
/// On the distribution, from before anything of Shield's is made for it: by this alone a teardown knows what to look for.
pub const TAG_SHIELD: &str = "palisade.dev/shield";
/// CloudFront's word for a configuration that is in force everywhere.
pub const DEPLOYED: &str = "Deployed";

/// What `GetDistribution` and the writing operations answer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Content {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    pub etag: String,
    /// `InProgress` or `Deployed`.
    pub status: String,
    /// The raw `DistributionConfig` element.
    pub config: Element,
}

/// A distribution as the lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its row.
    pub listed: Listed,
    /// Its tags, where the tagging service has them.
    pub tags: Option<Tags>,
}

/// A distribution as CloudFront has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Identity, state and raw configuration.
    pub content: Content,
    /// The distribution's tags.
    pub tags: Tags,
}

/// The distribution as it should be; function version and web ACL come with their kinds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// What we manage of the configuration, but for what other kinds put out.
    pub settings: Settings,
    /// The distribution's tags.
    pub tags: Tags,
    /// What is to be known of it, however well it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
    /// Policies among the settings that send the viewer's Host on, or may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<HostSent>,
    /// What is known of policies besides the spec.
    #[serde(skip)]
    pub policies: Known,
    /// Id of the one that stood before and is adopted in place of a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopts: Option<String>,
}

/// One call that brings the distribution nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create {
        config: Element,
        tags: Tags,
    },
    Update {
        id: String,
        etag: String,
        config: Element,
    },
    Tag(TagCall),
    /// Takes a name over from another distribution of the account.
    MoveAlias {
        id: String,
        alias: String,
        from: String,
    },
    Delete {
        id: String,
        etag: String,
    },
}

/// The comment by which lists, which carry no tags, show whose a distribution is. The UID comes first and is never cut.
#[must_use]
pub fn comment(owner: &Owner) -> String {
    let full = format!("{COMMENT_START}{} {}", owner.uid, owner.made_for().object());
    full.chars().take(COMMENT_LIMIT).collect()
}

/// The caller reference of the owner's `n`-th distribution: repeating a creation whose answer was lost is refused by
/// CloudFront with the id of the distribution that it made.
#[must_use]
pub fn caller_reference(owner: &Owner, n: u32) -> String {
    format!("{}-{n}", owner.uid)
}

/// The caller reference, which CloudFront keeps for a distribution's life.
#[must_use]
pub fn reference_of(content: &Content) -> String {
    xml::text_at(&content.config, "CallerReference").unwrap_or_default()
}

/// Whether Palisade made it for `owner`: nobody can change its caller reference.
#[must_use]
pub fn is_made_for(owner: &Owner, content: &Content) -> bool {
    let reference = reference_of(content);
    let number = reference
        .strip_prefix(&owner.uid)
        .and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// The fields in which the distribution differs from what is wanted, tags apart.
#[must_use]
pub fn diff(wanted: &Settings, observed: &Observed) -> Vec<Change> {
    let found = settings_of(&observed.content.config);
    changes_between(&found.as_far_as(wanted), wanted)
}

impl Observed {
    /// What it sends of ours, as configured.
    #[must_use]
    pub fn sent(&self) -> Sent {
        sent_of(&self.content.config)
    }

    /// Whether any of its behaviours runs a function of Lambda.
    #[must_use]
    pub fn runs_functions(&self) -> bool {
        let config = &self.content.config;
        let default = xml::at(config, "DefaultCacheBehavior").into_iter();
        let mut behaviours = default.chain(xml::items_at(config, "CacheBehaviors"));
        behaviours.any(|behaviour| !xml::items_at(behaviour, "LambdaFunctionAssociations").is_empty())
    }

    /// Whether the configuration is in force everywhere.
    #[must_use]
    pub fn is_deployed(&self) -> bool {
        self.content.status == DEPLOYED
    }
}

impl Fingerprint for Row {
    fn fingerprint(&self) -> String {
        hash::short(&(&self.listed.id, &self.listed.etag))
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&(&self.content.id, &self.content.etag))
    }
}
