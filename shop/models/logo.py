"""The shop's logo."""

from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class LogoTheme(StrEnum):
    """On which ground a logo stands: light, or dark."""

    LIGHT = "light"
    DARK = "dark"


class Logo(Base):
    """The logo for a theme: a stored picture with the size of its largest file."""

    __tablename__ = "logo"

    theme: Mapped[LogoTheme] = mapped_column(primary_key=True)
    picture: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
