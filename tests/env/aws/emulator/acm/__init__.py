"""AWS Certificate Manager: certificates that are issued once DNS says so."""
