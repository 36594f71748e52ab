"""The logo: put up, replaced and taken down."""

from sqlalchemy import delete, select

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import changed, db, insert_new
from shop.core.errors import BadInput
from shop.media.services import StoredPicture, store_picture
from shop.models import Logo, LogoTheme
from shop.shared.page_versions import bump_settings

_START = 1024  # bytes in which an SVG says what it is


def read_logo(data: bytes) -> StoredPicture:
    """Return an uploaded logo, stored in the sizes of all pictures.

    Slow: call it outside a transaction. Raises BadInput for what is no picture, an SVG among it:
    it can carry scripts and addresses of others.
    """
    if not data:
        raise BadInput(picture="Choose a picture.")
    if b"<svg" in data[:_START].lower():
        raise BadInput(
            picture="This is an SVG, which can carry scripts and is not taken. Save it as PNG, "
            "800 pixels wide or more, with a transparent ground."
        )
    try:
        return store_picture(data)
    except BadInput as error:
        raise type(error)(picture=str(error)) from error


@done_once
def save_logo(theme: LogoTheme, picture: StoredPicture, *, staff: Staff) -> Entry:
    """Put up the logo for a theme, in place of the one there is."""
    with audited("settings.logo", "logo", theme, staff=staff) as entry:
        size = {"width": picture.width, "height": picture.height}
        insert_new(Logo, theme=theme, picture="", **size)  # or there is one already
        row = db.session.scalars(select(Logo).where(Logo.theme == theme).with_for_update()).one()
        entry.before, entry.after = {"picture": row.picture}, {"picture": picture.key}
        row.picture, row.width, row.height = picture.key, picture.width, picture.height
        bump_settings()
    return entry


@done_once
def remove_logo(theme: LogoTheme, *, staff: Staff) -> Entry:
    """Take down the logo for a theme; the files stay, mails that were sent show them."""
    with audited("settings.logo", "logo", theme, staff=staff) as entry:
        row = db.session.scalar(select(Logo).where(Logo.theme == theme).with_for_update())
        if row is not None:
            entry.before, entry.after = {"picture": row.picture}, {"picture": ""}
            changed(delete(Logo).where(Logo.theme == theme))
            bump_settings()
    return entry
