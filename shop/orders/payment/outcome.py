"""What asking the provider about a payment page led to."""

from enum import StrEnum


class Outcome(StrEnum):
    """What `fulfil` found or did."""

    PAID = "paid"  # now, by this call
    ALREADY = "already"  # by an earlier one
    OPEN = "open"  # the page waits to be paid
    PROCESSING = "processing"  # the bank needs days
    DEAD = "dead"  # expired or failed: no money will come
    MISMATCH = "mismatch"  # money came, but not as agreed; staff decide
    DUPLICATE = "duplicate"  # money came a second time; it is being sent back
