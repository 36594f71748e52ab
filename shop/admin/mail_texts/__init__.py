"""The desk of mail texts."""
