"""The request and its answer: what pages of all features share."""
