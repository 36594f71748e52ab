"""The endpoints under /v1, one module per family, and the way of a request through them."""
