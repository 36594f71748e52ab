"""The catalogue: products and where they are shown."""
