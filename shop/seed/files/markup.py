"""HTML in texts of other shops, as plain text: paragraphs and lists stay, everything else goes.

Pages escape what they show, so this is about reading well; the standard library's parser, which
never fails, is enough. Pure.
"""

import re
from html.parser import HTMLParser
from typing import Final

_TAGS: Final = (
    "a abbr article aside b blockquote br center code dd del div dl dt em figure font footer h1 h2 "
    "h3 h4 h5 h6 header hr i iframe img ins li main nav object ol p pre s script section small "
    "span strike strong style sub sup svg table tbody td tfoot th thead tr tt u ul video"
).split()
_LOOKS_LIKE: Final = re.compile(
    rf"<(?:/?(?:{'|'.join(_TAGS)})(?=[\s/>])[^<>]*>|!--)"
    r"|&(?:[a-zA-Z]{2,8}|#[0-9]{1,6}|#x[0-9a-fA-F]{1,5});",
    re.IGNORECASE,
)
_BLOCKS: Final = frozenset(
    "article aside blockquote center div dl dd dt figure footer h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol p pre section table tr ul".split()
)
_UNSEEN: Final = frozenset("script style iframe object svg".split())
_MARK: Final = "• "


def plain_text(text: str) -> str:
    """Return a text as paragraphs with an empty line between; the items of lists are some.

    A text that holds no markup stays as it is, its signs < and & too.
    """
    if not _LOOKS_LIKE.search(text):
        return text
    reader = _Reader()
    # Markup that is begun and never ended is text; the parser would look for its end each time.
    reader.feed(re.sub(r"<(?![^<>]*>)", "&lt;", text))
    reader.close()
    return reader.text()


def plain_line(text: str) -> str:
    """Return a text in one line without markup."""
    return " ".join(plain_text(text).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[list[str]] = [[]]
        self._unseen = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self._blocks.append([_MARK] if tag == "li" else [])
        elif tag in {"br", "td", "th"}:
            self._blocks[-1].append("\n" if tag == "br" else " ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BLOCKS:
            self._blocks.append([])

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # Line breaks of the source are spaces; those that people see came from a tag.
            self._blocks[-1].append(" ".join(re.split(r"\s+", data)))

    def text(self) -> str:
        """Return what was read. Two line breaks in a row begin a paragraph, one is a space."""
        found: list[str] = []
        mark = ""
        for block in self._blocks:
            for part in re.split(r"\n\s*\n", "".join(block)):
                words = " ".join(part.split())
                if words == _MARK.strip():
                    mark = _MARK  # <li><p>…: the mark belongs to what follows
                elif words:
                    found.append(mark + words)
                    mark = ""
        return "\n\n".join(found).replace("\x00", "")
