"""Stripe's contract, generated from the installed library, and the sandbox judged by it."""
