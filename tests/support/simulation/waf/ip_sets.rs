//! IP sets.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::Outcome;
use super::{IpSet, check_name, refusals, rules};
use ipnet::IpNet;
use palisade::domain::firewall::ip_set::{Content, Creation};
use palisade::domain::firewall::web_acl::Entity;

const MOST_ADDRESSES: usize = 10_000;

impl Account {
    pub fn get_ip_set(&self, id: &str, name: &str) -> Outcome<Content> {
        Ok(self.ip_set(id, name)?.content.clone())
    }

    pub fn create_ip_set(&mut self, given: Creation) -> Outcome<Entity> {
        check_name("name", &given.name)?;
        if !["IPV4", "IPV6"].contains(&given.version.as_str()) {
            let reason = "The IP address version is not valid.";
            return Err(refusals::invalid("IP_ADDRESS_VERSION", &given.version, reason));
        }
        let addresses = normalised(&given.addresses, &given.version)?;
        if self
            .waf
            .ip_sets
            .values()
            .any(|set| set.content.entity.name == given.name)
        {
            return Err(refusals::duplicate());
        }
        if self.waf.ip_sets.len() >= self.settings.limits.ip_sets {
            return Err(refusals::too_many());
        }
        let entity = self.new_entity("ipset", &given.name);
        self.tags.put(&entity.arn, Some(given.tags.clone()));
        self.waf.ip_set_history.put(&entity.id, Some(entity.clone()));
        let content = Content {
            entity: entity.clone(),
            version: given.version,
            addresses,
        };
        let set = IpSet {
            content,
            tags: given.tags,
            created: clock::now(),
        };
        self.waf.ip_sets.insert(entity.id.clone(), set);
        Ok(entity)
    }

    pub fn update_ip_set(&mut self, entity: &Entity, addresses: &[String]) -> Outcome<String> {
        let set = self.locked_ip_set(entity)?;
        let addresses = normalised(addresses, &set.content.version)?;
        Ok(self.write_ip_set(&entity.id, addresses))
    }

    /// New addresses and a new lock token, which it answers.
    pub fn write_ip_set(&mut self, id: &str, addresses: Vec<String>) -> String {
        let token = self.uuid();
        if let Some(set) = self.waf.ip_sets.get_mut(id) {
            set.content.addresses = addresses;
            set.content.entity.lock_token.clone_from(&token);
            self.waf.ip_set_history.put(id, Some(set.content.entity.clone()));
        }
        token
    }

    pub fn delete_ip_set(&mut self, entity: &Entity) -> Outcome<()> {
        let arn = self.locked_ip_set(entity)?.content.entity.arn.clone();
        if self
            .waf
            .web_acls
            .values()
            .any(|acl| rules::references(&acl.document, &arn))
        {
            return Err(refusals::associated());
        }
        self.remove_ip_set(&entity.id);
        Ok(())
    }

    pub fn remove_ip_set(&mut self, id: &str) {
        if let Some(set) = self.waf.ip_sets.remove(id) {
            self.tags.put(&set.content.entity.arn, None);
            self.waf.ip_set_history.put(id, None);
        }
    }

    fn ip_set(&self, id: &str, name: &str) -> Outcome<&IpSet> {
        let found = self
            .waf
            .ip_sets
            .get(id)
            .filter(|set| set.content.entity.name == name);
        found.ok_or_else(refusals::missing)
    }

    fn locked_ip_set(&self, entity: &Entity) -> Outcome<&IpSet> {
        let set = self.ip_set(&entity.id, &entity.name)?;
        if set.content.entity.lock_token == entity.lock_token {
            Ok(set)
        } else {
            Err(refusals::stale())
        }
    }
}

/// Networks without host bits, IPv6 in its short form, each once, as AWS WAF gives them back.
fn normalised(addresses: &[String], version: &str) -> Outcome<Vec<String>> {
    if addresses.len() > MOST_ADDRESSES {
        return Err(refusals::too_many());
    }
    let mut found: Vec<String> = Vec::new();
    for address in addresses {
        let network = address.parse::<IpNet>().ok().filter(|network| {
            let family = if network.addr().is_ipv4() { "IPV4" } else { "IPV6" };
            family == version && network.prefix_len() > 0
        });
        let Some(network) = network else {
            let reason = "The parameter contains formatting that is not valid.";
            return Err(refusals::invalid("IP_ADDRESS", address, reason));
        };
        let network = network.trunc().to_string();
        if !found.contains(&network) {
            found.push(network);
        }
    }
    Ok(found)
}
