//! Policies that send the viewer's Host header on. API Gateway then refuses every viewer, unless a signer puts Host right: so a signer
//! stays as long as such a policy does, and none is set where nobody signs (`docs/decisions/0048-host.md`).

use super::cache_policies::{host_of_cache, host_of_request};
use super::config::{ALL_VIEWER_EXCEPT_HOST, Settings, settings_of};
use super::xml::Element;
use crate::api::ProtectedApiSpec;
use crate::domain::kernel::failure::ErrorKind;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use serde::Serialize;
use std::collections::BTreeMap;

/// What follows from Host that is sent on.
pub(super) const REFUSED: &str =
    "API Gateway refuses every viewer by it where nobody signs requests, which the mode SigV4 alone does";

/// What is known besides the spec of the policies that it names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Whether a policy of the account's own sends Host on, by id, where it was read.
    pub read: BTreeMap<String, bool>,
    /// Why others could not be read.
    pub unread: BTreeMap<String, ErrorKind>,
    /// Whether the distribution has our signer; `None` where nobody has looked.
    pub signs: Option<bool>,
    /// Whether something of the object stands already, or may.
    pub stands: bool,
    /// Whether the last probe of this spec through the perimeter got in.
    pub lets_in: bool,
}

/// A policy that is none of AWS's, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A cache policy.
    Cache(String),
    /// An origin request policy.
    OriginRequest(String),
}

impl Named {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Cache(id) | Self::OriginRequest(id) => id,
        }
    }
}

/// The policies that `spec` names and that are none of AWS's: what they send is to be read.
#[must_use]
pub fn named(spec: &ProtectedApiSpec) -> Vec<Named> {
    let distribution = spec.distribution.as_ref();
    let cache = distribution.and_then(|wanted| wanted.cache_policy_id.clone());
    let cache = cache.filter(|id| host_of_cache(id).is_none());
    let request = distribution.and_then(|wanted| wanted.origin_request_policy_id.clone());
    let request = request.filter(|id| host_of_request(id).is_none());
    let cache = cache.map(Named::Cache).into_iter();
    cache.chain(request.map(Named::OriginRequest)).collect()
}

/// Whether policies that `spec` names send Host on, or may; `None` where none does.
#[must_use]
pub fn sent_by(spec: &ProtectedApiSpec, known: &Known) -> Option<HostSent> {
    let distribution = spec.distribution.as_ref();
    let cache = distribution.and_then(|wanted| wanted.cache_policy_id.as_deref());
    let request = distribution.and_then(|wanted| wanted.origin_request_policy_id.as_deref());
    of_policies(cache.unwrap_or_default(), request.unwrap_or_default(), known)
}

/// Which headers of a viewer's request a policy sends to the origin, as CloudFront has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `none`, `whitelist`, `allViewer`, `allViewerAndWhitelistCloudFront` or `allExcept`.
    pub behavior: String,
    /// The headers that it names.
    pub names: Vec<String>,
}

impl Headers {
    /// Whether Host is among them. What is not known may send anything.
    #[must_use]
    pub fn sends_host(&self) -> bool {
        let is_named = self.names.iter().any(|name| name.eq_ignore_ascii_case("host"));
        match self.behavior.as_str() {
            "none" => false,
            "whitelist" => is_named,
            "allExcept" => !is_named,
            _ => true,
        }
    }
}

/// What a person is told of policies that send Host on, or may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostSent {
    /// Which policies, of which behaviour.
    pub so: String,
    /// What to set.
    pub remedy: String,
    /// Whether they are known to do so.
    pub is_known: bool,
    /// Whether the spec asks for a signer, which may not be there yet.
    pub is_signer_declared: bool,
}

impl HostSent {
    /// Whether the policies are set only once edge locations have the signer that puts Host right. One that nobody could read is set all
    /// the same where no signer is to come, or stays: `signs` tells that.
    pub(super) fn waits_for_signer(&self, signs: bool) -> bool {
        self.is_known || self.is_signer_declared || signs
    }
}

/// `settings` with the policies that the distribution has by `config`. One without an origin request policy goes on without: what its cache
/// policy names is all that is sent. One without a cache policy, as only somebody's edit leaves it, cannot stay so where anything is written:
/// it gets the baseline's, which send no Host.
pub(super) fn as_it_stands(settings: Settings, config: &Element) -> Settings {
    let standing = settings_of(config);
    if standing.cache_policy_id.is_empty() {
        return with_baseline(settings);
    }
    Settings {
        cache_policy_id: standing.cache_policy_id,
        origin_request_policy_id: standing.origin_request_policy_id,
        ..settings
    }
}

