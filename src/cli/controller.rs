//! `palisade controller`

use super::failure::{Failure, Logged, WrongOption};
use super::values::{self, Listen};
use clap::{ArgAction, Args};
use hyper::Uri;
use kube::Client;
use palisade::aws::cloud::CALL_TIMEOUT;
use palisade::aws::layers::budget::{Limits, quota_names};
use palisade::controller::accounts::connect::Aws;
use palisade::controller::kubernetes;
use palisade::controller::probes::{Endpoint, HttpProber};
use palisade::controller::process::metrics::Metrics;
use palisade::controller::process::settings::{LeaseSettings, Settings, Tenancy};
use palisade::controller::process::shutdown::Shutdown;
use palisade::controller::process::telemetry::{self, DEFAULT_FILTER, LogFormat};
use palisade::controller::process::traces::Traces;
use palisade::controller::{Parts, run as run_controller};
use palisade::domain::cost::prices::Prices;
use palisade::domain::kernel::identity::Tags;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::runtime::Builder;
use tracing::{error, info};

/// A thousand objects keep one busy for a second a resync; each holds memory of its own.
const MAX_THREADS: usize = 4;
/// Bytes. Without optimization a call through the SDK takes more than tokio's 2 MiB; what is never touched costs nothing.
const STACK: usize = 8 << 20;

/// Options of the controller.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// How often every object is looked at without cause; costs a few list calls for all objects together
    #[arg(long, env = "PALISADE_RESYNC", value_name = "DURATION", default_value = "10m", value_parser = values::duration)]
    resync: Duration,
    /// How often every object's AWS resources are read in full, spread evenly
    #[arg(long, env = "PALISADE_DEEP_RESYNC", value_name = "DURATION", default_value = "24h", value_parser = values::duration)]
    deep_resync: Duration,
    /// How often CloudFront's deployments are looked at; one list call serves all objects that wait
    #[arg(long, env = "PALISADE_DEPLOYMENT_POLL", value_name = "DURATION", default_value = "20s", value_parser = values::duration)]
    deployment_poll: Duration,
    /// How often all methods of each API are read, a few calls an object, to find those that came unlocked; probes and
    /// other changes find most of them before
    #[arg(long, env = "PALISADE_ACCESS_RESYNC", value_name = "DURATION", default_value = "1h", value_parser = values::duration)]
    access_resync: Duration,
    /// How often it is tried to delete the functions and roles that deleted objects left: Lambda keeps their replicas for hours
    #[arg(long, env = "PALISADE_SWEEP", value_name = "DURATION", default_value = "10m", value_parser = values::duration)]
    sweep: Duration,
    /// Who decides which APIs, domains and ARNs a namespace's objects may name
    #[arg(
        long,
        env = "PALISADE_TENANCY",
        value_name = "MODE",
        default_value = "Enforced"
    )]
    tenancy: Tenancy,
    /// Tags on every AWS resource made, below those of the object: key=value,key=value
    #[arg(long, env = "PALISADE_DEFAULT_TAGS", value_name = "TAGS", default_value = "", hide_default_value = true,
        value_parser = values::tags)]
    default_tags: Tags,
    /// ARN of the permissions boundary that every IAM role made gets
    #[arg(long, env = "PALISADE_PERMISSIONS_BOUNDARY", value_name = "ARN", value_parser = values::policy_arn)]
    permissions_boundary: Option<String>,
    /// JSON file with prices in place of AWS's list prices, such as {"webAcl": "4.50"}, for what objects are said to cost
    #[arg(long, env = "PALISADE_PRICES", value_name = "FILE", value_parser = values::prices)]
    prices: Option<Prices>,
    /// Send the probes of all APIs to this address, the probed host still being named to it, as curl --connect-to does;
    /// for emulators and closed networks. Left out, they go to the hosts themselves
    #[arg(long, env = "PALISADE_PROBE_ENDPOINT_URL", value_name = "URL")]
    probe_endpoint_url: Option<Endpoint>,
    /// Watch the objects of this namespace only; all namespaces where left out
    #[arg(long, env = "PALISADE_NAMESPACE", value_name = "NAME")]
    namespace: Option<String>,
    /// Write Kubernetes events about the objects
    #[arg(long, env = "PALISADE_EMIT_EVENTS", value_name = "true|false", default_value_t = true, action = ArgAction::Set)]
    emit_events: bool,
    /// Address of the documentation's site (`make docs`): the message of a condition that is not as it should be leads there,
    /// to its reason
    #[arg(long, env = "PALISADE_DOCS_URL", value_name = "URL", value_parser = values::site)]
    docs_url: Option<String>,
    #[arg(
        long,
        help = budget_help(),
        env = "PALISADE_AWS_BUDGET",
        value_name = "RATES",
        default_value = "",
        hide_default_value = true
    )]
    aws_budget: Limits,
    #[command(flatten)]
    election: Election,
    /// Address of /metrics; "off" for none
    #[arg(long, env = "PALISADE_METRICS_ADDR", value_name = "ADDRESS", default_value = "0.0.0.0:8080", value_parser = values::listen)]
    metrics_addr: Listen,
    /// Address of /healthz and /readyz; "off" for none
    #[arg(long, env = "PALISADE_HEALTH_ADDR", value_name = "ADDRESS", default_value = "0.0.0.0:8081", value_parser = values::listen)]
    health_addr: Listen,
    /// How log lines look
    #[arg(
        long,
        env = "PALISADE_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
    /// What is logged: a level, or a filter such as info,palisade=debug
    #[arg(long, env = "PALISADE_LOG_LEVEL", value_name = "FILTER", default_value = DEFAULT_FILTER, value_parser = values::log_filter)]
    log_level: String,
    /// Address of a collector that takes traces by OTLP over HTTP; none where left out, unless OpenTelemetry's own variable
    /// names one
    #[arg(long, env = "PALISADE_OTLP_ENDPOINT", value_name = "URL", value_parser = values::collector)]
    otlp_endpoint: Option<Uri>,
    /// Name of this process in the Lease and in events; the host's name (in a cluster: the pod's) where left out
    #[arg(long, env = "PALISADE_INSTANCE", value_name = "NAME")]
    instance: Option<String>,
}

