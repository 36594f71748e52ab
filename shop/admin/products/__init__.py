"""The products desk."""
