"""Revisions on both engines: no drift from the models, and a full shop survives each of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from shop.audit.services import audit
from shop.cart.queries import list_lines
from shop.core.config import ROOT
from shop.core.db import Base, db, transaction
from shop.jobs import drain
from shop.models import AttemptState, CartItem, Job, MailMessage, MailState, Setting
from shop.operations.queries import known_revisions
from shop.orders.services import send_payment_back
from shop.settings.queries import shop_settings
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_product, make_user
from tests.orders import kit
from tests.orders.test_attention import awaited_twice

MIGRATIONS = str(ROOT / "migrations")


def counts() -> dict[str, int]:
    """Return how many rows each table of the database has."""
    db.session.remove()
    with db.engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        quote = connection.dialect.identifier_preparer.quote
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar() or 0
            for name in sorted(names)
        }


def fill() -> dict[str, int]:
    """Sell something in every state; return the counts of the tables."""
    kit.open_shop()
    make_user("a@example.org")
    with transaction() as session:
        session.add(Setting(key="name", value="Maison"))
    products = [make_product(f"Piece {n}", stock=9, variants=[{}, {}]) for n in range(3)]
    for instrument in ("visa", "sepa"):
        placed, ref = kit.to_payment(kit.fill_cart(*products, quantity=2))
        kit.pay(ref, instrument)
        assert placed.id
    coupon(product_ids=(products[0].id,))
    with_code = kit.fill_cart(products[0])
    apply(with_code)
    kit.to_payment(with_code, email="other@example.org")
    drain()
    found = counts()
    filled = {name for name, count in found.items() if count}
    assert filled >= {
        "product", "product_variant", "product_image", "cart", "cart_item", "orders", "order_item",
        "order_event", "checkout_attempt", "payment", "stock_hold", "stock_movement", "job",
        "mail_message", "webhook_event", "users", "setting", "delivery_method", "tax_rate",
        "coupon", "coupon_product", "coupon_redemption",
    }  # fmt: skip
    return found


def test_revisions_are_named_in_their_order() -> None:
    scripts = ScriptDirectory(MIGRATIONS).walk_revisions()
    assert known_revisions() == tuple(script.revision for script in scripts)


@both_engines
def test_the_revisions_make_what_the_models_say(ctx: Flask) -> None:
    check(directory=MIGRATIONS)


@both_engines
def test_a_full_shop_goes_down_and_up_through_every_revision(ctx: Flask) -> None:
    before = fill()
    for _ in known_revisions()[:-1]:  # the first revision has no shop below it
        downgrade(directory=MIGRATIONS)
    kept = counts()
    upgrade(directory=MIGRATIONS)
    after = counts()
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after.keys() == before.keys()


@both_engines
def test_the_first_revision_goes_and_comes_back(make_app: Callable[..., Flask]) -> None:
    with make_app().app_context():
        downgrade(directory=MIGRATIONS, revision="base")
        assert counts() == {}
        upgrade(directory=MIGRATIONS)
        assert set(counts()) == set(Base.metadata.tables)
        assert counts()["shop_state"] == 1


REBUILD = '''
"""Rebuild a table that many others refer to."""
from alembic import op
import sqlalchemy as sa
from alembic.script import ScriptDirectory
revision, down_revision, branch_labels, depends_on = "test", "{newest}", None, None
def how():
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"
def upgrade():
    with op.batch_alter_table("orders", recreate=how()) as batch:
        batch.add_column(sa.Column("trial", sa.Integer(), nullable=True))
    {spoil}
def downgrade():
    with op.batch_alter_table("orders", recreate=how()) as batch:
        batch.drop_column("trial")
'''


def with_revision(tmp_path: Path, spoil: str = "pass") -> str:
    """Return a copy of the migrations with one more revision, which rebuilds `orders`."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    text = REBUILD.format(newest=known_revisions()[0], spoil=spoil)
    (folder / "versions" / "test_rebuild.py").write_text(text)
    return str(folder)


