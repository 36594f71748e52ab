"""Stripe. The only folder that imports the `stripe` library, and only when a call is made."""
