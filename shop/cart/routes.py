"""The bag: shown, filled, changed. With HX-Request the answers are the changed parts alone."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from shop.cart.forms import AddForm, read_quantity
from shop.cart.owner import CartOwner
from shop.cart.page import answer_cart, cart_changed, cart_page
from shop.cart.services import accept_changes, add_item, remove_item, set_quantity
from shop.core.errors import BadInput, CartError, NotFound
from shop.models import VisitStage
from shop.web.responses import answer_shop_error
from shop.web.visitor import current_visitor, forget_visitor, hashed, keep_cart
from shop.web.visits import count_visit

blueprint = Blueprint("cart", __name__, template_folder="templates")


@blueprint.get("/cart")
def show() -> Response:
    """Show the bag as it is now."""
    return answer_cart(cart_page())


@blueprint.post("/cart/items")
def add() -> Response:
    """Put a variant into the bag."""
    form = AddForm.read(request.form)
    added = add_item(_owner(), form.variant_id, form.quantity)
    forget_visitor()
    count_visit(VisitStage.BAG)
    return cart_changed(_("%(name)s is in your bag.", name=added.name), opens_cart=True)


@blueprint.post("/cart/items/<int:item_id>")
def change(item_id: int) -> Response:
    """Set a line to another quantity; 0 takes it out."""
    set_quantity(current_visitor().cart_id, item_id, read_quantity(request.form))
    forget_visitor()
    return cart_changed(_("Your bag is up to date."))


@blueprint.post("/cart/items/<int:item_id>/delete")
def remove(item_id: int) -> Response:
    """Take a line out of the bag."""
    remove_item(current_visitor().cart_id, item_id)
    forget_visitor()
    return cart_changed(_("The piece is no longer in your bag."))


@blueprint.post("/cart/accept")
def accept() -> Response:
    """Fit the bag to what can be bought now, at the present prices."""
    accept_changes(current_visitor().cart_id)
    forget_visitor()
    return cart_changed(_("Your bag is up to date."))


@blueprint.errorhandler(NotFound)
def refuse_line(error: NotFound) -> Response:
    """Show the bag as it is now to whoever changes a line that has left it, in another tab."""
    if request.endpoint not in ("cart.change", "cart.remove"):
        return answer_shop_error(error)
    forget_visitor()
    return answer_cart(cart_page(_("That piece is not in your bag any more.")), 404)


@blueprint.errorhandler(CartError)
@blueprint.errorhandler(BadInput)
def refuse(error: CartError | BadInput) -> Response:
    """Show the bag as it is now, with what was wrong."""
    forget_visitor()
    return answer_cart(cart_page(problem=str(error)), int(error.status))


def _owner() -> CartOwner:
    visitor = current_visitor()
    if visitor.user_id is not None:
        return CartOwner(user_id=visitor.user_id)
    return CartOwner(token_hash=hashed(keep_cart()))
