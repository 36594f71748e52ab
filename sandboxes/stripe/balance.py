"""The sandbox's account: what each movement added, took and cost."""

from collections import defaultdict

from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.objects import build
from sandboxes.stripe.store import Tx

KIND = "balance_transaction"
# Charges become available after two days; the fee is that of a European card, in whole units.
AVAILABLE_AFTER = 2 * 86400
FEE_PERMILLE, FEE_FIXED, DISPUTE_FEE = 15, 25, 2000
CATEGORIES = {
    "charge": "charge",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "adjustment": "dispute",
}


def book(call: Call, kind: str, source: str, amount: int, currency: str) -> str:
    """Enter a movement of ``amount`` minor units and give its id.

    ``kind`` is charge, refund, refund_failure or adjustment (a dispute); money that leaves is
    negative. Charges and lost disputes cost a fee.
    """
    fee = _fee(kind, amount)
    row = call.tx.insert(
        build(
            KIND,
            id=call.tx.new_id("txn"),
            amount=amount,
            available_on=call.tx.now + (AVAILABLE_AFTER if kind == "charge" else 0),
            balance_type="payments",
            created=call.tx.now,
            currency=currency,
            fee=fee,
            fee_details=_fee_details(fee, currency),
            net=amount - fee,
            reporting_category=CATEGORIES[kind],
            source=source,
            status="pending" if kind == "charge" else "available",
            type=kind,
        )
    )
    return row.id


def rendered(tx: Tx, body: Json) -> Json:
    """A movement as it is now: pending until its money is available."""
    status = "pending" if body["available_on"] > tx.now else "available"
    return {**body, "status": status}


def balance(tx: Tx) -> Json:
    """The account's balance, what is available and what is pending, per currency."""
    sums: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
    for row in tx.select(KIND):
        sums[row.body["available_on"] <= tx.now][row.body["currency"]] += row.body["net"]
    return build("balance", available=_amounts(sums[True]), pending=_amounts(sums[False]))


def _amounts(sums: dict[str, int]) -> list[Json]:
    entries = sums or {"eur": 0}
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(entries.items())
    ]


def _fee(kind: str, amount: int) -> int:
    if kind == "charge":
        return min(amount, amount * FEE_PERMILLE // 1000 + FEE_FIXED)
    return DISPUTE_FEE if kind == "adjustment" and amount < 0 else 0


def _fee_details(fee: int, currency: str) -> list[Json]:
    if not fee:
        return []
    return [
        {
            "amount": fee,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
