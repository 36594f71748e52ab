"""The desk of categories and brands."""
