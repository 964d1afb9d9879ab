//! Faults by rule: which call goes wrong, and how.

use super::account::Account;
use super::refusal::{Outcome, Refusal};
use palisade::aws::cloud::Page;
use palisade::aws::errors::NO_ANSWER;
use palisade::aws::operations::{Answer, Call, Operation, OperationClass, Service};

/// The code of every answer to a process that has crashed.
pub const CRASHED: &str = "ProcessCrashed";

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Refused: called too often.
    Throttle,
    /// Refused with this code and message.
    Refusal(&'static str, &'static str),
    /// Refused by a fault of AWS's own; on a list: the page fails.
    ServerError,
    /// AWS acts, and its answer never arrives.
    LostAnswer,
    /// The request never reaches AWS.
    LostRequest,
    /// Somebody else writes the resource between the caller's read and this write.
    ForeignWrite,
    /// A list ends in the middle of its page, and nothing says so.
    TruncatedPage,
    /// The calling process dies before AWS acts.
    CrashBefore,
    /// AWS acts, and the calling process dies before the answer arrives.
    CrashAfter,
}

impl Fault {
    fn fits(self, operation: Operation) -> bool {
        match self {
            Self::TruncatedPage => operation.class == OperationClass::List,
            Self::ForeignWrite => {
                matches!(
                    operation.class,
                    OperationClass::Update | OperationClass::Delete | OperationClass::Put
                ) && !operation.name.contains("LoggingConfiguration")
            }
            _ => true,
        }
    }
}

/// Which calls a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Every,
    Writes,
    Lists,
    /// By AWS's name, such as `UpdateWebACL`; names that services share as `wafv2:TagResource`.
    Operation(&'static str),
}

#[derive(Debug, Clone)]
enum When {
    /// Once, at this call of the scope, counted from 1.
    Nth(usize),
    /// At the next calls of the scope.
    Next(usize),
    /// At any call, by this chance.
    Chance(f64),
}

/// Which calls go wrong, and how.
#[derive(Debug, Clone)]
pub struct Rule {
    scope: Scope,
    when: When,
    faults: Vec<Fault>,
    seen: usize,
}

impl Rule {
    /// The `n`-th call of the scope from now, counted from 1.
    pub fn nth(scope: Scope, n: usize, fault: Fault) -> Self {
        Self {
            scope,
            when: When::Nth(n),
            faults: vec![fault],
            seen: 0,
        }
    }

    /// The next `count` calls of the scope.
    pub fn next(scope: Scope, count: usize, fault: Fault) -> Self {
        Self {
            scope,
            when: When::Next(count),
            faults: vec![fault],
            seen: 0,
        }
    }

    /// Any call of the scope, by chance, with any of `faults` that fits the operation.
    pub fn random(scope: Scope, chance: f64, faults: &[Fault]) -> Self {
        Self {
            scope,
            when: When::Chance(chance),
            faults: faults.to_vec(),
            seen: 0,
        }
    }

    fn counts(&self, operation: Operation) -> bool {
        match self.scope {
            Scope::Every => true,
            Scope::Writes => operation.class.is_write(),
            Scope::Lists => operation.class == OperationClass::List,
            Scope::Operation(name) => {
                name == operation.name
                    || name.split_once(':') == Some((operation.service.name(), operation.name))
            }
        }
    }
}

/// All rules, and whether the calling process is dead.
#[derive(Clone)]
pub struct Faults {
    pub crashed: bool,
    rules: Vec<Rule>,
    random: fastrand::Rng,
}

impl Faults {
    pub fn new() -> Self {
        Self {
            crashed: false,
            rules: Vec::new(),
            random: fastrand::Rng::with_seed(0),
        }
    }

    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub fn clear(&mut self) {
        self.rules.clear();
    }

    pub fn seed(&mut self, seed: u64) {
        self.random = fastrand::Rng::with_seed(seed);
    }

