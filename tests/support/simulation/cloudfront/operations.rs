//! CloudFront's operations.

use super::super::account::Account;
use super::super::clock;
use super::super::history;
use super::super::refusal::{Outcome, Refusal};
use super::{Distribution, Spoiled, checks, defaults};
use palisade::aws::cloud::Page;
use palisade::domain::edge::conflict::Conflict;
use palisade::domain::edge::distribution::{Content, Listed};
use palisade::domain::edge::names::Names;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;
use std::collections::BTreeSet;

const MOST_TAGS: usize = 50;
/// Any distribution of another account.
const FOREIGN: &str = "EFOREIGN123456";

fn named(alias: &str) -> Names {
    Names {
        aliases: [alias.to_owned()].into(),
        certificate_arn: None,
    }
}

/// The first half hidden.
fn masked(text: &str) -> String {
    let hidden = text.len() / 2;
    format!("{}{}", "*".repeat(hidden), &text[hidden..])
}

impl Account {
    pub fn list_distributions(&self, marker: Option<&str>) -> Page<Listed> {
        let lag = self.list_lag();
        let when = clock::now().checked_sub(lag);
        let listed = self
            .cloudfront
            .history
            .before(lag)
            .into_iter()
            .map(|(id, summary)| {
                let deployed = when.is_some_and(|when| when >= summary.deployed_at);
                let status = if deployed { "Deployed" } else { "InProgress" };
                (
                    id,
                    Listed {
                        status: status.to_owned(),
                        ..summary.listed
                    },
                )
            });
        history::page(listed.collect(), marker, self.page_size(100))
    }

    pub fn get_distribution(&self, id: &str) -> Outcome<Content> {
        Ok(self.distribution(id)?.content())
    }

    pub fn create_distribution(&mut self, given: &Element, tags: Tags) -> Outcome<Content> {
        checks::check_form(given)?;
        check_tags(&tags)?;
        let config = self.kept(given);
        let reference = xml::text_at(&config, "CallerReference").unwrap_or_default();
        if let Some(known) = self.cloudfront.references.get(&reference) {
            let message = format!(
                "The caller reference that you are using to create a distribution is associated with another \
                 distribution. Already exists: {known}"
            );
            return Refusal::refuse("DistributionAlreadyExists", message);
        }
        if self.cloudfront.all.len() >= self.settings.limits.distributions {
            let message = "Processing your request would cause you to exceed the maximum number of distributions allowed.";
            return Refusal::refuse("TooManyDistributions", message);
        }
        self.check_distribution(&config, None)?;
        let id = self.plant_distribution(config, tags);
        self.get_distribution(&id)
    }

    /// Adds a distribution as it is; answers its id.
    pub fn plant_distribution(&mut self, config: Element, tags: Tags) -> String {
        let id = self.token('E');
        let arn = format!("arn:aws:cloudfront::{}:distribution/{id}", self.id);
        let reference = xml::text_at(&config, "CallerReference").unwrap_or_default();
        self.cloudfront.references.insert(reference, id.clone());
        self.tags.put(&arn, Some(tags.clone()));
        let distribution = Distribution {
            domain_name: format!("{}.cloudfront.net", self.token('d').to_lowercase()),
            id: id.clone(),
            arn,
            etag: String::new(),
            wanted: config.clone(),
            tags,
            deployed_at: clock::now() + self.settings.deployment_delay,
            previous: None,
            spoiled: Spoiled::default(),
            past_etags: BTreeSet::new(),
        };
        self.cloudfront.all.insert(id.clone(), distribution);
        self.write_distribution(&id, config);
        id
    }

    pub fn update_distribution(&mut self, id: &str, etag: &str, given: &Element) -> Outcome<Content> {
        let existing = self.distribution(id)?;
        checks::check_form(given)?;
        check_etag(existing, etag)?;
        checks::check_update_fields(given)?;
        let config = self.kept(given);
        if xml::text_at(&config, "CallerReference") != xml::text_at(&existing.wanted, "CallerReference") {
            let message = "The update contains modifications that are not allowed: the caller reference cannot be changed.";
            return Refusal::refuse("IllegalUpdate", message);
        }
        self.check_distribution(&config, Some(id))?;
        self.write_distribution(id, config);
        self.get_distribution(id)
    }

    /// The configuration as CloudFront keeps it.
    fn kept(&self, given: &Element) -> Element {
        let mut config = defaults::fill_in(given);
        if self.settings.keeps_http2 {
            defaults::set(&mut config, "HttpVersion", "http2");
        }
        config
    }

    pub fn delete_distribution(&mut self, id: &str, etag: &str) -> Outcome<()> {
        let distribution = self.distribution(id)?;
        check_etag(distribution, etag)?;
        // While a disabling is on its way, AWS answers just as it does for an enabled distribution.
        if distribution.is_enabled() || !distribution.is_deployed() {
            let message = "The distribution you are trying to delete has not been disabled.";
            return Refusal::refuse("DistributionNotDisabled", message);
        }
        if self.is_in_pricing_plan(&distribution.arn) {
            let message = "Cannot delete this resource because it is in use.";
            return Refusal::refuse("ResourceInUse", message);
        }
        self.remove_distribution(id);
        Ok(())
    }

