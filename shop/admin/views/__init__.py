"""Lists of orders that a member of staff keeps under a name."""
