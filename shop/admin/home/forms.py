"""What staff type about a block of the home page."""

from wtforms import BooleanField, SelectField, StringField, TextAreaField

from shop.admin.home.input_types import block_shown
from shop.admin.home.labels import SOURCES
from shop.admin.home.queries import section_choices
from shop.admin.sections.look_forms import PictureForm
from shop.catalog.blocks import LONGEST_TEXT_OF_BLOCK, Block
from shop.core import plaintext
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.models import BlockKind, PieceSource
from shop.web.forms import options


class BlockForm(PictureForm):
    """A block. Which of its fields are shown, `FIELDS` says for each kind."""

    title = StringField("Title", render_kw={"maxlength": 120})
    text = TextAreaField(
        "Text",
        description="An empty line begins a paragraph.",
        render_kw={"rows": 5, "maxlength": LONGEST_TEXT_OF_BLOCK},
    )
    link_text = StringField("Words of its link", render_kw={"maxlength": 60})
    link_url = StringField(
        "Where the link leads",
        description="A path of the shop, like /collections/gifts.",
        render_kw={"maxlength": 250, "spellcheck": "false", "autocapitalize": "none"},
    )
    source = SelectField("Which pieces", validate_choice=False)
    collection = SelectField("Collection", validate_choice=False)
    category = SelectField("Category", validate_choice=False)
    amount = StringField("How many", render_kw={"inputmode": "numeric"})
    is_hidden = BooleanField("Hidden")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = section_choices()
        self.source.choices = options([(each.value, str(words)) for each, words in SOURCES.items()])
        for field, known in zip((self.collection, self.category), choices, strict=True):
            pairs = [("", "–"), *known]
            if field.data and field.data not in {value for value, _ in pairs}:
                pairs.append((field.data, "One that was deleted"))
            field.choices = options(pairs)

    @classmethod
    def of(cls, block: Block, version: int = 0) -> "BlockForm":
        """Return the form with what the block is now, whatever the request posts."""
        shown: dict[str, object] = {**block_shown(block), "version": str(version or "")}
        return cls(formdata=None, data=shown | {"is_hidden": block.is_hidden})

    def block(self, kind: BlockKind) -> Block:
        """Return the block. Raises BadInput."""
        source = self.source.data or PieceSource.NEWEST
        amount = plaintext.code(self.amount.data or "") or "4"
        if source not in set(PieceSource):
            raise BadInput(source="Choose which pieces.")
        if not (amount.isascii() and amount.isdigit() and len(amount) < 4):
            raise BadInput(amount="Enter a number, like 4.")
        field = {"collection": self.collection, "category": self.category}.get(source)
        source_id = parse_id(field.data) if field is not None else None
        if field is not None and not source_id and kind is BlockKind.PIECES:
            raise BadInput(**{field.name: f"Choose a {field.name}."})
        return Block(
            kind=kind,
            is_hidden=bool(self.is_hidden.data),
            title=self.title.data or "",
            text=self.text.data or "",
            picture=self.picture_key(),
            picture_alt=self.picture_alt.data or "",
            link_text=(self.link_text.data or "").strip(),
            link_url=(self.link_url.data or "").strip(),
            source=PieceSource(source),
            source_id=source_id or None,
            amount=int(amount),
        ).checked()
