"""The form by which visitors write to the shop."""
