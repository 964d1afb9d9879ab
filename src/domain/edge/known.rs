//! What is known of the distribution, by its row in the list or by a full read.

use super::config::{aliases_of, certificate_of, function_of, origin_of, web_acl_of};
use super::detours::Behaviours;
use super::distribution::{DEPLOYED, Observed, Row};
use super::names::Names;
use crate::api::DetoursStatus;
use crate::domain::kernel::identity::{NAME_START, Tags};
use crate::domain::kernel::observing::Seen;

/// The distribution as it is seen.
pub type SeenDistribution = Seen<Row, Observed>;

impl SeenDistribution {
    /// ARNs of the function versions that it asks for.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        match self {
            Self::Present(found) => function_of(&found.content.config).into_iter().collect(),
            Self::Listed(Some(row)) => row.listed.functions.clone(),
            Self::Listed(None) | Self::Absent => vec![],
        }
    }

    /// Whether one of those is a signer that Palisade made, by its name: a team's own function puts nothing right.
    #[must_use]
    pub fn has_our_signer(&self) -> bool {
        let name = |arn: &str| Some(arn.split_once(":function:")?.1.starts_with(NAME_START));
        self.functions().iter().any(|arn| name(arn) == Some(true))
    }

    /// ARN of the web ACL that it names.
    #[must_use]
    pub fn web_acl(&self) -> Option<String> {
        match self {
            Self::Present(found) => Some(web_acl_of(&found.content.config)),
            Self::Listed(Some(row)) => Some(row.listed.web_acl_arn.clone()),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// The names that it has; `None` where there is none.
    #[must_use]
    pub fn names(&self) -> Option<Names> {
        match self {
            Self::Present(found) => Some(Names {
                aliases: aliases_of(&found.content.config),
                certificate_arn: certificate_of(&found.content.config),
            }),
            Self::Listed(Some(row)) => Some(Names {
                aliases: row.listed.aliases.iter().cloned().collect(),
                certificate_arn: row.listed.certificate_arn.clone(),
            }),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// What of it may answer in place of the API; `None` where nobody has looked.
    #[must_use]
    pub fn detours(&self) -> Option<DetoursStatus> {
        match self {
            Self::Present(found) => Some(Behaviours::of(&found.content.config).detours()),
            Self::Listed(Some(row)) => Some(row.listed.detours.clone()),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// Path patterns of the behaviours beside the default one that may ask `host`, as far as is known.
    #[must_use]
    pub fn patterns_to(&self, host: &str) -> Vec<String> {
        let leads = match self {
            Self::Present(found) => Behaviours::of(&found.content.config).leads(),
            Self::Listed(Some(row)) => row.listed.leads.clone(),
            Self::Listed(None) | Self::Absent => vec![],
        };
        let is_to_host = |(_, names): &(String, Vec<String>)| {
            let mut names = names.iter();
            names.any(|name| name.eq_ignore_ascii_case(host))
        };
        let patterns = leads.into_iter().filter(is_to_host);
        patterns.map(|(pattern, _)| pattern).collect()
    }

    /// The path that it puts before a viewer's on the way to `host`; `None` where that is not known, or it leads elsewhere.
    #[must_use]
    pub fn origin_path(&self, host: &str) -> Option<String> {
        match self {
            Self::Present(found) => {
                let origin = origin_of(&found.content.config);
                (origin.domain_name == host).then_some(origin.path)
            }
            Self::Listed(Some(row)) => {
                let mut origins = row.listed.origins.iter();
                let found = origins.find(|(domain, _)| domain == host);
                found.map(|(_, path)| path.clone())
            }
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// The name of its origin as configured; `None` where that is not known, or a row shows several.
    #[must_use]
    pub fn origin_name(&self) -> Option<String> {
        match self {
            Self::Present(found) => Some(origin_of(&found.content.config).domain_name),
            Self::Listed(Some(row)) => match row.listed.origins.as_slice() {
                [(domain, _)] => Some(domain.clone()),
                _ => None,
            },
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// ARN of the client certificate that it shows to its origin, as configured: `None` where that was not read, `Some(None)` where it
    /// shows none.
    #[must_use]
    pub fn client_certificate(&self) -> Option<Option<String>> {
        let found = self.present()?;
        Some(origin_of(&found.content.config).client_certificate_arn)
    }

    /// Whether its configuration is in force everywhere; `None` where nobody has looked.
    #[must_use]
    pub fn is_in_force(&self) -> Option<bool> {
        let status = match self {
            Self::Present(found) => &found.content.status,
            Self::Listed(Some(row)) => &row.listed.status,
            Self::Listed(None) | Self::Absent => return None,
        };
        Some(status == DEPLOYED)
    }

    /// Whether its configuration is known to be in force everywhere.
    #[must_use]
    pub fn is_deployed(&self) -> bool {
        self.is_in_force() == Some(true)
    }

    /// Its own domain name.
    #[must_use]
    pub fn domain_name(&self) -> Option<&str> {
        match self {
            Self::Present(found) => Some(&found.content.domain_name),
            Self::Listed(Some(row)) => Some(&row.listed.domain_name),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Present(found) => Some(&found.content.id),
            Self::Listed(Some(row)) => Some(&row.listed.id),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Present(found) => Some(&found.content.arn),
            Self::Listed(Some(row)) => Some(&row.listed.arn),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> Option<&Tags> {
        match self {
            Self::Present(found) => Some(&found.tags),
            Self::Listed(Some(row)) => row.tags.as_ref(),
            Self::Listed(None) | Self::Absent => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::Settings;
    use super::super::distribution::{Content, listed};
    use super::super::document::new_config;
    use super::*;
    use crate::domain::edge::xml::Element;

    fn content(config: Element) -> Content {
        let text = ToOwned::to_owned;
        Content {
            id: text("E1"),
            arn: text("arn:aws:cloudfront::123456789012:distribution/E1"),
            domain_name: text("d1.cloudfront.net"),
            etag: text("1"),
            status: text(DEPLOYED),
            config,
        }
    }

    #[test]
    fn a_function_of_the_teams_own_is_no_signer_of_ours() {
        for (name, is_ours) in [
            ("palisade-shop-petstore-12345678", true),
            ("team-rewrites-paths", false),
            ("not-palisade-shop", false),
        ] {
            let settings = Settings {
                signer_version_arn: format!("arn:aws:lambda:us-east-1:123456789012:function:{name}:3"),
                ..Settings::baseline()
            };
            let content = content(new_config("reference", &settings));
            let row = SeenDistribution::Listed(Some(Row {
                listed: listed(&content),
                tags: None,
            }));
            assert_eq!(row.has_our_signer(), is_ours, "{name}");
            let read = SeenDistribution::Present(Observed {
                content,
                tags: Tags::new(),
            });
            assert_eq!(read.has_our_signer(), is_ours, "{name}");
        }
        assert!(!SeenDistribution::Absent.has_our_signer());
    }
}
