//! The one address that takes all probes, where they are not to go to the hosts themselves.

use hyper::Uri;
use std::str::FromStr;

/// An address in place of all hosts, as `curl --connect-to` has it: what is sent there still names the probe's host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Its name or IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parsed(text).ok_or(
            "write http:// or https://, a host and perhaps a port, and no path, such as http://127.0.0.1:8080",
        )
    }
}

fn parsed(text: &str) -> Option<Endpoint> {
    let uri: Uri = text.parse().ok()?;
    let tls = match uri.scheme_str()? {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let authority = uri
        .authority()
        .filter(|authority| !authority.as_str().contains('@'))?;
    let port = match authority.as_str().strip_prefix(authority.host())? {
        "" if tls => 443,
        "" => 80,
        _ => authority.port_u16()?,
    };
    // IPv6 addresses have brackets in URLs only.
    let host = authority.host().trim_matches(['[', ']']);
    let is_bare = uri.path() == "/" && uri.query().is_none();
    (is_bare && !host.is_empty()).then(|| Endpoint {
        tls,
        host: host.to_owned(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(bool, String, u16)> {
        let endpoint: Endpoint = text.parse().ok()?;
        Some((endpoint.tls, endpoint.host, endpoint.port))
    }

    #[test]
    fn an_endpoint_is_a_url_without_a_path() {
        assert_eq!(
            read("http://127.0.0.1:8080"),
            Some((false, "127.0.0.1".into(), 8080))
        );
        assert_eq!(read("https://edge.test/"), Some((true, "edge.test".into(), 443)));
        assert_eq!(read("http://[::1]:81"), Some((false, "::1".into(), 81)));
        assert_eq!(read("http://edge.test"), Some((false, "edge.test".into(), 80)));
    }

    #[test]
    fn anything_else_is_none() {
        for wrong in [
            "",
            "edge.test",
            "edge.test:8080",
            "/path",
            "ftp://edge.test",
            "http://edge.test/path",
            "http://edge.test?q",
            "http://user:password@edge.test",
            "http://edge.test:",
            "http://edge.test:99999",
            "http://",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
