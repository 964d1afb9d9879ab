//! What a class does not let an object say, looked at once the spec is merged; and the rules that it puts before all others.

use crate::api::{
    AdoptionState, ClassDefaults, ClassLimits, DeletionPolicy, Enforcement, LoggingOf, MethodName,
    MostPermissiveRate, PerimeterClassSpec, ProtectedApiSpec, RateLimit, RateLimitKeyType, RateLimitWindow,
    RequiredRules, RuleAction,
};
use crate::domain::firewall::baseline::web_acl_spec;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;

/// A limit that a spec does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field of the spec.
    pub field: &'static str,
    /// Where the limit stands in the class.
    pub limit: &'static str,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl Violation {
    /// The refusal of an object for it.
    #[must_use]
    pub fn rejection(&self, class: &str) -> Rejection {
        let Self { field, limit, what } = self;
        Rejection::new(
            Reason::ForbiddenByClass,
            format!(
                "{field}: {what}. PerimeterClass {class} says so in {limit}. What stands goes on as it is"
            ),
        )
    }
}

/// Puts the rules that `limits` demands before all others of the spec's.
pub fn require(spec: &mut ProtectedApiSpec, limits: &ClassLimits) {
    let groups = limits.required_rule_groups.clone().unwrap_or_default();
    let rules = limits.required_rules.clone().unwrap_or_default();
    let rate = limits.rate_limit.clone();
    let is_empty = groups.is_empty() && rules.is_empty() && rate.is_none();
    if !is_empty {
        let web_acl = spec.web_acl.get_or_insert_default();
        web_acl.required = Some(RequiredRules { groups, rules, rate });
    }
}

