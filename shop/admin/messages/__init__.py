"""The desk of what visitors write by the form."""
