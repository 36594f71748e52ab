"""Fill a shop: the demo shop, many pieces at random, or pieces from a JSON file."""
