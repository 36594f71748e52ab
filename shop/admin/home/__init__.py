"""The desk of the home page."""
