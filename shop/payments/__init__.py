"""Taking money: what the shop needs of a payment provider, and a folder per provider."""
