//! API keys, and the usage plans that make them valid for stages.

use super::super::account::Account;
use super::super::history;
use super::super::refusal::{Outcome, Refusal};
use super::{Key as ApiOrKey, bad, unknown};
use palisade::aws::cloud::Page;
use palisade::domain::access::credentials::api_key::{Key, KeyCreation, UsagePlan, UsagePlanCreation};
use palisade::domain::kernel::identity::Tags;

/// What each of them can have.
const MOST_TAGS: usize = 50;

/// A usage plan, and the ids of its keys.
#[derive(Clone)]
pub struct Plan {
    pub observed: UsagePlan,
    pub keys: Vec<String>,
}

impl Plan {
    fn covers(&self, stage: &(String, String)) -> bool {
        self.observed.stages.contains(stage)
    }
}

impl Account {
    pub fn list_api_keys(&self, region: &str, name: &str, marker: Option<&str>) -> Page<Key> {
        let keys = self.apis.keys.iter();
        let fitting = keys.filter(|((at, _), key)| at == region && key.name.starts_with(name));
        let shown = |key: &Key| Key {
            tags: if self.settings.key_lists_lack_tags {
                Tags::new()
            } else {
                key.tags.clone()
            },
            ..key.clone()
        };
        let found = fitting.map(|((_, id), key)| (id.clone(), shown(key))).collect();
        history::page(found, marker, self.page_size(500))
    }

    pub fn get_api_key(&self, region: &str, id: &str) -> Outcome<Key> {
        let found = self.apis.keys.get(&(region.to_owned(), id.to_owned()));
        found.cloned().ok_or_else(|| unknown("API Key"))
    }

    pub fn create_api_key(&mut self, region: &str, given: KeyCreation) -> Outcome<Key> {
        let length = given.value.expose().len();
        if length < 20 {
            return Err(bad("API Key value should be at least 20 characters"));
        }
        if length > 128 {
            return Err(bad("API Key value exceeds maximum size of 128 characters"));
        }
        let mut others = self.apis.keys.iter();
        if others.any(|((at, _), key)| at == region && key.value == given.value) {
            return Err(conflict("API Key already exists"));
        }
        let id = self.apis.next_id('k');
        let key = Key {
            id: id.clone(),
            name: given.name,
            value: given.value,
            enabled: true,
            tags: given.tags,
        };
        self.apis.keys.insert((region.to_owned(), id), key.clone());
        Ok(key)
    }

    pub fn delete_api_key(&mut self, region: &str, id: &str) -> Outcome<()> {
        self.api_key(region, id)?;
        self.apis.keys.remove(&address(region, id));
        for ((at, _), plan) in &mut self.apis.plans {
            if at == region {
                plan.keys.retain(|key| key != id);
            }
        }
        Ok(())
    }

    pub fn list_usage_plans(&self, region: &str, marker: Option<&str>) -> Page<UsagePlan> {
        let plans = self.apis.plans.iter().filter(|((at, _), _)| at == region);
        let shown = |plan: &UsagePlan| UsagePlan {
            tags: if self.settings.key_lists_lack_tags {
                Tags::new()
            } else {
                plan.tags.clone()
            },
            ..plan.clone()
        };
        let found = plans.map(|((_, id), plan)| (id.clone(), shown(&plan.observed)));
        history::page(found.collect(), marker, self.page_size(500))
    }

    pub fn get_usage_plan(&self, region: &str, id: &str) -> Outcome<UsagePlan> {
        Ok(self.plan(region, id)?.observed.clone())
    }

    pub fn create_usage_plan(&mut self, region: &str, given: UsagePlanCreation) -> Outcome<UsagePlan> {
        self.check_stage(region, &given.stage)?;
        let id = self.apis.next_id('p');
        let observed = UsagePlan {
            id: id.clone(),
            name: given.name,
            stages: vec![given.stage],
            tags: given.tags,
        };
        let plan = Plan {
            observed: observed.clone(),
            keys: Vec::new(),
        };
        self.apis.plans.insert((region.to_owned(), id), plan);
        Ok(observed)
    }

    pub fn update_usage_plan(
        &mut self,
        region: &str,
        id: &str,
        stage: (String, String),
        add: bool,
    ) -> Outcome<()> {
        let plan = self.plan(region, id)?;
        let shown = format!("{}:{}", stage.0, stage.1);
        if !add && !plan.covers(&stage) {
            return Err(missing(format!("API Stage not found: {shown}")));
        }
        if add {
            self.check_stage(region, &stage)?;
            if plan.covers(&stage) {
                return Err(conflict(format!(
                    "API Stage {shown} already exists in Usage Plan {id}"
                )));
            }
            for key in &plan.keys {
                self.check_only_plan(region, id, key, &stage)?;
            }
        }
        let plan = self.plan_mut(region, id)?;
        if add {
            plan.observed.stages.push(stage);
        } else {
            plan.observed.stages.retain(|found| *found != stage);
        }
        Ok(())
    }

