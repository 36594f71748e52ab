"""The trail of what staff and commands changed."""
