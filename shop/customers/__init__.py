"""Who buys, what they have bought in all, and whom the shop does not sell to."""
