"""What the page of one product shows for the variant that was chosen. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.catalog.queries.product import Offer, Option, ProductPage
from shop.catalog.text import option_key
from shop.catalog.unit_price import unit_price
from shop.money import plain_amount


@dataclass(frozen=True)
class Choice:
    """The variant in sight. `labels` are what was asked for; `offer` None: there is no such one.

    `is_gone`: a variant was asked for by id that is not on sale any more.
    """

    offer: Offer | None
    labels: Sequence[str]
    is_gone: bool = False


@dataclass(frozen=True)
class Value:
    """One value of an option: may it be chosen, is it, and what it costs when that differs.

    `beside`: the other values in sight, when there is none with them: `is_made` says whether it is
    sold out or was never made.
    """

    label: str
    colour: str | None
    is_chosen: bool
    can_be_bought: bool
    variant_id: int | None
    amount: int | None
    beside: str = ""
    is_made: bool = True


def choose_offer(page: ProductPage, variant: str, asked: Mapping[str, str]) -> Choice:
    """Return the variant that the query names: by id, or by option values (option_1, …)."""
    labels = [asked.get(f"option_{n}", "") for n in range(1, len(page.options) + 1)]
    if page.options and all(labels):
        return Choice(page.combination(labels), labels)
    first = page.first_offer
    if not variant:
        return Choice(first, first.option_values if first else ())
    is_number = variant.isascii() and variant.isdigit() and len(variant) < 11
    offer = page.offer(int(variant)) if is_number else None
    if offer is None:
        return Choice(first, first.option_values if first else (), is_gone=True)
    return Choice(offer, offer.option_values)


def values_of(page: ProductPage, place: int, choice: Choice) -> list[Value]:
    """Return the values of option number `place` (from 0), as the page offers them.

    With one option each value is a variant; with several, a value can be chosen as long as some
    combination with it can be bought.
    """
    option: Option = page.options[place]
    chosen = choice.labels[place] if place < len(choice.labels) else ""
    shown = choice.offer.unit_amount if choice.offer else None
    found = []
    for label in option.labels:
        key = option_key([label])
        offers = [o for o in page.offers if option_key([o.option_values[place]]) == key]
        only = offers[0] if len(page.options) == 1 and offers else None
        is_chosen = key == option_key([chosen])
        beside, is_made = ("", True) if is_chosen else _lacks(page, place, label, choice)
        found.append(
            Value(
                label=label,
                colour=option.colours.get(label),
                is_chosen=is_chosen,
                can_be_bought=any(offer.can_be_bought for offer in offers),
                variant_id=only.id if only else None,
                amount=only.unit_amount if only and only.unit_amount != shown else None,
                beside=beside,
                is_made=is_made,
            )
        )
    return [value for value in found if value.variant_id or len(page.options) > 1]


def _lacks(page: ProductPage, place: int, label: str, choice: Choice) -> tuple[str, bool]:
    """Return beside which other values `label` cannot be bought, and whether it exists there.

    Without a script the mark stays while another value is ticked, so it names what it is about.
    """
    others = [other for n, other in enumerate(choice.labels) if n != place]
    if not others or not all(others):
        return "", True
    offer = page.combination([*others[:place], label, *others[place:]])
    if offer is not None and offer.can_be_bought:
        return "", True
    return ", ".join(others), offer is not None


def unit_price_of(offer: Offer) -> tuple[int, str] | None:
    """Return the price per unit of measure, (minor units, "100 ml"), where there is one."""
    return unit_price(offer.unit_amount, offer.unit_measure)


def structured_data(page: ProductPage, currency: str, site: str) -> dict[str, Any]:
    """Return the product as schema.org describes products; `site`: the shop's public address."""
    url = f"{site}/products/{page.row.slug}"
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": page.row.name,
        "description": page.row.summary or page.row.description,
        "url": url,
        "image": [f"{site}/media/{picture.storage_key}-800.webp" for picture in page.pictures],
        "offers": [_offer_data(offer, url, currency) for offer in page.offers],
    }
    if page.brand:
        data["brand"] = {"@type": "Brand", "name": page.brand.name}
    if page.row.rating_count:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": page.row.rating_avg / 100,
            "reviewCount": page.row.rating_count,
        }
    return data


def _offer_data(offer: Offer, url: str, currency: str) -> dict[str, Any]:
    state = "InStock" if offer.can_be_bought else "SoldOut"
    if offer.is_made_to_order:
        state = "MadeToOrder"
    return {
        "@type": "Offer",
        "sku": offer.sku,
        "url": f"{url}?variant={offer.id}",
        "price": plain_amount(offer.unit_amount, currency),
        "priceCurrency": currency,
        "availability": f"https://schema.org/{state}",
    }