fn budget_help() -> String {
    format!(
        "Rates of calls to AWS in place of its quotas: name=calls/period[:burst], several separated by commas. Names: {}",
        quota_names()
    )
}

/// Options of the leader election.
#[derive(Args)]
struct Election {
    /// Take part in an election, so that one of several replicas acts; false only where there is never a second
    #[arg(long, env = "PALISADE_LEADER_ELECT", value_name = "true|false", default_value_t = true, action = ArgAction::Set)]
    leader_elect: bool,
    /// Namespace of the Lease; the pod's or the kubeconfig context's own where left out
    #[arg(long, env = "PALISADE_LEASE_NAMESPACE", value_name = "NAME")]
    lease_namespace: Option<String>,
    /// Name of the Lease
    #[arg(
        long,
        env = "PALISADE_LEASE_NAME",
        value_name = "NAME",
        default_value = "palisade"
    )]
    lease_name: String,
    /// How long the lead lasts after its last renewal, in whole seconds. Nothing is written to AWS in its last 40s
    #[arg(long, env = "PALISADE_LEASE_DURATION", value_name = "DURATION", default_value = "60s", value_parser = values::duration)]
    lease_duration: Duration,
    /// How often the leader renews
    #[arg(long, env = "PALISADE_LEASE_RENEW", value_name = "DURATION", default_value = "10s", value_parser = values::duration)]
    lease_renew: Duration,
    /// How often a candidate looks, and how soon a failed renewal is repeated
    #[arg(long, env = "PALISADE_LEASE_RETRY", value_name = "DURATION", default_value = "2s", value_parser = values::duration)]
    lease_retry: Duration,
}

const EXAMPLES: &str = "Examples:
  palisade controller --tenancy Open --leader-elect false
  palisade controller --namespace shop --default-tags team=shop,stage=prod
  palisade controller --aws-budget cloudfront.write=3/m:1
  PALISADE_LOG_FORMAT=json PALISADE_RESYNC=5m palisade controller

Kubernetes is reached as kubectl would (KUBECONFIG, ~/.kube/config), or as the pod's ServiceAccount. AWS is reached by
the standard configuration: environment, profile, IRSA, Pod Identity, AWS_ENDPOINT_URL. Both obey HTTPS_PROXY and NO_PROXY.

SIGTERM and SIGINT end the controller in good order; calls to AWS under way are finished, for up to 45s.";

