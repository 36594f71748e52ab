"""The settings desk."""
