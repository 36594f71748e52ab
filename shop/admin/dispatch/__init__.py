"""Several orders at once: sent together, their packing slips printed."""