    pub fn delete_usage_plan(&mut self, region: &str, id: &str) -> Outcome<()> {
        let stages = &self.plan(region, id)?.observed.stages;
        let mut apis = stages.iter().map(|(api, _)| address(region, api));
        if apis.any(|api| self.apis.all.contains_key(&api)) {
            return Err(bad(format!(
                "Cannot delete Usage Plan {id} because it is associated with API stages"
            )));
        }
        self.apis.plans.remove(&address(region, id));
        Ok(())
    }

    pub fn list_usage_plan_keys(&self, region: &str, plan: &str, marker: Option<&str>) -> Page<String> {
        // A plan that is not there has no keys, either.
        let keys = self.plan(region, plan).into_iter().flat_map(|plan| &plan.keys);
        let mut keys: Vec<_> = keys.map(|id| (id.clone(), id.clone())).collect();
        keys.sort();
        history::page(keys, marker, self.page_size(500))
    }

    pub fn create_usage_plan_key(&mut self, region: &str, plan: &str, key: &str) -> Outcome<()> {
        let found = self.plan(region, plan)?;
        self.api_key(region, key)?;
        if found.keys.iter().any(|known| known == key) {
            return Err(conflict(format!(
                "Usage Plan Key for API Key {key} already exists in Usage Plan {plan}"
            )));
        }
        for stage in &found.observed.stages {
            self.check_only_plan(region, plan, key, stage)?;
        }
        self.plan_mut(region, plan)?.keys.push(key.to_owned());
        Ok(())
    }

    /// Changes the tags of an API key or usage plan.
    pub fn tag_key_or_plan(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        let mut parts = arn.rsplit('/');
        let id = parts.next().unwrap_or_default();
        let at = address(arn.split(':').nth(3).unwrap_or_default(), id);
        let found = match parts.next() {
            Some("apikeys") => self.apis.keys.get_mut(&at).map(|key| &mut key.tags),
            Some("usageplans") => self.apis.plans.get_mut(&at).map(|plan| &mut plan.observed.tags),
            _ => None,
        };
        let found = found.ok_or_else(|| missing(format!("Invalid resource ARN specified: {arn}")))?;
        let mut tags = found.clone();
        change(&mut tags);
        if tags.len() > MOST_TAGS {
            return Err(bad(format!("A resource can have at most {MOST_TAGS} tags")));
        }
        *found = tags;
        Ok(())
    }

    /// Whether a caller who shows `value` may call the stage: the key is enabled and in a usage plan of the stage.
    pub(super) fn accepts_key(&self, api: &ApiOrKey, stage: &str, value: &str) -> bool {
        let stage = (api.1.clone(), stage.to_owned());
        let mut keys = self.apis.keys.iter();
        let key = keys.find(|((at, _), key)| *at == api.0 && key.enabled && key.value.expose() == value);
        key.is_some_and(|((_, id), _)| {
            let mut plans = self.apis.plans.iter().filter(|((at, _), _)| *at == api.0);
            plans.any(|(_, plan)| plan.covers(&stage) && plan.keys.contains(id))
        })
    }

    /// A key cannot be in two plans that have the same stage.
    fn check_only_plan(&self, region: &str, plan: &str, key: &str, stage: &(String, String)) -> Outcome<()> {
        let others = self.apis.plans.iter();
        let mut others = others.filter(|((at, id), _)| at == region && id != plan);
        if others.any(|(_, other)| other.covers(stage) && other.keys.iter().any(|known| known == key)) {
            return Err(conflict(format!(
                "UsagePlan {plan} cannot be added because API Key {key} cannot reference multiple UsagePlans with the \
                 same Api Stage: {}:{}",
                stage.0, stage.1
            )));
        }
        Ok(())
    }

    fn check_stage(&self, region: &str, (api, stage): &(String, String)) -> Outcome<()> {
        let found = self.apis.all.get(&address(region, api));
        if found.is_some_and(|found| found.is_rest() && found.stages.contains_key(stage)) {
            return Ok(());
        }
        Err(missing(format!("API Stage not found: {api}:{stage}")))
    }

    fn api_key(&self, region: &str, id: &str) -> Outcome<&Key> {
        let found = self.apis.keys.get(&address(region, id));
        found.ok_or_else(|| unknown("API Key"))
    }

    fn plan(&self, region: &str, id: &str) -> Outcome<&Plan> {
        self.apis.plans.get(&address(region, id)).ok_or_else(no_such_plan)
    }

    fn plan_mut(&mut self, region: &str, id: &str) -> Outcome<&mut Plan> {
        let found = self.apis.plans.get_mut(&address(region, id));
        found.ok_or_else(no_such_plan)
    }
}

fn address(region: &str, id: &str) -> ApiOrKey {
    (region.to_owned(), id.to_owned())
}

fn no_such_plan() -> Refusal {
    missing("Invalid Usage Plan ID specified")
}

fn missing(message: impl Into<String>) -> Refusal {
    Refusal::new("NotFoundException", message)
}

fn conflict(message: impl Into<String>) -> Refusal {
    Refusal::new("ConflictException", message)
}
