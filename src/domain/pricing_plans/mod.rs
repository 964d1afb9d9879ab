//! CloudFront's flat-rate pricing plans: which one a distribution is in, what its tier takes, and what has to wait for its end. Plans
//! cost money and are their owners': they are only read.
//!
//! - [`subscription`]: a plan as AWS lists it.
//! - [`limits`]: what each tier takes, and what a perimeter has that it does not take.
//! - [`words`]: what people are told.

pub mod limits;
pub mod subscription;
pub mod words;
