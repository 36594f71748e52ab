"""The rows of an order: what a cart holds, with its prices and what was entered, frozen."""

from sqlalchemy import inspect

from shop.cart.contents import CartLine, CartView
from shop.core.client_addresses import place_of
from shop.core.clock import now
from shop.core.errors import CartError
from shop.delivery.queries import why_undelivered
from shop.models import Order, OrderItem, Provider, TaxMode
from shop.models.order import CHECKOUT_TEXTS
from shop.orders.checkout_details import HOLD, CheckoutDetails, new_access_token
from shop.orders.search import item_text, order_text
from shop.payments.current import current_provider, is_play_money
from shop.pricing import PricedLine

_ITEM_COLUMNS = [c for c in inspect(OrderItem).column_attrs if c.key != "id"]


def new_order(
    cart: CartView,
    details: CheckoutDetails,
    same: str,
    replaces: int | None,
    *,
    number: str,
    provider: Provider,
) -> Order:
    """Return an order, not yet stored, of a cart that has been checked.

    `same`: its hash; `replaces`: the id of the order it takes the place of. Raises CartError for
    a cart that nobody delivers.
    """
    quote, totals, at = cart.quote, cart.totals, now()
    if quote is None:
        raise CartError(why_undelivered(cart.country))
    name = details.address.get("name", "")
    return Order(
        number=number,
        access_token=new_access_token(),
        checkout_token=details.checkout_token,
        snapshot_hash=same,
        user_id=details.user_id,
        cart_id=cart.cart_id,
        replaces_order_id=replaces,
        email=details.email,
        email_key=details.email_key,
        phone=details.phone,
        customer_name=name,
        search_text=order_text(number, name, details.email, [line.sku for line in cart.lines]),
        company=details.address.get("company", ""),
        shipping_address=details.address,
        country=details.country,
        **{column: details.texts.get(name, "") for name, column in CHECKOUT_TEXTS.items()},
        ip=place_of(details.ip),
        locale=details.locale,
        language=details.language,
        source=details.source,
        is_sandbox=is_play_money(current_provider() if provider is Provider.FREE else provider),
        currency=cart.currency,
        tax_mode=TaxMode.INCLUSIVE,
        amount_subtotal=totals.amount_subtotal,
        coupon_code=cart.coupon.code if cart.coupon else "",
        amount_discount=totals.amount_discount,
        amount_shipping=totals.amount_shipping,
        amount_tax=totals.amount_tax,
        shipping_tax_amount=totals.shipping_tax,
        amount_total=totals.amount_total,
        delivery_method_id=quote.method_id,
        delivery_name=quote.name,
        delivery_from=quote.arrives_from,
        delivery_until=quote.arrives_until,
        terms_accepted_at=at if details.are_terms_accepted else None,
        placed_at=at,
        hold_until=at + HOLD,
    )


def new_items(order_id: int, cart: CartView) -> list[OrderItem]:
    """Return the lines of an order, not yet stored, with what each costs after the discount."""
    priced = {line.key: line for line in cart.totals.lines}
    return [
        _item(order_id, position, line, priced[line.item_id])
        for position, line in enumerate(cart.lines, 1)
    ]


def item_columns(item: OrderItem) -> dict[str, object]:
    """Return the item's values, so that all lines go into the table as one statement."""
    return {column.key: getattr(item, column.key) for column in _ITEM_COLUMNS}


def _item(order_id: int, position: int, line: CartLine, priced: PricedLine) -> OrderItem:
    return OrderItem(
        order_id=order_id,
        position=position,
        product_id=line.product_id,
        variant_id=line.variant_id,
        product_name=line.name,
        variant_label=line.label,
        brand_name=line.brand,
        product_slug=line.slug,
        sku=line.sku,
        search_text=item_text(line.name, line.sku),
        cover=line.cover,
        provider_product=line.provider_ref,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        amount_discount=priced.discount,
        amount_total=priced.total,
        tax_class=line.tax_class,
        tax_rate_bp=priced.tax_rate_bp,
        tax_amount=priced.tax,
        weight_grams=line.weight_grams,
        is_tracked=line.is_tracked,
        quantity_shipped=0,
        quantity_refunded=0,
        quantity_returned=0,
    )
