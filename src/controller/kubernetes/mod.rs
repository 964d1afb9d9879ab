//! How the Kubernetes API is reached: as kubectl would, or as a pod, and behind an egress proxy through that.

pub(super) mod cluster;
pub mod probe_token;
pub mod search;
pub mod status;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use kube::Config;
use kube::config::{InferConfigError, KubeConfigOptions, KubeconfigError};
use std::error::Error as _;
use std::io::ErrorKind;

/// How people name the API in a cluster, where kube takes its address from the environment.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// Why the Kubernetes API cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is neither a kubeconfig nor a `ServiceAccount`.
    #[error("no Kubernetes configuration: {0}; set KUBECONFIG, or run in a cluster with a ServiceAccount")]
    None(#[from] InferConfigError),
    /// There is a kubeconfig, and it is of no use.
    #[error(
        "the kubeconfig cannot be used: {0}; kubectl config view shows what is in it, kubectl config get-contexts which contexts there \
         are, and KUBECONFIG names another file"
    )]
    Kubeconfig(String),
    /// The kubeconfig has no such context, or none can be read.
    #[error("context {context}: {}; kubectl config get-contexts lists the contexts that there are", told(.error))]
    Context {
        /// The context that was asked for.
        context: String,
        /// Why it is of no use.
        error: KubeconfigError,
    },
    /// The proxy's URL does not parse; it may hold a password, and is not shown.
    #[error("HTTPS_PROXY is not the URL of a proxy; write http://proxy.example.com:3128")]
    Proxy,
}

/// The configuration of kubectl (`KUBECONFIG`, `~/.kube/config`), or that of the pod's `ServiceAccount`.
///
/// # Errors
/// When there is none, or `HTTPS_PROXY` is no URL.
pub async fn config() -> Result<Config, ConfigError> {
    let mut config = Config::infer().await.map_err(why)?;
    through_proxy(&mut config, |name| std::env::var(name).ok())?;
    Ok(config)
}

/// Where a kubeconfig is there, that is what is wrong, and not that nothing is.
fn why(error: InferConfigError) -> ConfigError {
    let kubeconfig = error
        .source()
        .and_then(|source| source.downcast_ref::<KubeconfigError>());
    match kubeconfig {
        None | Some(KubeconfigError::FindPath) => ConfigError::None(error),
        Some(KubeconfigError::ReadConfig(missing, _)) if missing.kind() == ErrorKind::NotFound => {
            ConfigError::None(error)
        }
        Some(kubeconfig) => ConfigError::Kubeconfig(told(kubeconfig)),
    }
}

/// What is wrong with a kubeconfig. A parser quotes what it stumbles over, and a kubeconfig has tokens and keys.
fn told(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(_) => "it is not written as a kubeconfig is".to_owned(),
        other => other.to_string(),
    }
}

/// The configuration of kubectl with `--context`.
///
/// # Errors
/// When the kubeconfig does not have it, or `HTTPS_PROXY` is no URL.
pub async fn config_of_context(context: &str) -> Result<Config, ConfigError> {
    let options = KubeConfigOptions {
        context: Some(context.to_owned()),
        ..KubeConfigOptions::default()
    };
    let config = Config::from_kubeconfig(&options).await;
    let mut config = config.map_err(|error| ConfigError::Context {
        context: context.to_owned(),
        error,
    })?;
    through_proxy(&mut config, |name| std::env::var(name).ok())?;
    Ok(config)
}