    /// The fault that this call meets. Every rule counts every call of its scope; the first that strikes wins.
    pub fn strike(&mut self, operation: Operation) -> Option<Fault> {
        let mut struck = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.counts(operation)) {
            rule.seen += 1;
            let strikes = match rule.when {
                When::Nth(n) => rule.seen == n,
                When::Next(count) => rule.seen <= count,
                When::Chance(chance) => self.random.f64() < chance,
            };
            if !strikes || struck.is_some() {
                continue;
            }
            let fitting: Vec<_> = rule
                .faults
                .iter()
                .copied()
                .filter(|fault| fault.fits(operation))
                .collect();
            if !fitting.is_empty() {
                struck = Some(fitting[self.random.usize(..fitting.len())]);
            }
        }
        struck
    }
}

impl Account {
    /// Performs a call the way `fault` lets it.
    pub fn perform_with(&mut self, call: Call, resource: &str, fault: Option<Fault>) -> Outcome<Answer> {
        let operation = call.operation();
        match fault {
            Some(Fault::Throttle) => return Err(throttle(operation.service)),
            Some(Fault::Refusal(code, message)) => return Refusal::refuse(code, message),
            Some(Fault::ServerError) => return Err(server_error(operation.service)),
            Some(Fault::LostRequest) => return Err(no_answer()),
            Some(Fault::CrashBefore) => return Err(crashed()),
            Some(Fault::ForeignWrite) => self.write_in_between(&call)?,
            _ => {}
        }
        let outcome = self
            .authorize(operation, resource)
            .and_then(|()| self.perform(call));
        match fault {
            Some(Fault::LostAnswer) => Err(no_answer()),
            Some(Fault::CrashAfter) => Err(crashed()),
            Some(Fault::TruncatedPage) => outcome.map(truncated),
            _ => outcome,
        }
    }

