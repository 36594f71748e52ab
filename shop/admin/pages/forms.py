"""What staff type about a page."""

from wtforms import SelectField, StringField, TextAreaField

from shop.admin.forms import DeskForm
from shop.admin.pages.input_types import PageValues, page_shown
from shop.catalog.text import make_slug
from shop.core import plaintext
from shop.core.errors import BadInput
from shop.models import Page, PageSection
from shop.models.columns import LONGEST_LINE
from shop.models.page import LONGEST_SLUG
from shop.pages.roles import PageText
from shop.pages.services import LONGEST_TITLE, check_slug, check_text
from shop.web.forms import options

MOST_POSITION = 9999


class PageForm(DeskForm):
    """A page: its text, its address, its place in the footer."""

    title = StringField("Title", render_kw={"maxlength": LONGEST_TITLE})
    source = TextAreaField("Text")
    description = StringField(
        "For search engines",
        description="One sentence, shown below the title in search results. Empty: the text’s "
        "beginning.",
        render_kw={"maxlength": LONGEST_LINE},
    )
    slug = StringField(
        "Address",
        description="/pages/… Former addresses lead here.",
        render_kw={"maxlength": LONGEST_SLUG},
    )
    section = SelectField("In the footer", validate_choice=False)
    position = StringField("Place", render_kw={"inputmode": "numeric", "maxlength": 4})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.section.choices = options(
            [
                (PageSection.HELP, "Under Help"),
                (PageSection.LEGAL, "Under Legal"),
                (PageSection.NONE, "Not there"),
            ]
        )

    @classmethod
    def of(cls, page: Page) -> "PageForm":
        """Return the form with the page's draft, whatever the request posts."""
        return cls(formdata=None, data=page_shown(page) | {"version": str(page.version)})

    def values(self) -> PageValues:
        """Return the checked page. Raises BadInput."""
        wrong: dict[str, str] = {}
        title, source = self.title.data or "", self.source.data or ""
        slug = self.slug.data or make_slug(title)
        text = PageText(title, self.description.data or "", source)
        for check in (lambda: check_text(text), lambda: check_slug(slug) if title else slug):
            try:
                check()
            except BadInput as error:
                wrong |= error.fields
        if self.section.data not in set(PageSection):
            wrong["section"] = "Choose where it stands."
        position = self._position(wrong)
        if wrong:
            raise BadInput(**wrong)
        return PageValues(text, slug, PageSection(self.section.data), position)

    def _position(self, wrong: dict[str, str]) -> int:
        typed = plaintext.code(self.position.data or "") or "0"
        if not typed.isascii() or not typed.isdecimal() or int(typed[:9]) > MOST_POSITION:
            wrong["position"] = f"Enter a whole number from 0 to {MOST_POSITION}."
            return 0
        return int(typed)
