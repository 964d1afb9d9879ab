"""The data path: what viewers reach, at CloudFront's edge and at API Gateway's endpoints, by Host header."""
