//! The places of a configuration that an update of ours may write. Of a distribution that stood before us, all that an update says
//! nothing new of stays as it was read, to the byte, and all of them can be put back.

use super::config::{ORIGIN_ID, settings_of};
use super::document::{BEHAVIOR_ORDER, CONFIG_ORDER, CUSTOM_ORIGIN_ORDER, ORIGIN_ORDER};
use super::xml::{self, Element};

/// Where an element stands that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the configuration itself.
    Config(&'static str),
    /// In the default behaviour.
    Behavior(&'static str),
    /// In the API's origin.
    Origin(&'static str),
    /// In what the API's origin says of connections.
    CustomOrigin(&'static str),
}

/// All of them.
pub const PLACES: [Place; 29] = [
    Place::Config("Aliases"),
    Place::Config("CustomErrorResponses"),
    Place::Config("Comment"),
    Place::Config("Logging"),
    Place::Config("PriceClass"),
    Place::Config("Enabled"),
    Place::Config("ViewerCertificate"),
    Place::Config("Restrictions"),
    Place::Config("WebACLId"),
    Place::Config("HttpVersion"),
    Place::Config("IsIPV6Enabled"),
    Place::Behavior("TargetOriginId"),
    Place::Behavior("ViewerProtocolPolicy"),
    Place::Behavior("AllowedMethods"),
    Place::Behavior("Compress"),
    Place::Behavior("LambdaFunctionAssociations"),
    Place::Behavior("CachePolicyId"),
    Place::Behavior("OriginRequestPolicyId"),
    Place::Behavior("ResponseHeadersPolicyId"),
    Place::Origin("DomainName"),
    Place::Origin("OriginPath"),
    Place::Origin("CustomHeaders"),
    Place::CustomOrigin("HTTPPort"),
    Place::CustomOrigin("HTTPSPort"),
    Place::CustomOrigin("OriginProtocolPolicy"),
    Place::CustomOrigin("OriginSslProtocols"),
    Place::CustomOrigin("OriginReadTimeout"),
    Place::CustomOrigin("OriginKeepaliveTimeout"),
    Place::CustomOrigin("OriginMtlsConfig"),
];

impl Place {
    /// The place, as it is remembered.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Config(name) => name.to_owned(),
            Self::Behavior(name) => format!("DefaultCacheBehavior/{name}"),
            Self::Origin(name) => format!("Origin/{name}"),
            Self::CustomOrigin(name) => format!("Origin/CustomOriginConfig/{name}"),
        }
    }

    /// What stands there in `config`, of which the API's origin has this id.
    #[must_use]
    pub fn read<'a>(self, config: &'a Element, origin: &str) -> Option<&'a Element> {
        match self {
            Self::Config(name) => config.get_child(name),
            Self::Behavior(name) => config.get_child("DefaultCacheBehavior")?.get_child(name),
            Self::Origin(name) => origin_called(config, origin)?.get_child(name),
            Self::CustomOrigin(name) => origin_called(config, origin)?
                .get_child("CustomOriginConfig")?
                .get_child(name),
        }
    }

    /// Has `element` stand there, or nothing.
    pub fn write(self, config: &mut Element, origin: &str, element: Option<Element>) {
        let (parent, name, order): (_, _, &[&str]) = match self {
            Self::Config(name) => (Some(config), name, &CONFIG_ORDER[..]),
            Self::Behavior(name) => (
                config.get_mut_child("DefaultCacheBehavior"),
                name,
                &BEHAVIOR_ORDER[..],
            ),
            Self::Origin(name) => (origin_called_mut(config, origin), name, &ORIGIN_ORDER[..]),
            Self::CustomOrigin(name) => {
                let origin = origin_called_mut(config, origin);
                let custom = origin.and_then(|origin| origin.get_mut_child("CustomOriginConfig"));
                (custom, name, &CUSTOM_ORIGIN_ORDER[..])
            }
        };
        match (parent, element) {
            (Some(parent), Some(element)) => xml::put(parent, element, order),
            (Some(parent), None) => xml::remove(parent, name),
            (None, _) => {}
        }
    }
}

