"""CloudWatch's metric alarms."""
