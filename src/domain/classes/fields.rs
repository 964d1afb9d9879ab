//! How each field of a spec is merged, as a table: what is not in it follows the shape of its value.

use crate::api::AppendedList;

/// Fields whose parts belong together: an object that has one has all of it, and nothing of the class's.
const WHOLE: [&str; 5] = [
    "distribution.logging",
    "distribution.geoRestriction",
    "webAcl.countries",
    "shield.automaticResponse",
    "shield.healthCheck",
];

/// Maps whose keys AWS takes for the same if they differ in case alone.
const CASELESS: &str = "tags";

/// How a field is merged where both the class and the object have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Field by field.
    Fields,
    /// Key by key, without regard to case.
    Caseless,
    /// The object's takes the place of the class's.
    Replaced,
    /// The class's entries, and after them the object's; an entry with the same value of this field takes the place of the
    /// class's.
    AppendedBy(&'static str),
    /// The class's entries, and after them those of the object that are not among them.
    AppendedSet,
}

/// The rule for the field at `path`, where values are objects (`has_fields`) or not.
pub(super) fn rule(path: &str, has_fields: bool, append: &[AppendedList]) -> Rule {
    if path == CASELESS {
        return Rule::Caseless;
    }
    if has_fields {
        return if WHOLE.contains(&path) {
            Rule::Replaced
        } else {
            Rule::Fields
        };
    }
    match list(path) {
        Some((list, rule)) if append.contains(&list) => rule,
        _ => Rule::Replaced,
    }
}

/// The list at `path` that may be appended to, and how.
fn list(path: &str) -> Option<(AppendedList, Rule)> {
    Some(match path {
        "access.excludeMethods" => (AppendedList::ExcludeMethods, Rule::AppendedSet),
        "webAcl.managedRuleGroups" => (AppendedList::ManagedRuleGroups, Rule::AppendedBy("name")),
        "webAcl.rateLimits" => (AppendedList::RateLimits, Rule::AppendedBy("name")),
        "webAcl.allowCidrs" => (AppendedList::AllowCidrs, Rule::AppendedSet),
        "webAcl.blockCidrs" => (AppendedList::BlockCidrs, Rule::AppendedSet),
        "webAcl.rules" => (AppendedList::Rules, Rule::AppendedBy("Name")),
        "webAcl.customResponseBodies" => (AppendedList::CustomResponseBodies, Rule::AppendedBy("name")),
        "webAcl.logging.redactHeaders" => (AppendedList::RedactHeaders, Rule::AppendedSet),
        "webAcl.antiDdos.exemptPaths" => (AppendedList::ExemptPaths, Rule::AppendedSet),
        _ => return None,
    })
}
