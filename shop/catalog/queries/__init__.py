"""Everything that is read of the catalogue."""
