"""The orders desk."""
