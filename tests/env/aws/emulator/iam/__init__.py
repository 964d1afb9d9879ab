"""Authorization of callers, and what moto's IAM lacks."""
