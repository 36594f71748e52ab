"""What staff send when they send several orders at once."""

from dataclasses import dataclass

MOST = 200  # orders at once: a page of the list has 50, and each is a transaction of its own


@dataclass(frozen=True)
class DispatchFields:
    """Several orders to be sent, each as a whole.

    `versions`: by number, that of the order from which the form was made; None where it does not
    say. `carrier`: who takes all of them; None: for each who usually carries its parcels.
    `tracking`: numbers of parcels by number of the order; missing where none was pasted.
    """

    versions: dict[str, int | None]
    carrier: str | None
    tracking: dict[str, str]
    notify: bool
