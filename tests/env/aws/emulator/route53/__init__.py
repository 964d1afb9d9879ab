"""Route 53: health checks, hosted zones and their records."""
