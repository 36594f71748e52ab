"""What a member of staff looks at again and again."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Prose


class SavedView(Base):
    """A list of orders under a name of one's own. `query`: that of its address, without "?".

    Names are unique for each person by `name_key`, in whatever case they are typed.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "name_key"),
        CheckConstraint("name <> '' AND name_key <> ''", name="name"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    name_key: Mapped[str] = mapped_column(String(80))
    query: Mapped[Prose]
    created_at: Mapped[Created]
