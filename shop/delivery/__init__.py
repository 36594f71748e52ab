"""How parcels reach customers: methods, what they cost, when they arrive."""
