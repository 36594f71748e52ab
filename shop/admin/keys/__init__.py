"""The keys by which staff get about, and the switch that turns single ones off."""
