"""A machine that shops, pays, waits, crashes and mends at random, and what must hold meanwhile."""
