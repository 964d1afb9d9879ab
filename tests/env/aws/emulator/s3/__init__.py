"""S3, as far as a truststore needs it: buckets that seeds make, objects and their versions."""
