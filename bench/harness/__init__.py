"""What `bench/run` is made of: the processes, the measurements, the floors that quotas set, and the report."""
