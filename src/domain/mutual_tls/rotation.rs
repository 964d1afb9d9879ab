//! When the next client certificate takes the place of the one that CloudFront shows.
