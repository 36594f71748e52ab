"""What the merchant may change: which settings there are, their values, and how they change."""
