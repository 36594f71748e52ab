"""The staff pages: one blueprint, one guard, a folder for each desk."""