/// Runs the controller until it is told to stop.
pub fn run(options: Options) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(available_parallelism()?.get().min(MAX_THREADS))
        .thread_stack_size(STACK)
        .enable_all()
        .build()?;
    let (format, filter) = (options.log_format, options.log_level.clone());
    let limits = options.aws_budget.clone();
    let collector = options
        .otlp_endpoint
        .clone()
        .map_or_else(everybodys_collector, |it| Ok(Some(it)))?;
    let settings = options.settings()?;
    let traces = collector.map(|collector| Traces::to(&collector, &settings.instance, runtime.handle()));
    let traces = traces.transpose()?;
    telemetry::start(format, &filter, traces.as_ref()).map_err(|error| WrongOption(error.to_string()))?;
    let result = runtime.block_on(serve(settings, limits));
    if let Some(traces) = traces {
        traces.end();
    }
    // Name look-ups under way must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result.map_err(|failure| {
        if telemetry::is_off(&filter) {
            return failure;
        }
        let told = failure.to_string();
        error!("{told}");
        Logged(told).into()
    })
}

async fn serve(settings: Settings, limits: Limits) -> Result<(), Failure> {
    let shutdown = Shutdown::on_signals()?;
    let config = kubernetes::config().await?;
    info!(version = env!("CARGO_PKG_VERSION"), kubernetes = %config.cluster_url, instance = settings.instance, "starting");
    let client = Client::try_from(config)?;
    let metrics = Arc::new(Metrics::new());
    let aws = Arc::new(Aws::new(limits, Arc::clone(&metrics)));
    let prober = Arc::new(HttpProber::new(settings.probe_endpoint.clone())?);
    run_controller(
        settings,
        Parts {
            client,
            aws,
            prober,
            metrics,
            shutdown,
        },
    )
    .await?;
    info!("stopped");
    Ok(())
}

/// What OpenTelemetry's own variable says.
fn everybodys_collector() -> Result<Option<Uri>, Failure> {
    let name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let given = std::env::var(name).ok().filter(|url| !url.is_empty());
    let collector = given.map(|url| values::collector(&url)).transpose();
    collector.map_err(|remedy| format!("{name}: {remedy}").into())
}

impl Options {
    fn settings(self) -> Result<Settings, Failure> {
        Ok(Settings {
            instance: self.instance.unwrap_or_else(host_name),
            resync: self.resync,
            deep_resync: self.deep_resync,
            deployment_poll: self.deployment_poll,
            access_resync: self.access_resync,
            sweep: self.sweep,
            tenancy: self.tenancy,
            default_tags: self.default_tags,
            permissions_boundary: self.permissions_boundary,
            prices: self.prices.unwrap_or_default(),
            probe_endpoint: self.probe_endpoint_url,
            namespace: self.namespace,
            lease: self.election.settings()?,
            metrics_addr: self.metrics_addr.0,
            health_addr: self.health_addr.0,
            emit_events: self.emit_events,
            docs_url: self.docs_url,
        })
    }
}

impl Election {
    fn settings(self) -> Result<Option<LeaseSettings>, Failure> {
        if !self.leader_elect {
            return Ok(None);
        }
        if self.lease_duration.subsec_nanos() != 0 {
            return wrong("--lease-duration: a Lease counts whole seconds; write 60s".to_owned());
        }
        if self.lease_duration <= self.lease_renew + CALL_TIMEOUT {
            return wrong(format!(
                "--lease-duration: a write to AWS starts only if the lead outlasts it, and a call may take \
                 {CALL_TIMEOUT:?}; write more than --lease-renew and that together, such as 60s with 10s"
            ));
        }
        if self.lease_duration < self.lease_renew * 2 {
            return wrong(format!(
                "--lease-renew: {:?} leaves no time to repeat a failed renewal; write at most half of --lease-duration",
                self.lease_renew
            ));
        }
        Ok(Some(LeaseSettings {
            namespace: self.lease_namespace,
            name: self.lease_name,
            duration: self.lease_duration,
            renew: self.lease_renew,
            retry: self.lease_retry,
        }))
    }
}

fn wrong<T>(why: String) -> Result<T, Failure> {
    Err(WrongOption(why).into())
}

fn host_name() -> String {
    let file = std::fs::read_to_string("/proc/sys/kernel/hostname");
    file.map_or_else(|_| "palisade".to_owned(), |name| name.trim().to_owned())
}