    /// Writes the resource of `call` as it is: its version changes, its content does not.
    fn write_in_between(&mut self, call: &Call) -> Outcome<()> {
        match call {
            Call::UpdateDistribution { id, .. } | Call::DeleteDistribution { id, .. } => {
                if let Some(config) = self.cloudfront.all.get(id).map(|found| found.wanted.clone()) {
                    self.write_distribution(id, config);
                }
            }
            Call::UpdateWebAcl { entity, .. } | Call::DeleteWebAcl { entity } => {
                if let Some(document) = self
                    .waf
                    .web_acls
                    .get(&entity.id)
                    .map(|found| found.document.clone())
                {
                    self.write_web_acl(&entity.id, document);
                }
            }
            Call::UpdateIpSet { entity, .. } | Call::DeleteIpSet { entity } => {
                let addresses = self
                    .waf
                    .ip_sets
                    .get(&entity.id)
                    .map(|found| found.content.addresses.clone());
                if let Some(addresses) = addresses {
                    self.write_ip_set(&entity.id, addresses);
                }
            }
            Call::UpdateFunctionCode { region, name, .. }
            | Call::UpdateFunctionConfiguration { region, name, .. } => {
                self.revise_function(&(region.clone(), name.clone()));
            }
            call if call.operation().service == Service::Shield => {
                let message = "The resource state has been modified by another client. Retrieve the resource and then \
                               retry your request.";
                return Refusal::refuse("OptimisticLockException", message);
            }
            Call::UpdateHealthCheck { id, .. } if self.route53.all.contains_key(id) => {
                self.change_health_check(id, |_| {})?;
            }
            call if call.operation().service == Service::Iam => {
                let message = "The request was rejected because multiple requests to change this object were submitted \
                               simultaneously. Wait a few minutes and submit your request again.";
                return Refusal::refuse("ConcurrentModification", message);
            }
            call if matches!(
                call.operation().service,
                Service::ApiGateway | Service::ApiGatewayV2
            ) =>
            {
                let message =
                    "Unable to complete operation due to concurrent modification. Please try again later.";
                return Refusal::refuse("ConflictException", message);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Each service has its own way to say "slower".
fn throttle(service: Service) -> Refusal {
    let code = match service {
        Service::CloudFront
        | Service::Iam
        | Service::Sts
        | Service::Route53
        | Service::CloudWatch
        | Service::Sns => "Throttling",
        Service::S3 => "SlowDown",
        Service::Lambda | Service::ApiGateway | Service::ApiGatewayV2 => "TooManyRequestsException",
        Service::Waf | Service::Shield | Service::Acm | Service::PricingPlans => "ThrottlingException",
        Service::Tagging => "ThrottledException",
    };
    Refusal::new(code, "Rate exceeded")
}

fn server_error(service: Service) -> Refusal {
    let (code, message) = match service {
        Service::CloudFront | Service::ApiGateway | Service::ApiGatewayV2 | Service::Route53 => {
            ("ServiceUnavailable", "Service Unavailable")
        }
        Service::Iam => (
            "ServiceFailure",
            "The request processing has failed because of an unknown error.",
        ),
        Service::Sts | Service::Acm => (
            "InternalFailure",
            "The request processing has failed because of an unknown error.",
        ),
        Service::Lambda => (
            "ServiceException",
            "The Lambda service encountered an internal error.",
        ),
        Service::Waf => (
            "WAFInternalErrorException",
            "AWS WAF couldn’t perform the operation because of a system problem. Retry your request.",
        ),
        Service::Shield => (
            "InternalErrorException",
            "A problem occurred with the service infrastructure.",
        ),
        Service::CloudWatch => (
            "InternalServiceFault",
            "Request processing has failed due to some unknown error.",
        ),
        Service::Sns => ("InternalError", "Indicates an internal service error."),
        Service::S3 => (
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        Service::PricingPlans => (
            "InternalServerException",
            "An unexpected error occurred on the server. Retry the request.",
        ),
        Service::Tagging => (
            "InternalServiceException",
            "The request processing failed because of an unknown error.",
        ),
    };
    Refusal::new(code, message)
}

fn no_answer() -> Refusal {
    Refusal::new(NO_ANSWER, "connection closed before an answer arrived")
}

pub fn crashed() -> Refusal {
    Refusal::new(CRASHED, "the calling process is dead")
}

fn truncated(answer: Answer) -> Answer {
    match answer {
        Answer::ListRoles(page) => Answer::ListRoles(half(page)),
        Answer::ListFunctions(page) => Answer::ListFunctions(half(page)),
        Answer::ListVersions(page) => Answer::ListVersions(half(page)),
        Answer::ListIpSets(page) => Answer::ListIpSets(half(page)),
        Answer::ListWebAcls(page) => Answer::ListWebAcls(half(page)),
        Answer::ListLoggingConfigurations(page) => Answer::ListLoggingConfigurations(half(page)),
        Answer::ListDistributions(page) => Answer::ListDistributions(half(page)),
        Answer::ListPricingPlans(page) => Answer::ListPricingPlans(half(page)),
        Answer::ListTagged(page) => Answer::ListTagged(half(page)),
        Answer::ListTaggedOfRegion(page) => Answer::ListTaggedOfRegion(half(page)),
        Answer::ListTaggedOfShield(page) => Answer::ListTaggedOfShield(half(page)),
        Answer::ListProtections(page) => Answer::ListProtections(half(page)),
        Answer::ListHealthChecks(page) => Answer::ListHealthChecks(half(page)),
        Answer::ListRecords(page) => Answer::ListRecords(half(page)),
        // One alarm is what a read by name answers.
        Answer::DescribeAlarms(page) if page.items.len() > 1 => Answer::DescribeAlarms(half(page)),
        Answer::ListMethods(page) => Answer::ListMethods(half(page)),
        Answer::ListRoutes(page) => Answer::ListRoutes(half(page)),
        Answer::ListIntegrations(page) => Answer::ListIntegrations(half(page)),
        Answer::ListRestDeployments(page) => Answer::ListRestDeployments(half(page)),
        Answer::ListDeployments(page) => Answer::ListDeployments(half(page)),
        Answer::ListApiKeys(page) => Answer::ListApiKeys(half(page)),
        Answer::ListUsagePlans(page) => Answer::ListUsagePlans(half(page)),
        Answer::ListUsagePlanKeys(page) => Answer::ListUsagePlanKeys(half(page)),
        Answer::ListRestAuthorizers(page) => Answer::ListRestAuthorizers(half(page)),
        Answer::ListAuthorizers(page) => Answer::ListAuthorizers(half(page)),
        other => other,
    }
}

fn half<T>(mut page: Page<T>) -> Page<T> {
    page.items.truncate(page.items.len() / 2);
    Page { next: None, ..page }
}
