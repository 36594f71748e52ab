"""Texts that the shop publishes, at `/pages/<slug>`: help, law, whatever staff write."""
