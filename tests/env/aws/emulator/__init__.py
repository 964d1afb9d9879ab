"""The emulated AWS: moto, with our own CloudFront, WAF, Lambda, tagging and authorization where moto is not faithful."""
