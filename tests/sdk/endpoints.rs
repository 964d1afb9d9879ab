//! At which of AWS's endpoints each service is asked, where the environment chooses FIPS' or those that have IPv6.

use futures::future::join_all;
use palisade::aws::cloud::Cloud as _;
use palisade::aws::operations::{Call, OPERATIONS};
use palisade::aws::sdk::{Options, Sdk};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Where the API is.
const REGION: &str = "us-west-2";
/// Asked at one endpoint for all Regions.
const GLOBAL: [&str; 3] = ["cloudfront", "iam", "route53"];
/// Asked in us-east-1.
const HOME: [&str; 8] = [
    "acm",
    "lambda",
    "monitoring",
    "shield",
    "sns",
    "sts",
    "tagging",
    "wafv2",
];
/// Asked in the API's Region.
const OF_THE_API: [&str; 2] = ["apigateway", "lambda"];

/// The plan manager has one endpoint, whatever is chosen.
const PLANS: &str = "pricingplanmanager.us-east-1.api.aws";

/// S3 is asked at a name of the bucket's own.
const BUCKET: &str = "shop-truststores";

/// A proxy that leads nowhere; answers its address, and hosts as they are asked for.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (told, asked) = channel();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            refuse(client, &told);
        }
    });
    (address, asked)
}

fn refuse(mut client: TcpStream, told: &Sender<String>) {
    let lines = BufReader::new(&client).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let host = head.first().and_then(|line| line.split(' ').nth(1));
    // Nobody listens after the test, and nobody reads an answer once the client has ended.
    let _ = told.send(host.unwrap_or_default().to_owned());
    let _ = client.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
}

/// Run by the tests below, in an environment that chooses endpoints.
#[tokio::test]
#[ignore = "is a part of the next tests"]
async fn ask_each_service() {
    let options = Options {
        credentials: Some(("test".to_owned(), "secret".to_owned())),
        ..Options::default()
    };
    let sdk = Sdk::from_environment(&options).await;
    let text = str::to_owned;
    let calls = [
        Call::GetCallerIdentity {},
        Call::DescribeCertificate {
            arn: text("arn:aws:acm:us-east-1:123456789012:certificate/none"),
        },
        Call::ListDistributions { marker: None },
        Call::DescribeAlarms {
            name: None,
            marker: None,
        },
        Call::ListRoles { marker: None },
        Call::GetRestApi {
            region: text(REGION),
            id: text("a1b2c3d4e5"),
        },
        Call::GetApi {
            region: text(REGION),
            id: text("a1b2c3d4e5"),
        },
        Call::ListFunctions { marker: None },
        Call::GetFunction {
            region: text(REGION),
            name: text("none"),
        },
        Call::ListHealthChecks { marker: None },
        Call::GetBucketVersioning {
            region: text(REGION),
            bucket: text(BUCKET),
        },
        Call::GetSubscriptionState {},
        Call::GetTopic {
            arn: text("arn:aws:sns:us-east-1:123456789012:none"),
        },
        Call::ListTagged {
            cluster: text("none"),
            marker: None,
        },
        Call::ListWebAcls { marker: None },
        Call::ListPricingPlans { marker: None },
    ];
    let called: BTreeSet<_> = calls.iter().map(|call| call.operation().service).collect();
    let known: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.service).collect();
    assert_eq!(called, known);
    let answers = join_all(calls.into_iter().map(|call| sdk.call(call))).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
}

/// Those that are asked for where `setting` is true.
fn hosts(setting: &str) -> BTreeSet<String> {
    let (proxy, asked) = proxy();
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "sdk::endpoints::ask_each_service"])
        .env_clear()
        .env("HOME", home.path())
        .env("HTTPS_PROXY", proxy)
        // As .cargo/config.toml has it.
        .env("RUST_MIN_STACK", "8388608")
        .env(setting, "true")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    asked.try_iter().collect()
}

/// What `global` and `regional` make of each service's name, and S3, which is called `s3`.
fn each(
    global: impl Fn(&str) -> String,
    regional: impl Fn(&str, &str) -> String,
    s3: &str,
) -> BTreeSet<String> {
    let home = HOME.iter().map(|name| regional(name, "us-east-1"));
    let of_the_api = OF_THE_API.iter().map(|name| regional(name, REGION));
    let hosts = GLOBAL
        .iter()
        .map(|name| global(name))
        .chain(home)
        .chain(of_the_api)
        .chain([PLANS.to_owned(), format!("{BUCKET}.{s3}.{REGION}.amazonaws.com")]);
    hosts.map(|host| format!("{host}:443")).collect()
}

#[test]
fn every_service_is_asked_at_its_endpoint_for_fips_where_those_are_chosen() {
    let expected = each(
        |name| format!("{name}-fips.amazonaws.com"),
        |name, region| format!("{name}-fips.{region}.amazonaws.com"),
        "s3-fips",
    );
    assert_eq!(hosts("AWS_USE_FIPS_ENDPOINT"), expected);
}

#[test]
fn every_service_is_asked_at_its_endpoint_that_has_ipv6_where_those_are_chosen() {
    let expected = each(
        |name| format!("{name}.global.api.aws"),
        |name, region| format!("{name}.{region}.api.aws"),
        "s3.dualstack",
    );
    assert_eq!(hosts("AWS_USE_DUALSTACK_ENDPOINT"), expected);
}
