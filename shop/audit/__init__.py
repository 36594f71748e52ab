"""Is every book right? Each invariant as one SQL statement that finds the rows that break it.

The names are those of docs/reliability.md: I stock, M money, F orders and payments, L the counter,
K carts, C the copies for lists.
"""
