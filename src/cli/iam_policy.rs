//! `palisade iam-policy`

use super::failure::Failure;
use super::values;
use clap::Args;
use palisade::aws::policy::{
    self, accounts_policy, adoption_policy, controller_policy, mutual_tls_policy, names_policy,
    permissions_boundary, pricing_plans_policy, shield_policy, traffic_policy,
};

/// The flags of which one at most is given: each is another policy.
const WHICH: &str = "which";

/// Which policy is printed, and what narrows it.
#[derive(Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Print the permissions boundary of the roles that the controller makes, in place of its own policy
    #[arg(long, group = WHICH)]
    boundary: bool,
    /// Print what the controller needs in addition where objects use spec.shield: a second policy for its role
    #[arg(long, group = WHICH)]
    shield: bool,
    /// Print what the controller needs in addition where objects have DNS records made, certificates requested or aliases
    /// taken over: a further policy for its role
    #[arg(long, group = WHICH)]
    names: bool,
    /// Print what the controller needs in addition where objects have the access mode MutualTls: a further policy for its
    /// role
    #[arg(long, group = WHICH)]
    mutual_tls: bool,
    /// With --mutual-tls: a bucket that spec.access.mutualTls may name; may be repeated. Any bucket where left out
    #[arg(long = "truststore-bucket", value_name = "NAME", requires = "mutual_tls", value_parser = values::bucket)]
    truststore_buckets: Vec<String>,
    /// Print what the controller needs in addition to tell which distributions are in flat-rate pricing plans: a further policy
    /// for its role, which reads and changes none
    #[arg(long, group = WHICH)]
    pricing_plans: bool,
    /// Print what the controller needs in addition where objects adopt distributions that stand already (spec.distribution.adopt): a
    /// further policy for its role
    #[arg(long, group = WHICH)]
    adoption: bool,
    /// Print what the controller needs in addition to read what web ACLs do to the traffic, where rules count first (promote) or blocked
    /// requests halt the rollout of a class (spec.rollout.haltOn): a further policy for its role, which changes nothing
    #[arg(long, group = WHICH)]
    traffic: bool,
    /// Print what the controller's own role needs in addition to assume roles in other accounts: a further policy for it
    #[arg(long, group = WHICH)]
    accounts: bool,
    /// With --accounts: a role that it may assume; may be repeated. All roles called palisade-... where left out
    #[arg(long = "assume-role", value_name = "ARN", requires = "accounts", value_parser = values::role_arn)]
    assumed_roles: Vec<String>,
    /// The account's id; any account where left out
    #[arg(long, value_name = "ID", value_parser = values::account)]
    account: Option<String>,
    /// UID of the cluster's kube-system Namespace, so that clusters cannot change each other's resources; any cluster of
    /// Palisade's where left out
    #[arg(long, value_name = "UID", value_parser = values::uid)]
    cluster: Option<String>,
    /// ARN of the boundary that every role must have: the one given to the controller
    #[arg(long, value_name = "ARN", value_parser = values::policy_arn)]
    permissions_boundary: Option<String>,
    /// Bucket that spec.distribution.logging or, with --shield, an account's shield.srtAccess may name; may be repeated
    #[arg(long = "log-bucket", value_name = "NAME", value_parser = values::bucket)]
    log_buckets: Vec<String>,
}

const EXAMPLES: &str = "Examples:
  palisade iam-policy --account 111122223333 > controller.json
  palisade iam-policy --account 111122223333 --boundary > boundary.json
  palisade iam-policy --accounts --assume-role arn:aws:iam::444455556666:role/palisade-spoke
  palisade iam-policy --permissions-boundary arn:aws:iam::111122223333:policy/palisade-boundary \\
    --cluster $(kubectl get namespace kube-system -o jsonpath='{.metadata.uid}')";

/// The policy as JSON.
pub fn text(options: &Options) -> Result<String, Failure> {
    let narrowed = policy::Options {
        account: options.account.clone(),
        cluster: options.cluster.clone(),
        permissions_boundary: options.permissions_boundary.clone(),
        log_buckets: options.log_buckets.clone(),
        truststore_buckets: options.truststore_buckets.clone(),
        assumed_roles: options.assumed_roles.clone(),
        ..policy::Options::default()
    };
    let policy = if options.boundary {
        permissions_boundary(&narrowed)
    } else if options.shield {
        shield_policy(&narrowed)
    } else if options.names {
        names_policy(&narrowed)
    } else if options.mutual_tls {
        mutual_tls_policy(&narrowed)
    } else if options.pricing_plans {
        pricing_plans_policy(&narrowed)
    } else if options.adoption {
        adoption_policy(&narrowed)
    } else if options.traffic {
        traffic_policy(&narrowed)
    } else if options.accounts {
        accounts_policy(&narrowed)
    } else {
        controller_policy(&narrowed)
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&policy)?))
}
