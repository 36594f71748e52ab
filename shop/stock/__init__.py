"""How many there are: reserve, claim, release, adjust, and the ledger behind it."""
