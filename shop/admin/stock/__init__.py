"""The desk of stock: every SKU with what is there of it, and its ledger."""
