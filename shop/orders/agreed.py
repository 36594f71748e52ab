"""What the checkout of an order showed, and what of it was agreed to."""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from shop.core.db import db
from shop.core.errors import BadInput, TextsChanged
from shop.models import OrderText, PageRole
from shop.orders.checkout_details import CheckoutDetails
from shop.pages.queries import public_pages


def check_texts(details: CheckoutDetails) -> None:
    """Raise TextsChanged where the form showed other versions than those in force.

    And BadInput (`terms`) where there are terms that were not agreed to.
    """
    pages = public_pages()
    present = {page.version_id: page.title for page in pages.at_checkout}
    if set(details.shown_versions) != set(present):
        new = [title for key, title in present.items() if key not in details.shown_versions]
        raise TextsChanged(
            f"This has changed since you opened the page: {', '.join(new)}. "
            "Please read it and agree once more."
            if new
            else None
        )
    if pages.of_role(PageRole.TERMS) and not details.are_terms_accepted:
        raise BadInput(terms="Agree to the terms to go on.")


def keep_texts(order_id: int, details: CheckoutDetails) -> None:
    """Note which versions the checkout of the order showed; joins the open transaction.

    Raises TextsChanged where one of them was deleted at this very moment.
    """
    rows = [{"order_id": order_id, "page_version_id": key} for key in details.shown_versions]
    if not rows:
        return
    try:
        db.session.execute(insert(OrderText), rows)
    except IntegrityError as error:
        raise TextsChanged from error
