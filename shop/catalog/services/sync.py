"""The shop's products at the payment provider: ours are the master, theirs a copy for receipts.

A sale never waits for this: a product that is not there yet describes itself on the payment page.
"""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import select, update

from shop.core.clock import now
from shop.core.db import changed, db, end_read, transaction
from shop.core.errors import PaymentError
from shop.models import Brand, Product
from shop.payments.current import current_provider, gateway
from shop.web.public_url import public_url


@dataclass(frozen=True)
class Synced:
    """What the provider is told about a product; the hash of it says whether that is news."""

    ref_id: str
    name: str
    description: str
    images: tuple[str, ...]
    is_active: bool

    def hash(self, provider: str) -> str:
        """Return the fingerprint of this content at `provider`."""
        content = [provider, self.name, self.description, *self.images, self.is_active]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def sync_product(product_id: int) -> bool:
    """Bring the provider's copy of a product up to date; return whether a call was needed.

    Raises PaymentError after noting it on the product: the job tries again.
    """
    end_read()
    found = _content(product_id)
    if found is None:
        return False
    content, known_hash = found
    provider = current_provider()
    there, fresh = gateway(provider), content.hash(provider)
    end_read()
    if fresh == known_hash:
        return False
    try:
        if content.is_active:
            there.upsert_product(
                content.ref_id,
                name=content.name,
                description=content.description,
                images=content.images,
                metadata={"product": content.ref_id, "hash": fresh},
            )
        else:
            there.archive_product(content.ref_id)
    except PaymentError as error:
        _note(product_id, sync_error=str(error)[:255])
        raise
    ref = f"{provider}:{content.ref_id}" if content.is_active else None
    _note(product_id, provider_ref=ref, sync_hash=fresh, synced_at=now(), sync_error=None)
    return True


def _content(product_id: int) -> tuple[Synced, str | None] | None:
    row = db.session.execute(
        select(
            Product.id,
            Product.name,
            Product.summary,
            Product.cover,
            Product.is_active,
            Product.sync_hash,
            Product.created_at,
            Brand.name.label("brand"),
        )
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .where(Product.id == product_id)
    ).one_or_none()
    if row is None:
        return None
    image = f"{public_url()}/media/{row.cover}-800.webp"
    content = Synced(
        # The moment of its making tells installations apart that share an account.
        ref_id=f"shop_{int(row.created_at.timestamp())}_{row.id}",
        name=f"{row.brand} {row.name}" if row.brand else row.name,
        description=row.summary,
        images=(image,) if row.cover else (),
        is_active=row.is_active,
    )
    return content, row.sync_hash


def _note(product_id: int, **values: object) -> None:
    """Write the state of the copy; nothing that is shown to shoppers changes."""
    with transaction():
        changed(
            update(Product)
            .where(Product.id == product_id)
            .values(**values, updated_at=Product.updated_at)
        )
