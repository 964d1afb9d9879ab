"""API Gateway's control plane: REST, HTTP and WebSocket APIs, what is edited of them and what is deployed."""
