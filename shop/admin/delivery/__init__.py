"""The delivery desk, a room of the settings."""
