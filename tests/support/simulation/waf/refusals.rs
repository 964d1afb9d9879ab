//! AWS WAF's refusals.

use super::super::refusal::Refusal;

/// What the caller has to change, and where.
pub fn invalid(field: &str, parameter: &str, reason: &str) -> Refusal {
    let message = format!("Error reason: {reason}, field: {field}, parameter: {parameter}");
    Refusal::new("WAFInvalidParameterException", message)
}

/// What never reaches AWS WAF itself, because it is not of the service's form.
pub fn constraint(member: &str, value: Option<&str>, rule: &str) -> Refusal {
    let shown = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
    let message = format!(
        "1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint: Member must {rule}"
    );
    Refusal::new("ValidationException", message)
}

pub fn missing() -> Refusal {
    let message = "AWS WAF couldn’t perform the operation because your resource doesn’t exist.";
    Refusal::new("WAFNonexistentItemException", message)
}

pub fn stale() -> Refusal {
    let message = "AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. \
                   Reapply your changes.";
    Refusal::new("WAFOptimisticLockException", message)
}

pub fn duplicate() -> Refusal {
    let message = "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an \
                   existing one.";
    Refusal::new("WAFDuplicateItemException", message)
}

pub fn associated() -> Refusal {
    let message = "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s \
                   associated with another resource.";
    Refusal::new("WAFAssociatedItemException", message)
}

pub fn unavailable() -> Refusal {
    let message = "AWS WAF couldn’t retrieve the resource that you requested. Retry your request.";
    Refusal::new("WAFUnavailableEntityException", message)
}

pub fn over_capacity(units: i64) -> Refusal {
    let reason = "You exceeded the capacity limit for a rule group or web ACL.";
    invalid("WEB_ACL", &units.to_string(), reason)
}

pub fn too_many() -> Refusal {
    let message = "AWS WAF couldn’t perform the operation because you exceeded your resource limit.";
    Refusal::new("WAFLimitsExceededException", message)
}

pub fn managed_by_firewall_manager() -> Refusal {
    let message =
        "AWS WAF couldn’t perform the operation because your web ACL is managed by Firewall Manager.";
    Refusal::new("WAFInvalidOperationException", message)
}

pub fn expired_version() -> Refusal {
    let message = "The operation failed because the specified version for the managed rule group has expired. You can \
                   retrieve the available versions for the managed rule group by calling \
                   ListAvailableManagedRuleGroupVersions.";
    Refusal::new("WAFExpiredManagedRuleGroupVersionException", message)
}
