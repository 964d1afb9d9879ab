"""Lambda's control plane, as far as Lambda@Edge needs it."""
