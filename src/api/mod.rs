//! The custom resources: spec, status and the validation rules the API server enforces. No logic.

mod access;
mod account_shield;
mod aws_account;
mod cost;
mod crd;
mod distribution;
mod perimeter_plan;
mod plan_report;
mod protected_api;
mod rate_limit;
mod schema;
mod shield;
mod status;
mod web_acl;

pub use access::{
    AccessMode, AccessSpec, ApiKeySpec, CutOver, Enforcement, MethodName, MutualTlsSpec, ProbeSpec, Probes,
    SecretHeaderSpec, SecretKeyRef, SigV4Spec, ViewerAuthorization,
};
pub use account_shield::{
    AccountQuotas, AccountShieldSpec, AccountShieldStatus, EmergencyContact, OVERWRITE_SETTINGS, QuotaName,
    QuotaUse, SrtAccess,
};
pub use aws_account::{
    AllowedNamespaces, AwsAccount, AwsAccountSpec, AwsAccountStatus, LabelOperator, LabelRequirement,
    LabelValue, NamespaceSelector, SessionTag,
};
pub use cost::{CostPart, CostPartName, CostStatus};
pub use crd::{DEFINED_BY, KINDS, crd_yaml, definitions};
pub use distribution::{
    DistributionLogging, DistributionSpec, GeoRestriction, HttpVersion, MinimumTlsVersion, PriceClass,
};
pub use perimeter_plan::{PerimeterPlan, PerimeterPlanSpec, PerimeterPlanStatus};
pub use plan_report::{
    PlanChange, PlanEffect, PlanProblem, PlanReport, PlanStep, PlanSummary, PlanVerb, PlanWait,
};
pub use protected_api::{DeletionPolicy, Origin, OriginType, ProtectedApi, ProtectedApiSpec};
pub use rate_limit::{
    RateLimit, RateLimitFallback, RateLimitKey, RateLimitKeyType, RateLimitScope, RateLimitWindow,
};
pub use shield::{AutomaticResponse, CheckInterval, DdosAlarm, HealthCheckSpec, ResponseAction, ShieldSpec};
pub use status::{
    AccessStatus, Asks, DetourPageStatus, DetoursStatus, DistributionStatus, ErrorNamed, HeldModeStatus,
    ImportedCertificateStatus, KeyAsked, LockedStage, MutualTlsStatus, NamedCertificateStatus, NamesStatus,
    OtherDoor, OtherDoorState, OtherDoorType, ProbeMethod, ProbedStatus, ProtectedApiStatus, PutBackStatus,
    RouteAsks, ShieldStatus, SignerStatus, StatusNote, WebAclStatus,
};
pub use web_acl::{
    AntiDdos, CountryFilter, CustomResponseBody, CustomResponseContentType, ManagedRuleGroup, RuleAction,
    RuleGroupAction, RuleGroupOverride, Sensitivity, WebAclLogging, WebAclSpec,
};

/// The API group of Palisade's kinds.
pub const GROUP: &str = "palisade.dev";
/// Held on every object until its AWS resources are gone, retained or condemned.
pub const FINALIZER: &str = "palisade.dev/perimeter";
/// The field manager of all that is written to the API server.
pub const FIELD_MANAGER: &str = "palisade";
/// Held on every `AwsAccount` until nothing of ours needs it.
pub const ACCOUNT_FINALIZER: &str = "palisade.dev/account";
/// Annotation: changed to a new text by whoever wants the object's secret value to be replaced now.
pub const ROTATE: &str = "palisade.dev/rotate";
/// Annotation: changed to a new text by whoever wants the object's API to be read and probed now.
pub const LOOK: &str = "palisade.dev/look";
