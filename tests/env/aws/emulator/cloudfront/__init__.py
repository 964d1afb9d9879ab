"""CloudFront, built on the raw XML of a distribution's configuration."""
