"""The forms of a page with what they would send, as a browser reads them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """Where a form goes and which names with which values it carries."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.forms: list[Form] = []
        self.ids: dict[str, Form] = {}
        self.open: Form | None = None
        self.choice = ""
        self.strays: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(given.get("action") or self.page, given.get("method", "get").upper())
            self.forms.append(self.open)
            self.ids[given.get("id", "")] = self.open
        elif tag in {"input", "button", "textarea", "select"} and given.get("name"):
            self._take(given["name"], given.get("value", ""), given.get("form"))
            self.choice = given["name"] if tag == "select" else ""
        elif tag == "option" and self.choice and ("selected" in given or given.get("value")):
            self._take(self.choice, given.get("value", ""), None)
            self.choice = ""

    def _take(self, name: str, value: str, form: str | None) -> None:
        if form is not None:
            self.strays.append((form, name, value))
        elif self.open is not None:
            self.open.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def forms_of(page: str, html: str) -> list[Form]:
    """Return the forms on the page at the address `page`."""
    reader = _Reader(page)
    reader.feed(html)
    for form, name, value in reader.strays:
        if form in reader.ids:
            reader.ids[form].fields.append((name, value))
    return reader.forms