/// `settings` with policies that send no Host.
pub(super) fn with_baseline(settings: Settings) -> Settings {
    let baseline = Settings::baseline();
    Settings {
        cache_policy_id: baseline.cache_policy_id,
        origin_request_policy_id: baseline.origin_request_policy_id,
        ..settings
    }
}

/// A policy that sends Host on, or may.
struct Sender<'a> {
    kind: &'static str,
    field: &'static str,
    /// What AWS asks for of whoever reads it.
    right: &'static str,
    id: &'a str,
    is_known: bool,
    /// Why it could not be read, where somebody tried.
    unread: Option<ErrorKind>,
}

/// Of `settings`, which policies send Host on, or may; `None` where none does.
#[must_use]
pub fn host_sent(settings: &Settings, known: &Known) -> Option<HostSent> {
    of_policies(
        &settings.cache_policy_id,
        &settings.origin_request_policy_id,
        known,
    )
}

fn of_policies(cache: &str, request: &str, known: &Known) -> Option<HostSent> {
    let cache = sender(cache, host_of_cache(cache), known).map(|is_known| Sender {
        kind: "cache policy",
        field: "spec.distribution.cachePolicyId",
        right: "cloudfront:GetCachePolicy",
        id: cache,
        is_known,
        unread: known.unread.get(cache).copied(),
    });
    let request = sender(request, host_of_request(request), known).map(|is_known| Sender {
        kind: "origin request policy",
        field: "spec.distribution.originRequestPolicyId",
        right: "cloudfront:GetOriginRequestPolicy",
        id: request,
        is_known,
        unread: known.unread.get(request).copied(),
    });
    let all: Vec<Sender<'_>> = request.into_iter().chain(cache).collect();
    // What is not read is told of only where nothing is known to be in the way.
    let is_known = all.iter().any(|sender| sender.is_known);
    let told = all.iter().filter(|sender| sender.is_known == is_known);
    let (so, remedy): (Vec<String>, Vec<String>) = told.map(|sender| (sender.so(), sender.remedy())).unzip();
    (!so.is_empty()).then(|| HostSent {
        so: so.join("; "),
        remedy: remedy.join(". "),
        is_known,
        is_signer_declared: false,
    })
}

/// Whether `id` is known to send Host on; `None` where it is known not to. `managed` is what AWS's own does.
pub(super) fn sender(id: &str, managed: Option<bool>, known: &Known) -> Option<bool> {
    if id.is_empty() {
        return None;
    }
    match managed.or_else(|| known.read.get(id).copied()) {
        Some(sends) => sends.then_some(true),
        None => Some(false),
    }
}

impl Sender<'_> {
    fn so(&self) -> String {
        let Self { kind, field, id, .. } = self;
        let does = match self.unread {
            _ if self.is_known => "sends the viewer's Host header on",
            None | Some(ErrorKind::Denied) => "could not be read, and may send the viewer's Host header on",
            Some(ErrorKind::NotFound) => {
                "is not there, so nobody knows whether it sends the viewer's Host header on"
            }
            Some(_) => "could not be read just now, and may send the viewer's Host header on",
        };
        format!("{kind} {id} of the default behaviour ({field}) {does}")
    }

    fn remedy(&self) -> String {
        let (kind, field) = (self.kind, self.field);
        let managed = if kind == "cache policy" {
            String::new()
        } else {
            format!(", or name {ALL_VIEWER_EXCEPT_HOST} (AllViewerExceptHostHeader)")
        };
        let last = match self.unread {
            _ if self.is_known => {
                format!(
                    ", or take Host out of the headers of that {kind} where no other distribution needs it"
                )
            }
            None | Some(ErrorKind::Denied) => {
                format!(", or allow {}, so that it is known what it sends", self.right)
            }
            Some(ErrorKind::NotFound) => ", or name a policy that is there".to_owned(),
            Some(_) => return format!("The {kind} is read again by itself. Or leave {field} out{managed}"),
        };
        format!("Leave {field} out{managed}{last}")
    }
}

/// Refuses policies by which API Gateway would refuse every viewer, where nobody signs: before anything is written. What stands goes on
/// being seen to: `unsigned` tells it then.
///
/// # Errors
/// Which policies, and what to set.
pub fn check(sent: Option<&HostSent>, is_signature_wanted: bool, known: &Known) -> Result<(), Rejection> {
    let Some(sent) = sent.filter(|sent| sent.is_known && !is_signature_wanted) else {
        return Ok(());
    };
    if known.signs != Some(false) || known.stands {
        return Ok(());
    }
    let message = format!("{}, and {REFUSED}", sent.so);
    Err(Rejection::new(Reason::InvalidSpec, message).with_remedy(Some(sent.remedy.clone())))
}

#[cfg(test)]
mod tests;
