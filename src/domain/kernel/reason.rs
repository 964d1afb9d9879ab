//! The closed list of reasons: of conditions, of events and of metrics.

macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident ),* $(,)?) => {
        /// Why a condition is what it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        pub enum Reason { $( $(#[$doc])* $name ),* }
        impl Reason {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),* ];
            /// The reason as it stands in conditions, events and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$name => stringify!($name) ),* }
            }
            /// The reason that a condition carries; `None` for one of another version.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $( stringify!($name) => Some(Self::$name), )* _ => None }
            }
        }
    };
}

reasons! {
    /// The spec can be built; of an `AwsAccount`, AWS takes its credentials.
    Valid,
    /// The Namespace's annotations do not permit what the spec names.
    NotPermitted,
    /// The spec contradicts itself or AWS's limits in a way that the API server cannot see.
    InvalidSpec,
    /// The spec is refused, so that nothing is looked at; the message says what was known before.
    SpecRefused,
    /// The object in the API server cannot be read as a `ProtectedApi`.
    Malformed,
    /// API Gateway does not know the API.
    ApiNotFound,
    /// API Gateway does not know the stage.
    StageNotFound,
    /// The API is of another type than declared.
    ApiTypeMismatch,
    /// The API is edge-optimised or private.
    UnsupportedEndpoint,
    /// The API's default endpoint is switched off.
    EndpointDisabled,
    /// The rules need more capacity than a web ACL has.
    CapacityExceeded,
    /// An older object protects the same API and stage.
    OwnedByAnother,
    /// Another object protects another stage of the same API, with a `spec.access` that goes with no other or not with this one.
    AccessDiffers,
    /// A distribution of another cluster stands before the same API and path.
    ProtectedElsewhere,
    /// What `spec.takeOver` names is not there, or may be kept by another object.
    TakeOverRefused,
    /// Another object keeps the perimeter by now: this one writes nothing any more.
    HandedOver,
    /// The perimeter is offered to an object of another cluster, which has not come for it yet.
    HandoverOffered,
    /// The perimeter that `spec.takeOver` names is offered to this object, and its keeper has not let it go yet.
    HandoverPending,
    /// There is no `PerimeterClass` of the name that the spec, the Namespace or nobody gives, or classes cannot be read.
    ClassNotFound,
    /// The `PerimeterClass` contradicts itself or cannot be read, so that no object can go by it.
    ClassInvalid,
    /// The `PerimeterClass` of the object does not let it say so.
    ForbiddenByClass,
    /// Two `PerimeterClass`es are the default one.
    DefaultClassAmbiguous,
    /// There is no `AwsAccount` of the name that the spec gives.
    AccountNotFound,
    /// The `AwsAccount` cannot be used now.
    AccountNotReady,
    /// The spec leads to another AWS account than the one that the object's resources are in.
    AccountChanged,
    /// An older `AwsAccount` stands for the same AWS account.
    AccountTaken,
    /// The role of an `AwsAccount` cannot be assumed.
    RoleNotAssumable,
    /// An `AwsAccount` that is being deleted is still needed.
    InUse,
    /// The quotas of the account leave room for more.
    HeadroomLeft,
    /// It stands as declared.
    InPlace,
    /// Work on it is under way.
    InProgress,
    /// It waits for other resources of the object.
    WaitingForInputs,
    /// Lambda does not know a new role yet: seconds as a rule, up to 15 minutes in a busy account.
    RolePropagating,
    /// Lambda prepares a new function or version.
    FunctionPending,
    /// AWS has not caught up with an earlier write.
    Propagating,
    /// CloudFront carries a configuration to its edge locations.
    Deploying,
    /// CloudFront has the configuration everywhere.
    Deployed,
    /// Lambda could not prepare the function.
    FunctionFailed,
    /// A resource has our name and somebody else's tags.
    NameTaken,
    /// A distribution of somebody else uses the web ACL, which therefore cannot be deleted.
    WebAclInUse,
    /// A foreign rule of the web ACL lets requests pass before ours are asked.
    ForeignAllowRule,
    /// AWS keeps fields otherwise than they were written, and they are not written again.
    DifferenceStands,
    /// Somebody else, or AWS, changes back what was written, each time.
    WriteContested,
    /// Error pages of somebody else's turn refusals into something else.
    ErrorPageInTheWay,
    /// A continuous deployment policy may send viewers to a staging distribution.
    ContinuousDeployment,
    /// Somebody had deleted the distribution, and the one that was made again has another domain name.
    DistributionRenamed,
    /// Viewers' Authorization reaches the API, and whether the cache tells them apart is not known.
    CachePolicyNotRead,
    /// Whether an origin request policy sends the viewer's Host on is not known.
    OriginRequestPolicyNotRead,
    /// API Gateway minds something about the truststore of the custom domain name by which CloudFront reaches the API.
    TruststoreWarned,
    /// The API's functions see the stage in front of the path, which the default endpoint leaves out.
    StageInPath,
    /// What is cached depends on a key or on an authorizer of the API's own, and may be served to other callers.
    CacheMixesCallers,
    /// There is no rate limit beside Shield's automatic response.
    NoRateLimit,
    /// Rule groups of others are asked before our rules, and what they let pass is not read.
    RuleGroupNotRead,
    /// A rule refers to something that is not there.
    InvalidReference,
    /// Records stay, though no hosted zone is declared any more: viewers use their names.
    RecordsKept,
    /// What the adoption of a distribution changes is shown, and not confirmed yet.
    AdoptionPlanned,
    /// What the adoption of a distribution changes is not what was confirmed.
    AdoptionPlanChanged,
    /// The distribution that is to be adopted, or given back, cannot be; `status.adoption` says why.
    AdoptionRefused,
    /// A distribution that stood already was taken over.
    Adopted,
    /// An adopted distribution is being given back.
    Releasing,
    /// An adopted distribution was given back, with the configuration that it had before.
    Released,
    /// Firewall Manager writes the web ACL or its logging; nobody else may.
    ManagedByFirewallManager,
    /// AWS answered with an error that only a person can solve.
    AwsRefused,
    /// AWS answered in a form that this version does not know.
    AnswerNotUnderstood,
    /// Our credentials may not make a call.
    AccessDenied,
    /// The credentials are missing or expired.
    CredentialsInvalid,
    /// AWS asked us to call less often.
    Throttled,
    /// No answer, or a fault of AWS's.
    AwsUnavailable,
    /// Somebody else wrote at the same time.
    Conflict,
    /// A quota of the account is used up.
    QuotaReached,
    /// `excludeMethods` names what is no method of the API's own.
    ExcludedMethodUnknown,
    /// The signature takes the place of a header that an authorizer of the team's reads.
    AuthorizationReplaced,
    /// The API asks for what Palisade made for an object that is gone, and that may still serve viewers.
    LeftBehind,
    /// Viewers of a stage that was locked before are refused, since what it asks for is not sent, or not accepted, any more.
    EarlierStageRefused,
    /// An alias belongs to another distribution.
    AliasInUse,
    /// An alias stays with another distribution until viewers get through this one, by the paths that they ask for.
    AliasKept,
    /// An alias is about to be moved here from another distribution.
    AliasMoves,
    /// A declared name leads its viewers elsewhere, perhaps to the API past the perimeter: the first lock waits for it.
    NameServedElsewhere,
    /// An alias was moved here from another distribution.
    AliasMoved,
    /// A certificate was requested, and ACM has not seen yet that its names are ours.
    CertificatePending,
    /// ACM will not issue the certificate that was requested.
    CertificateFailed,
    /// The certificate that the spec names expires within a month.
    CertificateExpires,
    /// The certificate that the spec names is valid no more.
    CertificateExpired,
    /// The certificate that the spec names could not be read, so that nobody watches when it expires.
    CertificateNotRead,
    /// ACM still sees the certificate in use.
    CertificateInUse,
    /// There is no hosted zone of that id.
    HostedZoneNotFound,
    /// The hosted zone is one that only VPCs see.
    HostedZonePrivate,
    /// A name is not within the hosted zone.
    HostedZoneDoesNotCoverAlias,
    /// Somebody else made a record at a name of ours.
    RecordTaken,
    /// The CloudFront pricing plan of the distribution or web ACL refuses what the spec asks for.
    PricingPlan,
    /// The distribution or web ACL is in a pricing plan, and AWS deletes it only once that has ended.
    InPricingPlan,
    /// The pricing plan of the distribution moves down to a tier that does not take what the spec asks for.
    PricingPlanMovesDown,
    /// Whether the distribution is in a pricing plan is not known: the list may not be read.
    PricingPlanNotRead,
    /// The account is not subscribed to Shield Advanced.
    NotSubscribed,
    /// AWS does not offer Shield's automatic response to this account.
    AutomaticResponseUnavailable,
    /// Shield's automatic response counts until it has a baseline.
    Counting,
    /// Within a day Shield's automatic response turns from Count to Block.
    PromotionDue,
    /// Shield's automatic response was turned from Count to Block, as the spec planned.
    Promoted,
    /// A rule of the web ACL that counted got its own action: its matches stayed below what is allowed.
    RulePromoted,
    /// A rule of the web ACL counts on: it had more matches than are allowed, or they may not be read.
    RuleHeld,
    /// The health check is not healthy, so it cannot be associated yet.
    HealthCheckUnhealthy,
    /// There is no health check of that id.
    HealthCheckNotFound,
    /// Route 53's health checkers are refused by country.
    HealthCheckersBlocked,
    /// There is no SNS topic of that ARN.
    TopicNotFound,
    /// Somebody else, such as Firewall Manager, manages it.
    ManagedElsewhere,
    /// The account is subscribed to Shield Advanced.
    Subscribed,
    /// The account's subscription to Shield Advanced is not renewed when it ends.
    SubscriptionEnding,
    /// Somebody else changed an account-wide setting, and it is left alone.
    ChangedElsewhere,
    /// AWS works on the request for proactive engagement.
    EngagementPending,
    /// Proactive engagement needs something that is not there yet.
    PreconditionsMissing,
    /// Nobody among the emergency contacts can be called.
    PhoneNumberMissing,
    /// The role for the Shield Response Team does not exist.
    RoleNotFound,
    /// The role for the Shield Response Team does not trust it.
    RoleTrustMissing,
    /// The role for the Shield Response Team does not allow what it needs.
    RolePolicyMissing,
    /// A quota of the account is nearly used up.
    QuotaLow,
    /// `spec.suspend` is true.
    Suspended,
    /// The object is being deleted.
    Deleting,
    /// The API, as deployed, accepts only the perimeter.
    Locked,
    /// Methods of the API stand open, and `spec.access.enforcement` is Observe.
    Open,
    /// Methods have an authorizer of their own, beside which a signature cannot be asked for.
    AuthorizerInTheWay,
    /// A policy of the distribution sends the viewer's Host header on, which the signer alone puts right.
    HostHeaderInTheWay,
    /// Methods, or the API as a whole, take API keys in a way that the perimeter's key would spoil.
    ApiKeyInTheWay,
    /// The usage plan that the spec names does not exist, or does not have the stage.
    UsagePlanNotUsable,
    /// API Gateway makes or changes the custom domain name by which CloudFront reaches the API.
    DomainPending,
    /// API Gateway could not make or change the custom domain name by which CloudFront reaches the API.
    DomainFailed,
    /// The API's default endpoint is being switched off, and that is not proven yet.
    EndpointSwitching,
    /// The truststore's bucket is not there, keeps no versions, or is in another Region than the API.
    BucketUnfit,
    /// Other stages of the API would lose the default endpoint with the declared one.
    OtherStagesServed,
    /// API Gateway refused the client certificate that CloudFront shows, or is to show next.
    ClientCertificateRefused,
    /// What CloudFront shows to the API, a secret value or a client certificate, is being replaced.
    Rotating,
    /// The secret value that CloudFront sends was replaced, and the earlier one is accepted no more.
    Rotated,
    /// A canary release of the stage serves an open deployment.
    CanaryInTheWay,
    /// Another stage of the API deploys by itself, and would be locked with the declared one.
    OtherStageInTheWay,
    /// Custom domain names lead viewers to the stage past the perimeter, who would be refused.
    DomainNameInTheWay,
    /// Distributions that Palisade did not make lead viewers to the stage past the perimeter, who would be refused.
    DistributionInTheWay,
    /// Behaviours of the distribution lead to the API without the signer, and their viewers would be refused.
    BehaviorInTheWay,
    /// The API's resource policy lets in callers of every AWS account who sign.
    PolicyOpenToAllAccounts,
    /// Integrations are called with the credentials of whoever signed the request, which is the perimeter's signer.
    CallerCredentials,
    /// The WebSocket API has no `$connect` route, so API Gateway lets everybody in.
    NoConnectRoute,
    /// The stage has no method or route that should be locked.
    NothingToLock,
    /// It cannot be told what the stage asks for as deployed.
    DeployedUnknown,
    /// Nothing is deployed to the stage, or not what the API is as edited.
    StageNotDeployed,
    /// A deployment of ours would carry edits that the API's team has not deployed.
    UndeployedChanges,
    /// The API is being locked, and the new way is not proven yet.
    CuttingOver,
    /// The API's resource policy would be longer with our statements than API Gateway takes.
    PolicyTooLarge,
    /// A resource policy cannot tell an excluded method from those that are to be denied.
    ExcludedMethodInTheWay,
    /// The API's resource policy asks for the caller's address, which is CloudFront's now.
    SourceIpPolicyInTheWay,
    /// Something else that leads to the API lets anybody in.
    OtherDoorOpen,
    /// The custom domain name by which CloudFront reaches the API may let in who shows a client certificate of others.
    ForeignAuthority,
    /// A client certificate bears an object's tags and was not imported by Palisade, or somebody imported it in the place of one that was.
    CertificateNotOurs,
    /// Another address leads to the API.
    OtherDoorFound,
    /// API Gateway refused a request that came through the perimeter.
    SignatureRefused,
    /// Somebody keeps opening the lock.
    ContestedByOtherTool,
    /// `spec.origin.probePath` leads to no method of the stage that can be probed.
    ProbePathNotFound,
    /// The user's own web ACL or country rules refused the probe.
    ProbeBlockedByWebAcl,
    /// The web ACL that the API's stage itself has refused a probe, or may have.
    StageWebAclInTheWay,
    /// A probe got no answer that proves anything.
    ProbeFailed,
    /// A throttle or a quota of the API's own answers probes, and so viewers.
    ProbeThrottled,
    /// An answer may be API Gateway's refusal as well as the backend's own.
    ProbeAmbiguous,
    /// The name of the API leads to a private address, which the Internet does not meet.
    ProbeOnPrivateNetwork,
    /// The team's authorizers answer every probe before the perimeter's key is looked at.
    AuthorizerBeforeProof,
    /// The team's authorizer refuses the header of `spec.access.probe`.
    ProbeHeaderRefused,
    /// The Secret of `spec.access.probe` cannot be read.
    ProbeSecretUnreadable,
    /// The API has no method that may be asked for without changing anything.
    NothingToProbe,
    /// A request through the perimeter reached the API.
    ViewerReached,
    /// API Gateway refused an unsigned request past the perimeter.
    DirectRefused,
    /// An unsigned request past the perimeter was let in.
    DirectAccessOpen,
    /// `spec.probes` is Disabled.
    ProbesDisabled,
    /// No probe was sent yet.
    NotProbedYet,
    /// All objects of a class that can move go by the newest revision of it.
    RolledOut,
    /// Objects of a class move to another revision of it, a few at a time.
    RollingOut,
    /// An object that moved to another revision of its class is worse for it, or does not arrive, so no further one moves.
    RolloutHalted,
    /// AWS WAF blocks a larger share of an object's requests since it moved to another revision of its class.
    BlockedShareRose,
    /// Objects go by as many revisions of their class as are kept, so another one waits; or what the class says now is taken back.
    RolloutWaiting,
    /// All that was asked for stands.
    Ready,
    /// The plan that was asked for is made.
    Planned,
    /// A resource was made.
    Created,
    /// A resource was changed because the spec changed.
    Updated,
    /// A resource was changed back after somebody else changed it.
    DriftCorrected,
    /// A resource was deleted.
    Deleted,
    /// The function and its role wait for Lambda's replicas to vanish.
    Condemned,
    /// The resources stay, as `deletionPolicy: Retain` asks.
    Retained,
    /// What an earlier object of the same name left is this one's.
    TookOver,
    /// Of an `AwsAccount`: what somebody asked to have deleted stays, since it may serve viewers or be somebody's.
    OrphanKept,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
