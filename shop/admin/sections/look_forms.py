"""Picture and words for search engines, in the forms of categories, brands and collections."""

from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, FileField, HiddenField, StringField, TextAreaField

from shop.admin.forms import DeskForm
from shop.catalog.input_types import PICTURE_KEY, LookFields
from shop.core.errors import BadInput
from shop.media.decode import MAX_MEGABYTES
from shop.media.services import read_picture, store_picture
from shop.media.uploads import ACCEPTED


class PictureForm(DeskForm):
    """A form of something with a picture. `picture`: the key of the one that it has.

    A picture that was chosen is stored before anything is judged, so that it is still there when
    the form comes back.
    """

    picture = HiddenField("Picture")
    upload = FileField(
        "Choose a picture",
        description=f"JPEG, PNG, WebP or AVIF, up to {MAX_MEGABYTES} MB.",
        render_kw={"accept": ACCEPTED},
    )
    no_picture = BooleanField("Take the picture away")
    picture_alt = StringField(
        "What the picture shows",
        description="For those who cannot see it. Leave it empty if it only decorates.",
        render_kw={"maxlength": 250},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unusable = ""
        file = self.upload.data
        if isinstance(file, FileStorage) and file.filename:
            try:
                self.picture.data = store_picture(file.read()).key
            except BadInput as error:
                self._unusable = str(error)
        if self.no_picture.data:
            self.picture.data = ""

    def picture_key(self) -> str:
        """Return the key of the picture, "" for none. Raises BadInput."""
        key = self.picture.data or ""
        if self._unusable:
            raise BadInput(upload=self._unusable)
        if key and (not PICTURE_KEY.fullmatch(key) or read_picture(key, 120) is None):
            self.picture.data = ""
            raise BadInput(upload="Choose the picture again.")
        return key


class LookForm(PictureForm):
    """A form of a section: its picture, and words for search engines."""

    seo_title = StringField(
        "Title for search engines",
        description="Left empty, the name stands there.",
        render_kw={"maxlength": 120},
    )
    seo_description = TextAreaField(
        "Description for search engines",
        description="One or two sentences. Left empty, the text above begins it.",
        render_kw={"rows": 2, "maxlength": 250},
    )

    def look(self) -> LookFields:
        """Return how it shows itself. Raises BadInput."""
        look = LookFields(
            self.picture_key(),
            self.picture_alt.data or "",
            self.seo_title.data or "",
            (self.seo_description.data or "").replace("\n", " "),
        )
        look.check()
        return look