/// Id of the origin of `config` that is the API at `domain`: the one of the default behaviour where that is it.
#[must_use]
pub fn api_origin(config: &Element, domain: &str) -> String {
    let target = xml::text_at(config, "DefaultCacheBehavior/TargetOriginId");
    let origins = xml::items_at(config, "Origins").into_iter();
    let of_api = origins.filter(|origin| xml::text_at(origin, "DomainName").as_deref() == Some(domain));
    let ids: Vec<String> = of_api.filter_map(|origin| xml::text_at(origin, "Id")).collect();
    let own = ids.iter().find(|id| Some(*id) == target.as_ref());
    let id = own.or_else(|| ids.first()).cloned();
    id.unwrap_or_else(|| ORIGIN_ID.to_owned())
}

/// `written`, in which all that means the same as in `found` is as it is there.
#[must_use]
pub fn kept(found: &Element, mut written: Element, origin: &str) -> Element {
    let meant = settings_of(&written);
    for place in PLACES {
        let before = place.read(found, origin);
        if before == place.read(&written, origin) {
            continue;
        }
        let mut candidate = written.clone();
        place.write(&mut candidate, origin, before.cloned());
        if settings_of(&candidate) == meant {
            written = candidate;
        }
    }
    written
}

fn origin_called<'a>(config: &'a Element, id: &str) -> Option<&'a Element> {
    let mut origins = xml::items_at(config, "Origins").into_iter();
    origins.find(|origin| xml::text_at(origin, "Id").as_deref() == Some(id))
}

fn origin_called_mut<'a>(config: &'a mut Element, id: &str) -> Option<&'a mut Element> {
    let items = config.get_mut_child("Origins")?.get_mut_child("Items")?;
    let mut origins = items.children.iter_mut().filter_map(|node| node.as_mut_element());
    origins.find(|origin| xml::text_at(origin, "Id").as_deref() == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::config::Settings;
    use crate::domain::edge::document::{new_config, write_settings};

    const API: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

    /// A distribution that somebody else made, spelt otherwise than we would.
    fn theirs() -> Element {
        let mut settings = Settings::baseline();
        settings.origin.id = "their-api".into();
        settings.origin.domain_name = API.into();
        let mut config = new_config("theirs", &settings);
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "DELETE"];
        let methods = methods.map(|method| xml::text("Method", method));
        let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
        xml::put(
            behaviour,
            xml::list("AllowedMethods", methods.to_vec()),
            &BEHAVIOR_ORDER[..],
        );
        xml::put(&mut config, xml::text("TheirNewElement", "kept"), &[]);
        config
    }

    #[test]
    fn an_update_leaves_as_it_was_all_that_it_says_nothing_new_of() {
        let found = theirs();
        let mut wanted = settings_of(&found);
        wanted.comment = "another".into();
        wanted.origin.read_timeout = 60;
        let mut written = found.clone();
        write_settings(&mut written, &wanted);
        assert_ne!(
            Place::Behavior("AllowedMethods").read(&written, "their-api"),
            Place::Behavior("AllowedMethods").read(&found, "their-api"),
            "methods are written in an order of ours"
        );
        let mut expected = found.clone();
        Place::Config("Comment").write(&mut expected, "", Some(xml::text("Comment", "another")));
        let timeout = Some(xml::text("OriginReadTimeout", 60));
        Place::CustomOrigin("OriginReadTimeout").write(&mut expected, "their-api", timeout);
        assert_eq!(kept(&found, written, "their-api"), expected);
    }

    #[test]
    fn the_origin_of_the_api_is_found_by_its_domain_name_also_where_the_default_behaviour_leads_elsewhere() {
        let mut config = theirs();
        assert_eq!(api_origin(&config, API), "their-api");
        let elsewhere = xml::text("TargetOriginId", "bucket");
        Place::Behavior("TargetOriginId").write(&mut config, "", Some(elsewhere));
        assert_eq!(api_origin(&config, API), "their-api");
        assert_eq!(api_origin(&config, "another"), ORIGIN_ID);
    }
}
