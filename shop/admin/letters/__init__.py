"""A mail as the customer got it, before it is sent again."""
