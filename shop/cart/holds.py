"""What a cart's own unfinished order has reserved: pieces its owner is not locked out of."""

from sqlalchemy import ColumnElement, func, select

from shop.models import HoldState, Order, PaymentStatus, ProductVariant, StockHold


def own_hold(cart_id: int) -> ColumnElement[int]:
    """Return how many pieces of a ProductVariant row the cart's pending order holds, as SQL."""
    return func.coalesce(
        select(func.sum(StockHold.quantity))
        .join(Order, Order.id == StockHold.order_id)
        .where(
            StockHold.variant_id == ProductVariant.id,
            StockHold.state == HoldState.ACTIVE,
            Order.cart_id == cart_id,
            Order.payment_status == PaymentStatus.PENDING,
        )
        .correlate(ProductVariant)
        .scalar_subquery(),
        0,
    )
