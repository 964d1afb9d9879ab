//! Lambda authorizers of APIs.

use super::super::account::Account;
use super::super::history;
use super::super::refusal::{Outcome, Refusal};
use super::{Api, bad, unknown};
use palisade::aws::cloud::Page;
use palisade::domain::access::credentials::authorizer::{Entry, Settings};
use serde_json::Value;

/// An API of one of the two services: Region, id, and whether it is of the REST service.
type At<'a> = (&'a str, &'a str, bool);

impl Account {
    pub fn list_authorizers(&self, (region, id, rest): At<'_>, marker: Option<&str>) -> Outcome<Page<Entry>> {
        let entries = self.api(region, id, rest)?.authorizers.iter();
        let entries = entries.map(|(id, entry)| {
            let exported = if rest {
                super::export::authorizer(&entry.settings)
            } else {
                Value::Null
            };
            (
                id.clone(),
                Entry {
                    exported,
                    ..entry.clone()
                },
            )
        });
        Ok(history::page(entries.collect(), marker, self.page_size(100)))
    }

    pub fn create_authorizer(&mut self, at: At<'_>, name: String, settings: Settings) -> Outcome<Entry> {
        // So it is of an API that is not there.
        if at.2 && self.api(at.0, at.1, at.2).is_err() {
            let message =
                "Unable to complete operation due to concurrent modification. Please try again later.";
            return Refusal::refuse("ConflictException", message);
        }
        let id = self.apis.next_id('a');
        let exported = Value::Null;
        let entry = Entry {
            id,
            name,
            settings,
            exported,
        };
        self.keep_authorizer(at, entry)
    }

    pub fn update_authorizer(&mut self, at: At<'_>, id: &str, settings: Settings) -> Outcome<Entry> {
        let found = self.api(at.0, at.1, at.2)?.authorizers.get(id);
        let name = found.ok_or_else(|| unknown("Authorizer"))?.name.clone();
        let id = id.to_owned();
        let exported = Value::Null;
        self.keep_authorizer(
            at,
            Entry {
                id,
                name,
                settings,
                exported,
            },
        )
    }

    pub fn delete_authorizer(&mut self, (region, id, rest): At<'_>, authorizer: &str) -> Outcome<()> {
        let api = self.api_mut(region, id, rest)?;
        let name = match api.authorizers.get(authorizer) {
            Some(found) => found.name.clone(),
            None => return Err(unknown("Authorizer")),
        };
        let mut routes = api.working.iter();
        let asks = routes.find(|(_, route)| route.authorization.authorizer.as_deref() == Some(authorizer));
        if let Some((route, _)) = asks {
            let message = if rest {
                format!("Cannot delete authorizer '{name}', is referenced in method: {route}")
            } else {
                format!("Cannot delete authorizer {authorizer}, it is referenced by route: {route}")
            };
            return Err(Refusal::new("ConflictException", message));
        }
        api.authorizers.remove(authorizer);
        self.deploy_automatically(&(region.to_owned(), id.to_owned()));
        Ok(())
    }

    fn keep_authorizer(&mut self, (region, id, rest): At<'_>, entry: Entry) -> Outcome<Entry> {
        let api = self.api_mut(region, id, rest)?;
        check(api, &entry)?;
        let settings = Settings {
            header: entry.settings.header.to_lowercase(),
            ..entry.settings
        };
        let entry = Entry { settings, ..entry };
        api.authorizers.insert(entry.id.clone(), entry.clone());
        self.deploy_automatically(&(region.to_owned(), id.to_owned()));
        Ok(entry)
    }
}

fn check(api: &Api, entry: &Entry) -> Outcome<()> {
    let mut others = api.authorizers.values();
    if others.any(|other| other.name == entry.name && other.id != entry.id) {
        let place = if api.is_rest() { "RestApi" } else { "Api" };
        return Err(bad(format!(
            "Authorizer name must be unique. Authorizer {} already exists in this {place}.",
            entry.name
        )));
    }
    if !entry.settings.function_arn.starts_with("arn:aws:lambda:") {
        return Err(bad(format!(
            "Invalid Authorizer URI: {}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda \
             function invocation.",
            entry.settings.function_arn
        )));
    }
    let is_name = |header: &str| {
        header
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
    };
    if entry.settings.header.is_empty() || !is_name(&entry.settings.header) {
        return Err(bad("Invalid identity source specified"));
    }
    if !(0..=3600).contains(&entry.settings.ttl) {
        return Err(bad("Authorizer result TTL must be between 0 and 3600 seconds"));
    }
    Ok(())
}
