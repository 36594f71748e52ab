"""The bare limit: one Flask page with 24 cards from one ORM statement, and nothing else of a shop.

`LIMITS_DB` names the database. `/grid?page=N` is what `limit_rps` is measured on.
"""

import os
import random
from collections.abc import Iterator

from flask import Flask, render_template, request
from sqlalchemy import String, Text, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

URL = os.environ.get("LIMITS_DB", "sqlite:///limits.sqlite3")
PER_PAGE = 24
ROWS = 1000
WORDS = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor".split()

options = {} if URL.startswith("sqlite") else {"pool_size": 8, "max_overflow": 8}
engine = create_engine(URL, **options)
Session = sessionmaker(engine, expire_on_commit=False)
app = Flask(__name__)
NAV = [f"cat-{number}" for number in range(12)]


class Base(DeclarativeBase):
    """Its own metadata: these tables are no part of the shop."""


class Product(Base):
    """As many columns as a card shows."""

    __tablename__ = "limits_product"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text)
    price: Mapped[int] = mapped_column(index=True)
    stock: Mapped[int]
    image: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(60), index=True)
    active: Mapped[bool] = mapped_column(default=True)


def rows() -> Iterator[dict[str, object]]:
    """Yield the table's rows, the same in every run."""
    chance = random.Random(7)
    for number in range(1, ROWS + 1):
        yield {
            "id": number,
            "slug": f"product-{number}",
            "name": " ".join(chance.choices(WORDS, k=4)).title(),
            "summary": " ".join(chance.choices(WORDS, k=28)),
            "price": chance.randrange(199, 99999),
            "stock": chance.randrange(0, 50),
            "image": f"/static/img/p/{number}.webp",
            "category": NAV[number % 12],
            "active": True,
        }


def fill() -> None:
    """Make the table anew."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(Product.__table__.insert(), list(rows()))
    engine.dispose()


@app.get("/grid")
def grid() -> str:
    """Answer a page of cards."""
    offset = (request.args.get("page", 1, type=int) - 1) * PER_PAGE
    with Session() as session:
        products = session.scalars(
            select(Product)
            .where(Product.active.is_(True))
            .order_by(Product.id)
            .limit(PER_PAGE)
            .offset(offset)
        ).all()
        return render_template("grid.html", products=products, nav=NAV)


if __name__ == "__main__":
    fill()
