//! DNS records of the origin's name, in the declared hosted zone: what ACM looks for, where the name leads, and whose it is.

use crate::domain::edge::dns_records;

/// A batch of changes to the zone.
pub type Action = dns_records::Action;
