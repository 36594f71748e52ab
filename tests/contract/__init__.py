"""Stripe's contract, generated from the installed library, and the sandbox judged by it.

At an upgrade of `stripe`: `python -m tests.contract.surface` lists what changed for a shop; adapt,
then `python -m tests.contract.surface accept` and `python -m tools.sandbox_contract`.

With STRIPE_CONTRACT_KEY=sk_test_… (and the internet, and Chromium for the payments) the conformance
tests run against Stripe's test mode as well; a difference to the sandbox fails.
"""
