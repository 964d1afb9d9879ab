//! Viewers who ask by http, without TLS, or by IPv6.

use super::super::SimulatedCloud;
use super::super::cloudfront::Distribution;
use super::requests::behaviour_of;
use palisade::api::{OriginType, ProbeMethod};
use palisade::domain::access::probe::{Answer, Known, Probe, Way};
use palisade::domain::edge::xml::{self, Element};

impl SimulatedCloud {
    /// What a viewer of that name is answered: the status, and where they are sent.
    pub fn view_by(
        &self,
        scheme: &str,
        host: &str,
        path: &str,
        method: ProbeMethod,
    ) -> (u16, Option<String>) {
        let account = &self.lock().account;
        let mut all = account.cloudfront.all.values();
        let live = all
            .find(|found| found.answers_to(host))
            .and_then(Distribution::live);
        if let Some(turned) = live.and_then(|live| turned_away(live, scheme, host, path, method)) {
            return turned;
        }
        match account.view(&viewers(host, path, method)) {
            Answer::Http { status, .. } => (status, None),
            Answer::EndedForCertificate(why) | Answer::Failed(why) => panic!("{host}{path}: {why}"),
        }
    }

    /// What becomes of viewers who ask a distribution without TLS, at whichever edge location.
    pub fn protocol_policies(&self, distribution: &str) -> Vec<String> {
        let account = &self.lock().account;
        let found = account.cloudfront.all.get(distribution).expect("it is there");
        let policy = |config: &Element| policy_of(xml::at(config, "DefaultCacheBehavior"));
        found.running().into_iter().map(policy).collect()
    }
}

impl SimulatedCloud {
    /// The status that a viewer of a distribution is answered by TLS.
    pub fn status_by(&self, distribution: &str, path: &str, method: ProbeMethod) -> u16 {
        let host = {
            let account = &self.lock().account;
            account.cloudfront.all[distribution].domain_name.clone()
        };
        self.view_by("https", &host, path, method).0
    }

    /// Whether a distribution has addresses of IPv6, at whichever edge location.
    pub fn ipv6_addresses(&self, distribution: &str) -> Vec<bool> {
        let account = &self.lock().account;
        let found = account.cloudfront.all.get(distribution).expect("it is there");
        let has = |config: &Element| xml::text_at(config, "IsIPV6Enabled").as_deref() == Some("true");
        found.running().into_iter().map(has).collect()
    }
}

fn policy_of(behaviour: Option<&Element>) -> String {
    let policy = behaviour.and_then(|behaviour| xml::text_at(behaviour, "ViewerProtocolPolicy"));
    policy.unwrap_or_default()
}

/// The answer to a viewer who is not let in without TLS. A method that changes something stays the same.
fn turned_away(
    live: &Element,
    scheme: &str,
    host: &str,
    path: &str,
    method: ProbeMethod,
) -> Option<(u16, Option<String>)> {
    let policy = policy_of(behaviour_of(live, path));
    match policy.as_str() {
        policy if scheme != "http" || policy == "allow-all" => None,
        "redirect-to-https" => {
            let status = if ["GET", "HEAD"].contains(&method.as_str()) {
                301
            } else {
                307
            };
            Some((status, Some(format!("https://{host}{path}"))))
        }
        _ => Some((403, None)),
    }
}

fn viewers(host: &str, path: &str, method: ProbeMethod) -> Probe {
    Probe {
        way: Way::Viewer,
        host: host.to_owned(),
        connect: None,
        method,
        path: path.to_owned(),
        headers: vec![],
        web_socket: false,
        certificate: None,
        known: Known::nothing_of(OriginType::Rest),
    }
}
