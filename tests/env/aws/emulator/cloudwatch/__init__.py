"""CloudWatch's metric alarms, and metrics."""
