"""What the page of one product shows for the variant that was chosen. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from shop.catalog.pictured import shows, telling_places
from shop.catalog.queries.product import Offer, Option, ProductPage, ProductPicture
from shop.catalog.text import option_key
from shop.catalog.unit_price import unit_price
from shop.core.money import plain_amount


@dataclass(frozen=True)
class VariantSelection:
    """The variant in sight. `labels` are what was asked for; `offer` None: there is no such one.

    `is_gone`: a variant was asked for by id that is not on sale any more.
    """

    offer: Offer | None
    labels: Sequence[str]
    is_gone: bool = False


@dataclass(frozen=True)
class OptionChoice:
    """One value of an option: may it be chosen, is it, and what it costs when that differs.

    `beside`: the other values in sight, when there is none with them: `is_made` says whether it is
    sold out or was never made. `link`: the page with this value and the others in sight.
    """

    label: str
    colour: str | None
    is_chosen: bool
    can_be_bought: bool
    variant_id: int | None
    amount: int | None
    link: str
    beside: str = ""
    is_made: bool = True


def choose_offer(page: ProductPage, variant: str, asked: Mapping[str, str]) -> VariantSelection:
    """Return the variant that the query names: by id, or by option values (option_1, …)."""
    labels = [asked.get(f"option_{n}", "") for n in range(1, len(page.options) + 1)]
    if page.options and all(labels):
        return VariantSelection(page.combination(labels), labels)
    first = page.first_offer
    if not variant:
        return VariantSelection(first, first.option_values if first else ())
    is_number = variant.isascii() and variant.isdigit() and len(variant) < 11
    offer = page.offer(int(variant)) if is_number else None
    if offer is None:
        return VariantSelection(first, first.option_values if first else (), is_gone=True)
    return VariantSelection(offer, offer.option_values)


def values_of(page: ProductPage, place: int, choice: VariantSelection) -> list[OptionChoice]:
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
        labels = [*choice.labels[:place], label, *choice.labels[place + 1 :]]
        there = page.combination(labels)
        beside, is_made = ("", True) if is_chosen else _missing_with(place, choice, there)
        found.append(
            OptionChoice(
                label=label,
                colour=option.colours.get(label),
                is_chosen=is_chosen,
                can_be_bought=any(offer.can_be_bought for offer in offers),
                variant_id=only.id if only else None,
                amount=only.unit_amount if only and only.unit_amount != shown else None,
                link=_link(page, labels, there),
                beside=beside,
                is_made=is_made,
            )
        )
    return [value for value in found if value.variant_id or len(page.options) > 1]


def _missing_with(place: int, choice: VariantSelection, there: Offer | None) -> tuple[str, bool]:
    """Return beside which other values a value cannot be bought, and whether it exists there.

    `there`: the variant with it and the others. Without a script the mark stays while another
    value is ticked, so it names what it is about.
    """
    others = [other for n, other in enumerate(choice.labels) if n != place]
    if not others or not all(others) or (there is not None and there.can_be_bought):
        return "", True
    return ", ".join(others), there is not None


def _link(page: ProductPage, labels: Sequence[str], there: Offer | None) -> str:
    if there is not None:
        return address_of(page, there)
    asked = {f"option_{n}": label for n, label in enumerate(labels, start=1)}
    return f"{page.address}?{urlencode(asked)}"


def address_of(page: ProductPage, offer: Offer) -> str:
    """Return where a variant of the product is shown."""
    return f"{page.address}?variant={offer.id}"


def pictures_of(page: ProductPage, choice: VariantSelection) -> Sequence[ProductPicture]:
    """Return the pictures of the page, those that show the choice first."""
    if not choice.labels or not any(picture.variant_id for picture in page.pictures):
        return page.pictures
    values = {offer.id: offer.option_values for offer in page.offers}
    pictured = [values[p.variant_id] for p in page.pictures if p.variant_id in values]
    coloured = [bool(option.colours) for option in page.options]
    places = telling_places(coloured, pictured)
    shown = choice.offer.id if choice.offer else None

    def distance(picture: ProductPicture) -> int:
        if picture.variant_id == shown is not None:
            return 0
        own = values.get(picture.variant_id or 0)
        return 1 if own and shows(own, choice.labels, places) else 2

    return sorted(page.pictures, key=distance)


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