@both_engines
def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(ctx: Flask, tmp_path: Path) -> None:
    """With foreign keys on, SQLite's batch change would cascade the children away."""
    before = fill()
    directory = with_revision(tmp_path)
    upgrade(directory=directory)
    assert counts() == before
    downgrade(directory=directory)
    assert counts() == before
    assert db.session.scalar(sa.text("SELECT count(*) FROM order_item")) == before["order_item"]
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_a_revision_that_leaves_orphans_is_undone(
    ctx: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = fill()
    directory = with_revision(tmp_path, spoil='op.execute("DELETE FROM product")')
    with pytest.raises(SystemExit):
        upgrade(directory=directory)
    assert "without their parent" in caplog.text
    assert counts() == before
    check(directory=MIGRATIONS)


SEARCH = "SELECT id FROM product WHERE search_text LIKE '%lamp%' ESCAPE '!'"
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@on_postgresql
def test_words_are_found_by_an_index(ctx: Flask) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql(
            "SET LOCAL enable_seqscan = off"
        )  # a small table is read at once
        plan = connection.exec_driver_sql(f"EXPLAIN {SEARCH.replace('%', '%%')}").scalars()
        assert "ix_product_trigrams" in "\n".join(plan)


@on_postgresql
def test_a_role_that_may_not_create_extensions_goes_without(ctx: Flask) -> None:
    statement = ScriptDirectory(MIGRATIONS).get_revision("0001").module.SEARCH_INDEX
    with db.engine.connect() as connection:
        for preparation in (
            "DROP EXTENSION pg_trgm CASCADE",
            "CREATE ROLE vitrine_test_poor",
            "SET LOCAL ROLE vitrine_test_poor",
        ):
            connection.exec_driver_sql(preparation)
        connection.execute(sa.text(statement))
        connection.exec_driver_sql("RESET ROLE")
        names = {index["name"] for index in sa.inspect(connection).get_indexes("product")}
        assert "ix_product_search" in names
        assert "ix_product_trigrams" not in names
        connection.rollback()  # brings the extension back and the role away


@both_engines
def test_orders_of_one_locale_keep_how_they_were_written(ctx: Flask) -> None:
    """Revision 0002: they said "en", were written as the merchant chose, and saw no terms."""
    fill()
    with transaction() as session:
        session.add(Setting(key="locale", value="de_DE"))
    downgrade(directory=MIGRATIONS, revision="0001")
    with transaction() as session:
        session.execute(sa.text("UPDATE orders SET locale = 'en', terms_accepted_at = placed_at"))
    upgrade(directory=MIGRATIONS)
    query = sa.text("SELECT DISTINCT locale, language, terms_accepted_at FROM orders")
    assert [tuple(row) for row in db.session.execute(query)] == [("de_DE", "en", None)]


@both_engines
def test_shops_that_have_begun_with_a_prefix_go_on_with_it(ctx: Flask) -> None:
    """Revision 0005: until then all numbers began with MF-."""
    fill()
    downgrade(directory=MIGRATIONS, revision="0004")
    upgrade(directory=MIGRATIONS)
    assert shop_settings().order_prefix == ""
    db.session.rollback()
    downgrade(directory=MIGRATIONS, revision="0004")
    with transaction() as session:
        session.execute(sa.text("UPDATE orders SET number = 'MF-' || number"))
    upgrade(directory=MIGRATIONS)
    assert db.session.get_one(Setting, "order_prefix").value == "MF-"


@both_engines
def test_orders_of_before_are_found_as_new_ones_are(ctx: Flask) -> None:
    """Revision 0006: their folded texts are those that placing them would write today."""
    fill()
    texts = "SELECT search_text FROM orders UNION ALL SELECT search_text FROM order_item"
    before = db.session.scalars(sa.text(texts)).all()
    db.session.rollback()
    downgrade(directory=MIGRATIONS, revision="0005")
    upgrade(directory=MIGRATIONS)
    after = db.session.scalars(sa.text(texts)).all()
    assert sorted(after) == sorted(before)
    assert all(after)


@both_engines
def test_mails_that_wait_for_the_worker_are_sent_after_all(ctx: Flask) -> None:
    """Revision 0013: until then the mail about a slow payment did not say of which attempt."""
    kit.open_shop()
    _, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, "sepa_fails_later")
    downgrade(directory=MIGRATIONS, revision="0012")
    with transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.name == "mail.order_processing")).one()
        job.payload = {"order_id": job.payload["order_id"]}
    upgrade(directory=MIGRATIONS)
    drain()
    mail = db.session.scalars(sa.select(MailMessage)).one()
    assert (mail.kind, mail.state) == ("order_processing", MailState.SENT)


@both_engines
def test_money_that_differs_is_before_staff_again(ctx: Flask) -> None:
    """Revision 0014: orders that it came for could be paid once more, and be looked away from."""
    kit.open_shop()
    cart_id = kit.fill_cart(make_product(stock=3))
    order, ref = kit.to_payment(cart_id)
    awaited_twice(ref, order.id)
    kit.sandbox_of(ctx).fault("charge_other_amount", -440)
    kit.pay(ref)
    downgrade(directory=MIGRATIONS, revision="0013")
    with transaction() as session:
        session.execute(sa.text("UPDATE orders SET payment_status = 'pending', attention = ''"))
        bag = {"cart_id": cart_id, "variant_id": 1, "quantity": 1, "seen_amount": 1}
        session.add(CartItem(**bag))
    upgrade(directory=MIGRATIONS)
    found = kit.order(order.id)
    assert (found.payment_status, found.attention) == ("processing", "mismatch")
    assert kit.newest_attempt(order.id).state is AttemptState.OPEN
    drain()
    assert kit.newest_attempt(order.id).state is AttemptState.EXPIRED
    assert audit() == []
    send_payment_back(order.id, kit.payments(order.id)[0].id)
    assert [line.quantity for line in list_lines(cart_id)] == [1]
