//! Petstore's API, which most tests are about: its methods, what somebody has them ask for, and specs that name it.

use super::support::cluster::Cluster;

/// Its id; its stage is `prod`.
pub const API: &str = "a1b2c3d4e5";
pub const METHODS: [&str; 3] = ["GET /pets", "POST /pets", "GET /pets/{petId}"];

/// The signer's role alone is let in.
pub const EXCLUSIVE: &str = "access: {sigV4: {exclusive: true}}";
/// With a name, and a certificate of the team's own.
pub const NAMED: &str = "distribution: {aliases: [api.example.com], certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}";
/// The same, where another distribution may have the name.
pub const TAKING: &str = "distribution: {aliases: [api.example.com], takeOverAliases: true, certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}";
/// The same with DNS records of ours.
pub const RECORDS: &str = "distribution: {aliases: [api.example.com], certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555', hostedZoneId: Z0123456789ABCDEFGHIJ}";

/// Somebody has the methods ask for this kind of authorization, and deploys that.
pub fn ask(cluster: &Cluster, methods: &[&str], kind: &str) {
    for method in methods {
        cluster.cloud.set_authorization(API, method, kind);
    }
    cluster.cloud.deploy(API, "prod");
}

/// Whether anybody may call `GET /pets` as deployed.
pub fn is_open(cluster: &Cluster) -> bool {
    let served = cluster.cloud.served(API, "prod", "GET /pets");
    served.is_some_and(|route| route.is_open())
}
