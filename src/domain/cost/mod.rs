//! What a perimeter costs: a dated list of AWS's prices, and what a spec comes to by it. An estimate, for people.
//!
//! - [`money`]: amounts, in whole millionths of a dollar.
//! - [`prices`]: the list, and how others take the place of its prices.
//! - [`estimate`]: the parts that a spec comes to, and what is left out of them.

pub mod estimate;
pub mod money;
pub mod prices;
