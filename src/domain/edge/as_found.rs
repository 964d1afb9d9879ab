//! Who is let in by a distribution that is adopted, and how, stays as it is found where its spec does not say otherwise.

use super::config::Settings;
use crate::api::DistributionSpec;

impl Settings {
    /// These, with what `spec` says of viewers: whether they may ask without TLS and come by IPv6, and by which methods.
    #[must_use]
    pub fn for_viewers_of(self, spec: &DistributionSpec) -> Self {
        let is_adopted = spec.adopt.is_some();
        let policy = spec
            .viewer_protocol_policy
            .map(|policy| policy.as_str().to_owned());
        let methods = spec.allowed_methods.as_ref();
        let methods = methods.map(|methods| methods.iter().cloned().collect());
        Self {
            viewer_protocol_policy: policy.or(self.viewer_protocol_policy.filter(|_| !is_adopted)),
            ipv6: spec.ipv6.or(self.ipv6.filter(|_| !is_adopted)),
            allowed_methods: methods.or(self.allowed_methods.filter(|_| !is_adopted)),
            ..self
        }
    }

    /// These, without what `wanted` leaves as it is found.
    #[must_use]
    pub fn as_far_as(self, wanted: &Self) -> Self {
        Self {
            uncached_errors: self.uncached_errors.filter(|_| wanted.uncached_errors.is_some()),
            viewer_protocol_policy: self
                .viewer_protocol_policy
                .filter(|_| wanted.viewer_protocol_policy.is_some()),
            ipv6: self.ipv6.filter(|_| wanted.ipv6.is_some()),
            allowed_methods: self.allowed_methods.filter(|_| wanted.allowed_methods.is_some()),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::config::settings_of;
    use crate::domain::edge::document::{new_config, write_settings};
    use crate::domain::edge::places::Place;
    use crate::domain::edge::xml;
    use serde_json::{Value, json};

    fn of(spec: Value) -> Settings {
        Settings::baseline().for_viewers_of(&serde_json::from_value(spec).unwrap())
    }

    #[test]
    fn an_adopted_distribution_lets_in_whom_it_let_in_unless_the_spec_says_otherwise() {
        assert_eq!(of(json!({})), Settings::baseline());
        let found = of(json!({"adopt": {"id": "E1"}}));
        assert_eq!(
            (found.viewer_protocol_policy, found.ipv6, found.allowed_methods),
            (None, None, None)
        );
        let said = of(json!({
            "adopt": {"id": "E1"}, "viewerProtocolPolicy": "https-only", "ipv6": false, "allowedMethods": ["GET", "HEAD"],
        }));
        assert_eq!(said.viewer_protocol_policy.as_deref(), Some("https-only"));
        assert_eq!(said.ipv6, Some(false));
        assert_eq!(
            said.allowed_methods,
            Some(["GET", "HEAD"].map(str::to_owned).into())
        );
    }

    #[test]
    fn what_is_not_wanted_otherwise_is_neither_written_nor_a_difference() {
        let methods = ["HEAD", "GET"].map(|method| xml::text("Method", method));
        let mut found = new_config("theirs", &Settings::baseline());
        Place::Config("IsIPV6Enabled").write(&mut found, "", Some(xml::text("IsIPV6Enabled", false)));
        let allowed = xml::list("AllowedMethods", methods.to_vec());
        Place::Behavior("AllowedMethods").write(&mut found, "", Some(allowed));
        let wanted = of(json!({"adopt": {"id": "E1"}}));
        let mut written = found.clone();
        write_settings(&mut written, &wanted);
        for place in [Place::Config("IsIPV6Enabled"), Place::Behavior("AllowedMethods")] {
            assert_eq!(place.read(&written, ""), place.read(&found, ""), "{place:?}");
        }
        assert_eq!(settings_of(&found).as_far_as(&wanted).ipv6, None);
        assert_eq!(settings_of(&found).as_far_as(&wanted).allowed_methods, None);
        let said = of(json!({"adopt": {"id": "E1"}, "ipv6": true}));
        assert_eq!(settings_of(&found).as_far_as(&said).ipv6, Some(false));
        write_settings(&mut written, &said);
        assert_eq!(settings_of(&written).ipv6, Some(true));
    }
}