/// The limits that `spec`, once it is merged with `defaults` of the class, does not keep.
#[must_use]
pub fn violations(
    spec: &ProtectedApiSpec,
    defaults: Option<&ClassDefaults>,
    limits: &ClassLimits,
) -> Vec<Violation> {
    [
        of_mode(spec, limits),
        of_enforcement(spec, limits),
        of_excluded(spec, defaults, limits),
        of_rule_groups(spec, limits),
        of_rate(spec, limits),
        of_web_acl_logging(spec, limits),
        of_distribution_logging(spec, limits),
        of_shield(spec, limits),
        of_tags(spec, limits),
        of_deletion(spec, limits),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_mode(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let allowed = limits.allowed_modes.as_ref()?;
    let mode = spec.access.as_ref().and_then(|access| access.mode);
    let mode = mode.unwrap_or_default();
    (!allowed.contains(&mode)).then(|| {
        let names: Vec<String> = allowed.iter().map(|mode| format!("{mode:?}")).collect();
        Violation {
            field: "spec.access.mode",
            limit: "spec.limits.allowedModes",
            what: format!("{mode:?} is not allowed: write {}", names.join(" or ")),
        }
    })
}

fn of_enforcement(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let enforcement = spec.access.as_ref().and_then(|access| access.enforcement);
    let is_observed = enforcement == Some(Enforcement::Observe);
    (limits.require_enforcement == Some(true) && is_observed).then(|| Violation {
        field: "spec.access.enforcement",
        limit: "spec.limits.requireEnforcement",
        what: "Observe is not allowed: write Enforce, or leave it out".to_owned(),
    })
}

/// A method that is not locked is open; only the class may leave one so.
fn of_excluded(
    spec: &ProtectedApiSpec,
    defaults: Option<&ClassDefaults>,
    limits: &ClassLimits,
) -> Option<Violation> {
    if limits.require_enforcement != Some(true) {
        return None;
    }
    let of_class = defaults.and_then(|defaults| defaults.access.as_ref());
    let of_class = of_class.and_then(|access| access.exclude_methods.as_ref());
    let own = spec.access.as_ref()?.exclude_methods.as_ref()?;
    let is_of_class = |method: &MethodName| {
        let mut of_class = of_class.into_iter().flatten();
        of_class.any(|given| given.0 == method.0)
    };
    let other = own.iter().find(|method| !is_of_class(method))?;
    Some(Violation {
        field: "spec.access.excludeMethods",
        limit: "spec.limits.requireEnforcement",
        what: format!(
            "{} would stay open, which only the class may say: take it out of the list",
            other.0
        ),
    })
}

/// An object that is suspended before it has locked its stage locks nothing, for as long as it likes; `was_locked`: it has.
#[must_use]
pub fn of_suspension(
    spec: &ProtectedApiSpec,
    class: &PerimeterClassSpec,
    was_locked: bool,
) -> Option<Violation> {
    let requires = class.limits.as_ref()?.require_enforcement == Some(true);
    let is_of_class = class.defaults.as_ref().and_then(|defaults| defaults.suspend) == Some(true);
    let is_open = spec.suspend == Some(true) && !was_locked;
    (requires && is_open && !is_of_class).then(|| Violation {
        field: "spec.suspend",
        limit: "spec.limits.requireEnforcement",
        what: "true is not allowed before the object has locked its stage: leave it out until then"
            .to_owned(),
    })
}

/// An object may have a required group once more, as the class has it. What it says otherwise would be of no effect.
fn of_rule_groups(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let mut required = limits.required_rule_groups.iter().flatten();
    let own = spec.web_acl.as_ref()?.managed_rule_groups.as_ref()?;
    let other = required.find_map(|required| {
        let mut own = own.iter();
        own.find(|own| own.name == required.name && *own != required)
    })?;
    Some(Violation {
        field: "spec.webAcl.managedRuleGroups",
        limit: "spec.limits.requiredRuleGroups",
        what: format!(
            "{} is required and cannot be changed: take it out of the list, and it stands before all others as the class has it",
            other.name
        ),
    })
}

fn of_rate(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let most = limits.rate_limit.as_ref()?;
    let web_acl = web_acl_spec(spec.web_acl.clone().unwrap_or_default());
    let mut own = web_acl.rate_limits.iter().flatten();
    let is_kept = own.any(|limit| is_general(limit) && is_within(limit, most));
    (!is_kept).then(|| Violation {
        field: "spec.webAcl.rateLimits",
        limit: "spec.limits.rateLimit",
        what: format!(
            "there must be a limit that blocks, counts all requests by address, and lets pass {} in {} at most: add one, such as \
             {{name: per-ip, limit: {0}, window: {1}}}",
            most.limit,
            words(most.window.unwrap_or_default()),
        ),
    })
}

/// Whether a rate limit stops any one client, whatever it asks for. One that counts first does not, for a while.
fn is_general(limit: &RateLimit) -> bool {
    let by_address = limit.by.as_ref().is_none_or(|keys| {
        let mut keys = keys.iter();
        keys.len() == 1 && keys.all(|key| key.r#type == RateLimitKeyType::Address)
    });
    limit.scope.is_none()
        && by_address
        && limit.promote.is_none()
        && limit.action.unwrap_or_default() == RuleAction::Block
}

/// Whether a limit lets pass no more than another: not in its own window, and not in the other's.
fn is_within(limit: &RateLimit, most: &MostPermissiveRate) -> bool {
    let (own, allowed) = (
        seconds(limit.window.unwrap_or_default()),
        seconds(most.window.unwrap_or_default()),
    );
    // So many windows of the limit's begin within one of the other's.
    let windows = (allowed + own - 1) / own;
    limit.limit.saturating_mul(windows) <= most.limit
}

fn seconds(window: RateLimitWindow) -> i64 {
    match window {
        RateLimitWindow::OneMinute => 60,
        RateLimitWindow::TwoMinutes => 120,
        RateLimitWindow::FiveMinutes => 300,
        RateLimitWindow::TenMinutes => 600,
    }
}

fn words(window: RateLimitWindow) -> &'static str {
    match window {
        RateLimitWindow::OneMinute => "1m",
        RateLimitWindow::TwoMinutes => "2m",
        RateLimitWindow::FiveMinutes => "5m",
        RateLimitWindow::TenMinutes => "10m",
    }
}

fn requires(limits: &ClassLimits, logging: LoggingOf) -> bool {
    limits.required_logging.iter().flatten().any(|of| *of == logging)
}

fn of_web_acl_logging(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let has = spec.web_acl.as_ref().is_some_and(|acl| acl.logging.is_some());
    (requires(limits, LoggingOf::WebAcl) && !has).then(|| Violation {
        field: "spec.webAcl.logging",
        limit: "spec.limits.requiredLogging",
        what: "logs of the web ACL are required: write where they go".to_owned(),
    })
}

fn of_distribution_logging(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let distribution = spec.distribution.as_ref();
    let has = distribution.is_some_and(|distribution| distribution.logging.is_some());
    (requires(limits, LoggingOf::Distribution) && !has).then(|| Violation {
        field: "spec.distribution.logging",
        limit: "spec.limits.requiredLogging",
        what: "logs of the distribution are required: write where they go".to_owned(),
    })
}

fn of_shield(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    (limits.require_shield == Some(true) && spec.shield.is_none()).then(|| Violation {
        field: "spec.shield",
        limit: "spec.limits.requireShield",
        what: "protection by Shield Advanced is required: write spec.shield: {} at the least".to_owned(),
    })
}

fn of_tags(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let required = limits.required_tags.iter().flatten();
    // Letters beyond ASCII are not folded: the Kelvin sign is no K to whoever looks for the key.
    let has = |key: &str| {
        let mut keys = spec.tags.iter().flat_map(|tags| tags.keys());
        keys.any(|own| own.eq_ignore_ascii_case(key))
    };
    let missing: Vec<&str> = required.map(String::as_str).filter(|key| !has(key)).collect();
    (!missing.is_empty()).then(|| Violation {
        field: "spec.tags",
        limit: "spec.limits.requiredTags",
        what: format!("tags are required that are not there: add {}", missing.join(", ")),
    })
}

fn of_deletion(spec: &ProtectedApiSpec, limits: &ClassLimits) -> Option<Violation> {
    let only = limits.deletion_policy?;
    // Where an object adopts, the baseline is another one.
    let adopts = spec.distribution.as_ref().is_some_and(|has| has.adopt.is_some());
    let baseline = if adopts {
        DeletionPolicy::Retain
    } else {
        DeletionPolicy::default()
    };
    let own = spec.deletion_policy.unwrap_or(baseline);
    (own != only).then(|| Violation {
        field: "spec.deletionPolicy",
        limit: "spec.limits.deletionPolicy",
        what: format!("{own:?} is not allowed: write {only:?}"),
    })
}

/// A distribution that is given back has the web ACL that it had before, in which nothing of the class's stands. What is begun, by how far
/// the adoption has come, comes to its end: half way the distribution has that web ACL already.
#[must_use]
pub fn of_release(
    spec: &ProtectedApiSpec,
    class: &PerimeterClassSpec,
    adoption: Option<AdoptionState>,
) -> Option<Violation> {
    if matches!(adoption, Some(AdoptionState::Releasing | AdoptionState::Released)) {
        return None;
    }
    let limits = class.limits.as_ref()?;
    let adopt = spec.distribution.as_ref()?.adopt.as_ref()?;
    let has_groups = limits
        .required_rule_groups
        .as_ref()
        .is_some_and(|groups| !groups.is_empty());
    let has_rules = limits
        .required_rules
        .as_ref()
        .is_some_and(|rules| !rules.is_empty());
    let limit = if has_groups {
        "spec.limits.requiredRuleGroups"
    } else if has_rules {
        "spec.limits.requiredRules"
    } else {
        limits.rate_limit.as_ref()?;
        "spec.limits.rateLimit"
    };
    (adopt.release == Some(true)).then(|| Violation {
        field: "spec.distribution.adopt.release",
        limit,
        what: "true is not allowed, since the web ACL that the distribution had before has none of the rules that are required: leave it \
               out"
            .to_owned(),
    })
}

/// Whether everything stays by the limit alone, whatever the object, which is refused, says itself.
#[must_use]
pub(super) fn retains(spec: &ProtectedApiSpec, limits: &ClassLimits) -> bool {
    limits.deletion_policy == Some(DeletionPolicy::Retain) && of_deletion(spec, limits).is_some()
}

/// What becomes of the resources of an object that is deleted, whether it keeps the limit or not: nothing is taken down that
/// the class wants to stay.
#[must_use]
pub fn deletion_policy(merged: Option<DeletionPolicy>, limits: Option<&ClassLimits>) -> DeletionPolicy {
    match limits.and_then(|limits| limits.deletion_policy) {
        Some(DeletionPolicy::Retain) => DeletionPolicy::Retain,
        _ => merged.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
