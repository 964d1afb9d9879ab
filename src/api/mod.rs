//! The custom resources: spec, status and the validation rules the API server enforces. No logic.

mod access;
mod account_shield;
mod adoption;
mod aws_account;
mod class_defaults;
mod class_plan;
mod cost;
mod crd;
mod distribution;
mod effective;
mod orphan;
mod perimeter_class;
mod perimeter_class_status;
mod perimeter_plan;
mod plan_report;
mod promotion;
mod protected_api;
mod rate_limit;
mod rollout;
mod schema;
mod shield;
mod status;
mod take_over;
pub mod transitions;
mod web_acl;

pub use access::{
    AccessMode, AccessSpec, ApiKeySpec, CutOver, Enforcement, MethodName, MutualTlsSpec, ProbeSpec, Probes,
    SecretHeaderSpec, SecretKeyRef, SigV4Spec, ViewerAuthorization,
};
pub use account_shield::{
    AccountQuotas, AccountShieldSpec, AccountShieldStatus, EmergencyContact, OVERWRITE_SETTINGS, QuotaName,
    QuotaUse, SrtAccess,
};
pub use adoption::{
    AdoptSpec, AdoptionChange, AdoptionRefusal, AdoptionRival, AdoptionState, AdoptionStatus, AdoptionUnused,
};
pub use aws_account::{
    AllowedNamespaces, AwsAccount, AwsAccountSpec, AwsAccountStatus, LabelOperator, LabelRequirement,
    LabelValue, NamespaceSelector, SessionTag,
};
pub use class_defaults::OWN_FIELDS;
pub use class_plan::{ClassPlanCost, ClassPlanGroup, ClassPlanProblem, ClassPlanReport};
pub use cost::{CostPart, CostPartName, CostStatus};
pub use crd::{DEFINED_BY, KINDS, crd_yaml, definitions};
pub use distribution::{
    DistributionLogging, DistributionSpec, GeoRestriction, HttpVersion, MinimumTlsVersion, PriceClass,
    ViewerProtocolPolicy,
};
pub use effective::{AppliedClass, ChosenBy, EffectiveField, EffectiveStatus};
pub use orphan::{OrphanDeletionState, OrphanDeletionStatus, OrphanStatus};
pub use perimeter_class::{
    AppendedList, ClassDefaults, ClassLimits, LoggingOf, PerimeterClass, PerimeterClassSpec,
};
pub use perimeter_class_status::{ClassRevision, PerimeterClassStatus, RefusedObject};
pub use perimeter_plan::{
    PerimeterPlan, PerimeterPlanSpec, PerimeterPlanStatus, PlannedClass, StandingDistribution,
};
pub use plan_report::{
    PlanChange, PlanEffect, PlanProblem, PlanReport, PlanStep, PlanSummary, PlanVerb, PlanWait,
};
pub use promotion::{PromotedFrom, Promotion};
pub use protected_api::{DeletionPolicy, Origin, OriginType, ProtectedApi, ProtectedApiSpec};
pub use rate_limit::{
    MostPermissiveRate, RateLimit, RateLimitFallback, RateLimitKey, RateLimitKeyType, RateLimitScope,
    RateLimitWindow,
};
pub use rollout::{
    BlockedShare, ClassRollout, HaltOn, HaltedBy, MovingObject, RESUME_ROLLOUT, RequestCount,
    RevisionStanding, RolloutPlan, RolloutState, RolloutStatus, ShareReading, UNDO_ROLLOUT, UnjudgedObjects,
};
pub use shield::{AutomaticResponse, CheckInterval, DdosAlarm, HealthCheckSpec, ResponseAction, ShieldSpec};
pub use status::{
    AccessStatus, Asks, DetourPageStatus, DetoursStatus, DistributionStatus, ErrorNamed, HeldModeStatus,
    ImportedCertificateStatus, KeyAsked, LockedStage, MatchedStatus, MutualTlsStatus, NamedCertificateStatus,
    NamesStatus, OtherDoor, OtherDoorState, OtherDoorType, PlanChangeStatus, PricingPlanStatus, ProbeMethod,
    ProbedStatus, PromotionState, PromotionStatus, ProtectedApiStatus, PutBackStatus, RouteAsks,
    ShieldStatus, SignerStatus, StatusNote, WebAclStatus,
};
pub use take_over::{HandOverSpec, HandOverState, HandOverStatus, TakeOverSpec, TakeOverStatus};
pub use web_acl::{
    AntiDdos, CountryFilter, CustomResponseBody, CustomResponseContentType, ManagedRuleGroup, RequiredRules,
    RuleAction, RuleGroupAction, RuleGroupOverride, Sensitivity, WebAclLogging, WebAclSpec,
};

/// The API group of Palisade's kinds.
pub const GROUP: &str = "palisade.dev";
/// Held on every object until its AWS resources are gone, retained or condemned.
pub const FINALIZER: &str = "palisade.dev/perimeter";
/// The field manager of all that is written to the API server.
pub const FIELD_MANAGER: &str = "palisade";
/// Held on every `AwsAccount` until nothing of ours needs it.
pub const ACCOUNT_FINALIZER: &str = "palisade.dev/account";
/// Held on every `PerimeterClass` until no object goes by it.
pub const CLASS_FINALIZER: &str = "palisade.dev/class";
/// Annotation of a Namespace: the class of its objects that name none.
pub const CLASS: &str = "palisade.dev/class";
/// Annotation of a `PerimeterClass`: `"true"` makes it the class of objects for which nobody names one.
pub const IS_DEFAULT_CLASS: &str = "palisade.dev/is-default-class";
/// Annotation: changed to a new text by whoever wants the object's secret value to be replaced now.
pub const ROTATE: &str = "palisade.dev/rotate";
/// Annotation of an `AwsAccount`: UIDs, apart by commas, whose remains in AWS no object owns and somebody wants to be deleted.
pub const DELETE_ORPHANS: &str = "palisade.dev/delete-orphans";
/// Annotation: changed to a new text by whoever wants the object's API to be read and probed now.
pub const LOOK: &str = "palisade.dev/look";
