"""Bank transfer: the shop tells where the money goes, staff say that it came."""