/// Has requests go through the proxy that `variable` names as `HTTPS_PROXY`, unless its `NO_PROXY` names the API, by address or in a
/// cluster also by name. A proxy of the kubeconfig's own stays.
///
/// kube itself takes `HTTPS_PROXY` for every kubeconfig, whatever `NO_PROXY` says of the API, and in a cluster never.
fn through_proxy(config: &mut Config, variable: impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    let set = |name: &str| {
        let variants = [name.to_owned(), name.to_lowercase()];
        let mut set = variants.iter().filter_map(|name| variable(name));
        set.find(|value| !value.trim().is_empty())
    };
    let Some(given) = set("HTTPS_PROXY") else {
        return Ok(());
    };
    let url = if given.contains("://") {
        given.clone()
    } else {
        format!("http://{given}")
    };
    let proxy: Uri = url.parse().map_err(|_| ConfigError::Proxy)?;
    if config.proxy_url.is_some() && config.proxy_url != given.parse().ok() {
        return Ok(());
    }
    let matcher = Matcher::builder()
        .https(url)
        .no(set("NO_PROXY").unwrap_or_default())
        .build();
    let host = config.cluster_url.host().unwrap_or_default();
    let is_in_cluster =
        variable("KUBERNETES_SERVICE_HOST").is_some_and(|address| address == host.trim_matches(['[', ']']));
    let by_name = is_in_cluster.then(|| Uri::from_static(IN_CLUSTER));
    let mut names = [config.cluster_url.clone()].into_iter().chain(by_name);
    config.proxy_url = names
        .all(|name| matcher.intercept(&name).is_some())
        .then_some(proxy);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// The proxy by which the API at `api` is reached in `environment`, where kube chose `chosen`.
    fn proxy(api: &str, chosen: Option<&str>, environment: &[(&str, &str)]) -> Option<String> {
        let mut config = Config::new(api.parse().expect("a URL"));
        config.proxy_url = chosen.map(|chosen| chosen.parse().expect("a URL"));
        let environment: HashMap<&str, &str> = environment.iter().copied().collect();
        let variable = |name: &str| environment.get(name).map(|value| (*value).to_owned());
        through_proxy(&mut config, variable).expect("a proxy's URL");
        config.proxy_url.map(|url| url.to_string())
    }

    const POD: &str = "https://10.0.0.1/";
    const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://proxy.example.com:3128");
    const SERVICE: (&str, &str) = ("KUBERNETES_SERVICE_HOST", "10.0.0.1");

    #[test]
    fn without_a_proxy_and_with_one_for_http_alone_the_api_is_asked_directly() {
        assert_eq!(proxy(POD, None, &[SERVICE]), None);
        assert_eq!(proxy(POD, None, &[("HTTP_PROXY", "http://proxy:3128")]), None);
        assert_eq!(proxy(POD, None, &[("HTTPS_PROXY", " ")]), None);
    }

    #[test]
    fn a_pod_behind_a_proxy_goes_through_it_unless_the_api_is_excepted_by_name_or_address() {
        let through = Some("http://proxy.example.com:3128/".to_owned());
        assert_eq!(proxy(POD, None, &[PROXY, SERVICE]), through);
        assert_eq!(
            proxy(
                POD,
                None,
                &[PROXY, SERVICE, ("NO_PROXY", "10.1.0.0/16,.example.com")]
            ),
            through
        );
        for excepted in [
            "10.0.0.0/8",
            "10.0.0.1",
            ".svc",
            "*",
            "localhost,.svc,.cluster.local,",
        ] {
            assert_eq!(
                proxy(POD, None, &[PROXY, SERVICE, ("NO_PROXY", excepted)]),
                None,
                "{excepted}"
            );
        }
    }

    #[test]
    fn in_a_cluster_of_ipv6_addresses_it_is_the_same() {
        let (pod, service) = ("https://[fd00::1]/", ("KUBERNETES_SERVICE_HOST", "fd00::1"));
        assert!(proxy(pod, None, &[PROXY, service, ("NO_PROXY", "fd01::/16")]).is_some());
        for excepted in ["fd00::/16", "fd00::1", ".svc"] {
            assert_eq!(
                proxy(pod, None, &[PROXY, service, ("NO_PROXY", excepted)]),
                None,
                "{excepted}"
            );
        }
    }

    #[test]
    fn lower_case_and_a_proxy_without_a_scheme_will_do() {
        let environment = [
            ("https_proxy", "user:secret@proxy:3128"),
            ("no_proxy", "elsewhere"),
        ];
        let through = Some("http://user:secret@proxy:3128/".to_owned());
        assert_eq!(
            proxy("https://api.example.com:6443/", None, &environment),
            through
        );
    }

    #[test]
    fn what_kube_chose_for_a_kubeconfig_is_taken_back_where_no_proxy_names_the_api() {
        let environment = [PROXY, ("NO_PROXY", "api.example.com")];
        assert_eq!(
            proxy("https://api.example.com:6443/", Some(PROXY.1), &environment),
            None
        );
    }

    #[test]
    fn a_proxy_of_the_kubeconfigs_own_stays() {
        let own = "http://bastion.example.com:8080/";
        let environment = [PROXY, ("NO_PROXY", "*")];
        assert_eq!(
            proxy("https://api.example.com/", Some(own), &environment),
            Some(own.to_owned())
        );
    }

    #[test]
    fn a_proxy_that_is_no_url_is_said_without_its_password() {
        let mut config = Config::new(POD.parse().expect("a URL"));
        let variable = |name: &str| (name == "HTTPS_PROXY").then(|| "http://user:s ecret@proxy".to_owned());
        let error = through_proxy(&mut config, variable)
            .expect_err("no URL")
            .to_string();
        assert!(
            error.contains("HTTPS_PROXY") && !error.contains("ecret"),
            "{error}"
        );
    }
}
