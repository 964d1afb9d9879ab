//! What is known of the distribution, by its row in the list or by a full read.

use super::config::settings_of;
use super::detours::Routes;
use super::distribution::{DEPLOYED, Listed, Observed, Row, listed};
use super::names::Names;
use crate::api::DetoursStatus;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use std::borrow::Cow;

/// The distribution as it is seen.
pub type SeenDistribution = Seen<Row, Observed>;

impl SeenDistribution {
    /// Its row, as the list has it or will; `None` where there is none.
    fn row(&self) -> Option<Cow<'_, Listed>> {
        match self {
            Self::Present(found) => Some(Cow::Owned(listed(&found.content))),
            Self::Listed(Some(row)) => Some(Cow::Borrowed(&row.listed)),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// ARNs of the function versions that it asks for.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        self.row().map(|row| row.functions.clone()).unwrap_or_default()
    }

    /// ARN of the web ACL that it names.
    #[must_use]
    pub fn web_acl(&self) -> Option<String> {
        self.row().map(|row| row.web_acl_arn.clone())
    }

    /// The names that it has; `None` where there is none.
    #[must_use]
    pub fn names(&self) -> Option<Names> {
        let row = self.row()?;
        Some(Names {
            aliases: row.aliases.iter().cloned().collect(),
            certificate_arn: row.certificate_arn.clone(),
        })
    }

    /// What of it may answer in place of the API; `None` where nobody has looked.
    #[must_use]
    pub fn detours(&self) -> Option<DetoursStatus> {
        match self {
            Self::Present(found) => Some(Routes::of(&found.content.config).detours()),
            Self::Listed(Some(row)) => Some(row.listed.detours.clone()),
            Self::Listed(None) | Self::Absent => None,
        }
    }

    /// The path that it puts before a viewer's on the way to `host`; `None` where that is not known, or it leads elsewhere.
    #[must_use]
    pub fn origin_path(&self, host: &str) -> Option<String> {
        let row = self.row()?;
        let mut origins = row.origins.iter();
        let found = origins.find(|(domain, _)| domain == host);
        found.map(|(_, path)| path.clone())
    }

    /// The name of its origin as configured; `None` where that is not known, or a row shows several.
    #[must_use]
    pub fn origin_name(&self) -> Option<String> {
        let row = self.row()?;
        match row.origins.as_slice() {
            [(domain, _)] => Some(domain.clone()),
            _ => None,
        }
    }

    /// ARN of the client certificate that it shows to its origin, as configured: `None` where that was not read, `Some(None)` where it
    /// shows none.
    #[must_use]
    pub fn client_certificate(&self) -> Option<Option<String>> {
        let found = self.present()?;
        Some(settings_of(&found.content.config).origin.client_certificate_arn)
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
