"""Methods of delivery belong to zones; a country is of one zone at most.

Revision: 0033, after 0032

Countries to which the same methods went become a zone. A method that went to several of them is
there once in each afterwards, and orders keep the first. On the way down those of all other
countries go everywhere.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ID = sa.Integer()
METHOD = sa.table(
    "delivery_method",
    *map(
        sa.column,
        (
            "id", "code", "name", "description", "carrier_id", "unit_amount", "free_from",
            "min_days", "max_days", "position", "is_active", "version", "zone_id",
        ),
    ),
    sa.column("countries", sa.JSON()),
)  # fmt: skip
ZONE = sa.table(
    "delivery_zone",
    sa.column("id"),
    sa.column("name"),
    sa.column("is_rest", sa.Boolean()),
    sa.column("position"),
)
COUNTRY = sa.table("delivery_zone_country", sa.column("country"), sa.column("zone_id"))
LONGEST_CODE = 64


def upgrade() -> None:
    op.create_table(
        "delivery_zone",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_rest", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_delivery_zone_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_zone")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_delivery_zone_rest",
        "delivery_zone",
        ["is_rest"],
        unique=True,
        sqlite_where=sa.text("is_rest"),
        postgresql_where=sa.text("is_rest"),
    )
    op.create_table(
        "delivery_zone_country",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("zone_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["delivery_zone.id"],
            name=op.f("fk_delivery_zone_country_zone_id_delivery_zone"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_delivery_zone_country")),
    )
    op.create_index(
        op.f("ix_delivery_zone_country_zone_id"), "delivery_zone_country", ["zone_id"]
    )
    op.add_column("delivery_method", sa.Column("zone_id", ID, nullable=True))
    _make_zones(op.get_bind())
    with change_table("delivery_method") as batch:
        batch.alter_column("zone_id", existing_type=ID, nullable=False)
        batch.create_foreign_key(
            op.f("fk_delivery_method_zone_id_delivery_zone"), "delivery_zone", ["zone_id"], ["id"]
        )
        batch.drop_column("countries")
        batch.create_index(op.f("ix_delivery_method_zone_id"), ["zone_id"])


def downgrade() -> None:
    bind = op.get_bind()
    op.add_column("delivery_method", sa.Column("countries", sa.JSON(), nullable=True))
    _list_countries(bind)
    with change_table("delivery_method") as batch:
        batch.drop_index(op.f("ix_delivery_method_zone_id"))
        batch.drop_constraint(
            op.f("fk_delivery_method_zone_id_delivery_zone"), type_="foreignkey"
        )
        batch.drop_column("zone_id")
        batch.alter_column("countries", existing_type=sa.JSON(), nullable=False)
    op.drop_table("delivery_zone_country")
    op.drop_table("delivery_zone")


def _make_zones(bind: sa.Connection) -> None:
    methods = bind.execute(sa.select(METHOD).order_by(METHOD.c.position, METHOD.c.id)).all()
    taken = {row.code for row in methods}
    placed: set[int] = set()
    for position, (ids, countries) in enumerate(_alike(methods)):
        zone = bind.execute(
            ZONE.insert()
            .values(name=_name(countries), is_rest=not countries, position=position)
            .returning(ZONE.c.id)
        ).scalar_one()
        for country in countries:
            bind.execute(COUNTRY.insert().values(country=country, zone_id=zone))
        for row in (row for row in methods if row.id in ids):
            if row.id not in placed:
                placed.add(row.id)
                bind.execute(METHOD.update().where(METHOD.c.id == row.id).values(zone_id=zone))
                continue
            code = _free(row.code, taken)
            taken.add(code)
            copied = {name: value for name, value in row._mapping.items() if name != "id"}
            bind.execute(METHOD.insert().values({**copied, "zone_id": zone, "code": code}))


def _alike(methods: Iterable[Any]) -> list[tuple[frozenset[int], list[str]]]:
    """Return the countries to which the same methods go, with these; no countries: the others."""
    known: dict[str, list[int]] = {}
    for row in methods:
        known |= {country: [] for country in row.countries if country not in known}
    everywhere = [row.id for row in methods if not row.countries]
    for country, ids in known.items():
        ids += [row.id for row in methods if not row.countries or country in row.countries]
    zones: dict[frozenset[int], list[str]] = {}
    for country, ids in known.items():
        zones.setdefault(frozenset(ids), []).append(country)
    return [*zones.items(), *([(frozenset(everywhere), [])] if everywhere else [])]


def _name(countries: list[str]) -> str:
    if not countries:
        return "Everywhere else"
    more = f" and {len(countries) - 5} more" if len(countries) > 5 else ""
    return ", ".join(countries[:5]) + more


def _free(code: str, taken: set[str]) -> str:
    number = 2
    while (found := f"{code[: LONGEST_CODE - 4]}-{number}") in taken:
        number += 1
    return found


def _list_countries(bind: sa.Connection) -> None:
    of: dict[int, list[str]] = {}
    for row in bind.execute(sa.select(COUNTRY).order_by(COUNTRY.c.country)):
        of.setdefault(row.zone_id, []).append(row.country)
    for row in bind.execute(sa.select(METHOD.c.id, METHOD.c.zone_id)).all():
        values = {"countries": of.get(row.zone_id, [])}
        bind.execute(METHOD.update().where(METHOD.c.id == row.id).values(values))
