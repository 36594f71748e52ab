"""The desk of coupons: codes, batches, their uses."""
