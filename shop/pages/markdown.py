"""Text of staff to HTML: a subset of Markdown, and then an allow-list, whatever came out of it.

Decision 20 tells why these two libraries. Both are loaded when a text is rendered, which is when
staff preview or publish one. Pure.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# What a source is rendered to is kept beside it, with this number. Raise it with every change of
# what follows: HTML of another number is never shown, but made anew (`html_of`).
RULES: Final = 1
LONGEST: Final = 50_000  # characters of a source; the worst of them take half a second

_ENABLED: Final = (
    "autolink", "blockquote", "emphasis", "entity", "escape", "heading", "hr", "link", "list",
    "newline", "table",
)  # fmt: skip
_TAGS: Final = frozenset(
    "a blockquote br em h2 h3 h4 hr li ol p strong table tbody td th thead tr ul".split()
)
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
# The page's title is its only h1: a # counts as ##, and nothing goes below ####.
_LEVELS: Final = {"h1": "h2", "h5": "h4", "h6": "h4"}


def render_markdown(source: str) -> Markup:
    """Return `source` as HTML that may stand in any page as it is.

    Links lead to http(s), mailto and tel, or to a path of the shop; they open where they stand
    (no `target`) and their pages cannot reach ours (`rel="noopener"`). A line ends where it was
    ended, as in an address. No picture, no HTML, no code block, no style. What is nested more than
    twenty levels deep is left out.
    """
    import nh3

    html = nh3.clean(
        _parser().render(source),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_own_or_named,
        url_schemes=set(_SCHEMES),
        link_rel="noopener",
    )
    # A wide table scrolls by itself, on a phone and with the keyboard.
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    return Markup(html)  # noqa: S704 -- it has just been cleaned


def html_of(source: str, html: str, rules: int) -> Markup:
    """Return `html` where it was made of `source` by the present rules, else what they make."""
    if rules != RULES:
        return render_markdown(source)
    return Markup(html)  # noqa: S704 -- it was cleaned by these rules when it was stored


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt(
        "zero", {"html": False, "linkify": False, "typographer": False, "breaks": True}
    )
    parser.enable(list(_ENABLED))
    parser.core.ruler.push("levels", _lower_headings)
    return parser


def _lower_headings(state: object) -> None:
    for token in state.tokens:  # type: ignore[attr-defined]  # a StateCore, which is not loaded here
        if token.type in {"heading_open", "heading_close"}:
            token.tag = _LEVELS.get(token.tag, token.tag)


def _own_or_named(_tag: str, attribute: str, value: str) -> str | None:
    """Return the address of a link that says where it leads, None for any other."""
    if attribute != "href":
        return value
    if value.startswith("/"):
        return None if value.startswith(("//", "/\\")) else value
    return value if ":" in value else None
