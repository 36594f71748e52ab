"""The desk of the texts that the shop publishes."""
