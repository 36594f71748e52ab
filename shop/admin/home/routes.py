"""The desk of the home page: blocks, their order, a look at the draft, publishing it."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.home import queries, services
from shop.admin.home.forms import BlockForm
from shop.admin.home.labels import FIELDS, KINDS_OF_BLOCKS, SOURCES
from shop.admin.sections.ordering import read_act, read_ids, rearrange
from shop.auth.guard import needs
from shop.catalog.blocks import Block
from shop.catalog.queries.home import get_home
from shop.catalog.queries.sections import sections
from shop.catalog.services.home import draft_blocks
from shop.core.config import config
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.delivery.queries import free_delivery_from
from shop.media.uploads import accept_uploads
from shop.models import BlockKind
from shop.web.responses import answer_shop_error, or_not_found, redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("home", __name__, url_prefix="/home")
accept_uploads(
    blueprint,
    "admin.home.create",
    "admin.home.update",
    may=lambda: current_visitor().may("pages.edit"),
)


@blueprint.get("")
@needs("pages.edit")
def index() -> Response:
    """Show the blocks of the draft."""
    return _desk()


@blueprint.post("")
@needs("pages.edit")
def arrange() -> Response:
    """Put the blocks in order, or take one out."""
    act, which = read_act(request.form.get("act", ""))
    was = read_ids(request.form.get("was", "").split(","))
    wanted = rearrange(read_ids(request.form.getlist("piece")), act, which)
    services.arrange_home(was, wanted, staff=staff())
    return _done(_("The order is saved."), f"#piece-{which}" if act != "drop" and which else "")


@blueprint.get("/preview")
@needs("pages.edit")
def preview() -> str:
    """Show the home page as the draft makes it."""
    return render_template(
        "catalog/home.html",
        page=get_home(sections(), draft_blocks()),
        free_from=free_delivery_from(),
        currency=config().currency,
        is_draft=True,
    )


@blueprint.post("/publication")
@needs("pages.edit")
def publish() -> Response:
    """Let everybody see the draft."""
    services.publish_draft(request.form.get("mark", ""), staff=staff())
    return _done(_("The home page is published."))


@blueprint.post("/discard")
@needs("pages.edit")
def discard() -> Response:
    """Forget the draft."""
    services.discard_draft(request.form.get("mark", ""), staff=staff())
    return _done(_("The changes are gone. The home page is as everybody sees it."))


@blueprint.get("/blocks/new")
@needs("pages.edit")
def new() -> Response:
    """Show an empty block of a kind."""
    kind = _kind(request.args.get("kind"))
    return _block_page(BlockForm.of(Block(kind=kind)), kind)


@blueprint.post("/blocks")
@needs("pages.edit")
def create() -> Response:
    """Add a block."""
    kind, form, who = _kind(request.form.get("kind")), BlockForm(), staff()
    key = form.attempt(lambda: services.make_block(form.block(kind), staff=who))
    if key is None:
        return _block_page(form, kind, status=form.status)
    return _done(_("The block is added to the draft."), f"#piece-{key}")


@blueprint.get("/blocks/<int:block_key>")
@needs("pages.edit")
def show(block_key: int) -> Response:
    """Show a block."""
    block, version = queries.get_draft_block(block_key)
    return _block_page(BlockForm.of(block, version), block.kind, block_key)


@blueprint.post("/blocks/<int:block_key>")
@needs("pages.edit")
def update(block_key: int) -> Response:
    """Change a block."""
    kind = queries.get_draft_block(block_key)[0].kind
    form, who = BlockForm(), staff()
    seen = form.seen

    def save() -> str:
        return services.save_block(block_key, seen, form.block(kind), staff=who)

    if form.attempt(save) is None:
        return _block_page(form, kind, block_key, form.status)
    return _done(_("The draft is saved."), f"#piece-{block_key}")


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the draft as it is now, with what was wrong."""
    if isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    return _desk(str(error), int(error.status))


def _kind(text: str | None) -> BlockKind:
    if text not in set(BlockKind):
        raise BadInput("Choose what the block should show.")
    return BlockKind(text)


def _desk(problem: str = "", status: int = 200) -> Response:
    html = render_template(
        "admin/home/index.html",
        desk=queries.load_home_desk(),
        kinds=KINDS_OF_BLOCKS,
        sources=SOURCES,
        problem=problem,
    )
    return make_response(html, status)


def _block_page(
    form: BlockForm, kind: BlockKind, block_key: int | None = None, status: int = 200
) -> Response:
    html = render_template(
        "admin/home/block.html",
        form=form,
        kind=kind,
        title=KINDS_OF_BLOCKS[kind],
        fields=FIELDS[kind],
        block_key=block_key,
    )
    return make_response(html, status)


def _done(message: str, anchor: str = "") -> Response:
    flash(message, "success")
    return redirect_to(f"/admin/home{anchor}", 303)
