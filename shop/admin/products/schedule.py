"""What staff plan for a product: when it goes on sale and off, and prices for a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from shop.admin.products.audit import audited_product
from shop.admin.staff_actions import Entry, Staff, done_once
from shop.catalog import services as catalog
from shop.catalog.services.schedule import SalePlan, plan_publishing, plan_sale
from shop.core.config import config
from shop.core.errors import BadInput, StaleForm
from shop.core.local_time import parse_local, typed_local
from shop.core.number_input import parse_amount, typed_amount
from shop.models import Product, ProductVariant
from shop.settings.queries import shop_settings

CELLS = ("sale", "since", "until")


def planned_cells(product: Product, variants: Sequence[ProductVariant]) -> dict[str, str]:
    """Return what the fields of the plan hold, by name."""
    zone, currency, locale = config().timezone, config().currency, shop_settings().locale
    cells = {
        "on_at": typed_local(product.on_sale_at, zone),
        "off_at": typed_local(product.off_sale_at, zone),
    }
    for variant in variants:
        amount = variant.sale_amount
        cells |= {
            f"sale-{variant.id}": "" if amount is None else typed_amount(amount, currency, locale),
            f"since-{variant.id}": typed_local(variant.sale_since, zone),
            f"until-{variant.id}": typed_local(variant.sale_until, zone),
        }
    return cells


@done_once
def save_plan(
    product_id: int, seen: Mapping[str, str], typed: Mapping[str, str], *, staff: Staff
) -> Entry:
    """Plan what was typed over what was `seen`, all of it or nothing; what is past happens now.

    Raises StaleForm and BadInput, whose names are those of the fields, such as since-12; NotFound.
    """
    with audited_product("products.plan", product_id, staff=staff) as entry:
        product, variants = catalog.load_product(product_id), catalog.list_variants(product_id)
        present = planned_cells(product, variants)
        wanted = {name: typed.get(name, text) for name, text in present.items()}
        stale = {
            name: text
            for name, text in present.items()
            if seen.get(name, text) != text and wanted[name] not in {text, seen[name]}
        }
        if stale:
            raise StaleForm(present=stale)
        fresh = {
            name: text if wanted[name] == seen.get(name, text) else wanted[name]
            for name, text in present.items()
        }
        _plan_all(product_id, present, fresh, variants)
    return entry


def _plan_all(
    product_id: int,
    present: Mapping[str, str],
    wanted: Mapping[str, str],
    variants: Sequence[ProductVariant],
) -> None:
    wrong: dict[str, str] = {}
    if any(present[name] != wanted[name] for name in ("on_at", "off_at")):
        on_at, off_at = (_moment(name, wanted, wrong) for name in ("on_at", "off_at"))
        if not wrong:
            try:
                plan_publishing(product_id, on_at, off_at)
            except BadInput as error:
                wrong |= error.fields or {"on_at": str(error)}
    for variant_id in [variant.id for variant in variants]:
        names = [f"{cell}-{variant_id}" for cell in CELLS]
        if any(present[name] != wanted[name] for name in names):
            wrong |= _plan_one(product_id, variant_id, wanted)
    if wrong:
        raise BadInput(**wrong)


def _plan_one(product_id: int, variant_id: int, wanted: Mapping[str, str]) -> dict[str, str]:
    """Plan the price of a variant; return what is wrong with it."""
    wrong: dict[str, str] = {}
    sale, since, until = (f"{cell}-{variant_id}" for cell in CELLS)
    plan = None
    if wanted[sale].strip() or wanted[since].strip() or wanted[until].strip():
        amount = _amount(sale, wanted, wrong)
        begin, end = _moment(since, wanted, wrong), _moment(until, wanted, wrong)
        if begin is None and since not in wrong:
            wrong[since] = "Enter when the price begins."
        if wrong or amount is None or begin is None:
            return wrong
        plan = SalePlan(amount, begin, end)
    try:
        plan_sale(product_id, variant_id, plan)
    except BadInput as error:
        return {f"{name}-{variant_id}": text for name, text in error.fields.items()}
    return {}


def _moment(name: str, wanted: Mapping[str, str], wrong: dict[str, str]) -> Any:
    if not wanted[name].strip():
        return None
    try:
        return parse_local(wanted[name], config().timezone)
    except BadInput as error:
        wrong[name] = str(error)
        return None


def _amount(name: str, wanted: Mapping[str, str], wrong: dict[str, str]) -> int | None:
    try:
        return parse_amount(wanted[name], config().currency, shop_settings().locale)
    except BadInput as error:
        wrong[name] = str(error)
        return None
