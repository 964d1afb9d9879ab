"""AWS WAF (v2), which keeps documents as the JSON values that it was sent."""
