import gzip
import json

import pytest

from sandboxes.stripe import contract as packed
from tests.contract import surface
from tests.contract.contract_checker import Judge
from tests.contract.document import SERVICES, contract
from tests.contract.examples import example
from tests.contract.sdk_schemas import DESCRIBED
from tools.sandbox_contract import compress


def test_every_wanted_operation_is_there():
    operations = [verb for verbs in contract()["paths"].values() for verb in verbs]
    assert len(operations) == sum(len(calls) for calls in SERVICES.values())


def test_every_reference_leads_somewhere():
    schemas = contract()["components"]["schemas"]
    text = json.dumps(contract())
    named = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= schemas.keys()
    assert schemas.keys() >= DESCRIBED
    assert "unresolved:" not in text


def test_the_upgrade_of_the_library_changes_nothing_unseen():
    """On failure: read the list, adapt, then `python -m tests.contract.surface accept`."""
    assert surface.changes(contract()) == []


def test_a_change_of_the_contract_is_listed():
    document = json.loads(json.dumps(contract()))
    refund = document["components"]["schemas"]["refund"]["properties"]
    del refund["status"]
    refund["speed"] = {"type": "string"}
    assert surface.changes(document) == [
        "- refund.status: string, null",
        "+ refund.speed: string",
    ]


@pytest.mark.parametrize("name", sorted(DESCRIBED - {"event"}))
def test_examples_satisfy_the_strict_judge(name):
    assert Judge().answer(example(name), strict=True) == []


def test_what_the_library_crashes_on_is_no_valid_answer():
    """`currency_options: null` raises AttributeError in the library; Stripe leaves it out."""
    rate = example("shipping_rate", fixed_amount={"amount": 1, "currency": "eur"})
    assert Judge().answer(rate, strict=True) == []
    rate["fixed_amount"]["currency_options"] = None
    assert Judge().answer(rate) == [
        "shipping_rate.fixed_amount.currency_options: null, and may not be"
    ]


def test_the_sandbox_serves_the_contract_of_the_installed_library():
    """On failure: `python -m tools.sandbox_contract`."""
    assert json.loads(gzip.decompress(packed.PATH.read_bytes())) == json.loads(
        json.dumps(compress(contract()))
    )