    /// Moves a name from another distribution, whose configuration changes too.
    pub fn associate_alias(&mut self, id: &str, alias: &str) -> Outcome<()> {
        let target = self.distribution(id)?;
        if target.aliases().iter().any(|known| known == alias) {
            return Ok(());
        }
        let Some(certificate) = target.certificate() else {
            let message = "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted \
                           certificate that validates your authorization to use the domain name.";
            return Refusal::refuse("InvalidArgument", message);
        };
        if self.check_certificate(&certificate, &[alias.to_owned()]).is_err() {
            let message = "The certificate that is attached to your distribution doesn't cover the alternate domain name \
                           (CNAME) that you're trying to add.";
            return Refusal::refuse("InvalidArgument", message);
        }
        let mut wanted = target.aliases();
        wanted.push(alias.to_owned());
        let moved = with_aliases(&target.wanted, &wanted);
        let mut others = self.cloudfront.all.values();
        let source = others.find(|other| other.aliases().iter().any(|known| known == alias));
        let source = source.map(|source| {
            let mut left = source.aliases();
            left.retain(|known| known != alias);
            (source.id.clone(), with_aliases(&source.wanted, &left))
        });
        if let Some((source, config)) = source {
            self.write_distribution(&source, config);
        }
        self.write_distribution(id, moved);
        Ok(())
    }

    /// Who has a name or one that overlaps with it, by ids that only their owner recognises.
    pub fn list_domain_conflicts(&self, id: &str, domain: &str) -> Outcome<Page<Conflict>> {
        let target = self.distribution(id)?;
        let is_covered = target
            .certificate()
            .is_some_and(|arn| self.check_certificate(&arn, &[domain.to_owned()]).is_ok());
        if !is_covered {
            let message = "The distribution must have a certificate that covers the domain.";
            return Refusal::refuse("InvalidArgument", message);
        }
        let of_account = self.cloudfront.all.values().filter(|other| other.id != id);
        let own = &self.id;
        let of_account = of_account.flat_map(|other| {
            let aliases = other.aliases().into_iter();
            aliases.map(move |alias| (alias, other.id.clone(), own.clone()))
        });
        let foreign = self.cloudfront.foreign_aliases.iter();
        let foreign = foreign.map(|(alias, account)| (alias.clone(), FOREIGN.to_owned(), account.clone()));
        let overlapping = of_account
            .chain(foreign)
            .filter(|(alias, ..)| named(alias).cover(domain) || named(domain).cover(alias));
        let items = overlapping.map(|(alias, id, account)| Conflict {
            domain: alias,
            is_tenant: false,
            id: masked(&id),
            account: masked(&account),
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    pub fn distribution_tags(&self, arn: &str) -> Outcome<Tags> {
        Ok(self.distribution_by_arn(arn)?.tags.clone())
    }

    /// Tags change neither the `ETag` nor the deployment.
    pub fn tag_distribution(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        let found = self.distribution_by_arn(arn)?;
        let (id, mut tags) = (found.id.clone(), found.tags.clone());
        change(&mut tags);
        check_tags(&tags)?;
        if let Some(distribution) = self.cloudfront.all.get_mut(&id) {
            distribution.tags.clone_from(&tags);
        }
        self.tags.put(arn, Some(tags));
        Ok(())
    }

    fn distribution(&self, id: &str) -> Outcome<&Distribution> {
        let missing = || Refusal::new("NoSuchDistribution", "The specified distribution does not exist.");
        self.cloudfront.all.get(id).ok_or_else(missing)
    }

    fn distribution_by_arn(&self, arn: &str) -> Outcome<&Distribution> {
        let missing = || Refusal::new("NoSuchResource", "The specified resource does not exist.");
        self.cloudfront
            .all
            .values()
            .find(|distribution| distribution.arn == arn)
            .ok_or_else(missing)
    }
}

fn with_aliases(config: &Element, aliases: &[String]) -> Element {
    let items = aliases.iter().map(|alias| xml::text("CNAME", alias)).collect();
    let mut config = config.clone();
    xml::put(&mut config, xml::list("Aliases", items), &[]);
    config
}

fn check_etag(distribution: &Distribution, given: &str) -> Outcome<()> {
    if given == distribution.etag {
        return Ok(());
    }
    if distribution.past_etags.contains(given) {
        let message = "The request failed because it didn't meet the preconditions in one or more request-header fields.";
        return Refusal::refuse("PreconditionFailed", message);
    }
    Refusal::refuse(
        "InvalidIfMatchVersion",
        "The If-Match version is missing or not valid for the resource.",
    )
}

fn check_tags(tags: &Tags) -> Outcome<()> {
    let reserved = |key: &String| key.is_empty() || key.to_lowercase().starts_with("aws:");
    if tags.len() > MOST_TAGS || tags.keys().any(reserved) {
        return Refusal::refuse("InvalidTagging", "The tagging specified is not valid.");
    }
    Ok(())
}
