//! The custom resources: spec, status and the validation rules the API server enforces. No logic.

mod crd;
mod distribution;
mod protected_api;
mod schema;
mod shield;
mod status;
mod web_acl;

pub use crd::{crd, crd_yaml};
pub use distribution::{
    DistributionLogging, DistributionSpec, GeoRestriction, HttpVersion, MinimumTlsVersion, PriceClass,
};
pub use protected_api::{
    AccessMode, AccessSpec, CutOver, DeletionPolicy, Enforcement, MethodName, Origin, OriginType, Probes,
    ProtectedApi, ProtectedApiSpec, SigV4Spec, ViewerAuthorization,
};
pub use shield::{AutomaticResponse, CheckInterval, DdosAlarm, HealthCheckSpec, ResponseAction, ShieldSpec};
pub use status::{
    AccessStatus, DistributionStatus, ProtectedApiStatus, ShieldStatus, SignerStatus, WebAclStatus,
};
pub use web_acl::{
    AntiDdos, CountryFilter, ManagedRuleGroup, RateLimit, RateLimitScope, RateLimitWindow, RuleAction,
    RuleGroupAction, RuleGroupOverride, Sensitivity, WebAclLogging, WebAclSpec,
};

/// The API group of Palisade's kinds.
pub const GROUP: &str = "palisade.dev";
/// Held on every object until its AWS resources are gone, retained or condemned.
pub const FINALIZER: &str = "palisade.dev/perimeter";
