"""What every page must be, whoever fetches it: titled, labelled, safe to send, complete."""

from collections import Counter
from html.parser import HTMLParser

VOID = set("area base br col embed hr img input link meta source track wbr".split())
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.wanted_ids: set[tuple[str, str]] = set()
        self.labelled: set[str] = set()
        self.unlabelled: set[str] = set()
        self.open: list[str] = []
        self.form: dict[str, str] | None = None
        self.form_has_token = False
        self.title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        if tag not in VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids[given["id"]] += 1
        self._check_names(tag, given)
        if tag == "form":
            self.form, self.form_has_token = given, False
        if tag == "input" and given.get("name") == "csrf_token":
            self.form_has_token = bool(given.get("value"))
        if tag == "label" and "for" in given:
            self.labelled.add(given["for"])
            self.wanted_ids.add(("label for", given["for"]))
        if tag in {"input", "select", "textarea"}:
            self._check_control(given)

    def _check_names(self, tag: str, given: dict[str, str]) -> None:
        if "style" in given or any(name.startswith("on") for name in given):
            self.wrong.append(f"inline style or script on <{tag}>")
        if tag == "img" and "alt" not in given:
            self.wrong.append(f"no alt: {given.get('src')}")
        if tag == "script" and "src" not in given and given.get("type") != "application/ld+json":
            self.wrong.append("inline script")
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            for wanted in given.get(name, "").split():
                self.wanted_ids.add((name, wanted))
        if "form" in given:
            self.wanted_ids.add(("form", given["form"]))
        if tag == "a" and given.get("href", "").startswith("#") and len(given["href"]) > 1:
            self.wanted_ids.add(("href", given["href"][1:]))

    def _check_control(self, given: dict[str, str]) -> None:
        if given.get("type") in UNLABELLED or "label" in self.open:
            return
        if not (given.get("aria-label") or given.get("aria-labelledby")):
            self.unlabelled.add(given.get("id") or f"[name={given.get('name')}]")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form is not None:
            if self.form.get("method", "get").lower() == "post" and not self.form_has_token:
                self.wrong.append(f"no csrf_token in the form to {self.form.get('action')}")
            self.form = None
        if tag in self.open:
            while self.open and self.open.pop() != tag:
                pass
        elif tag not in VOID:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["title"] and "svg" not in self.open:
            self.title += data


def problems(html: str) -> list[str]:
    """Return what is wrong with a page, or with a fragment of one; empty when all is well."""
    page = _Page()
    page.feed(html)
    page.close()
    wrong = list(page.wrong)
    wrong += [f"id {name!r} is there {n} times" for name, n in page.ids.items() if n > 1]
    wrong += [f"no label: {name}" for name in sorted(page.unlabelled - page.labelled)]
    if "\x01" in html:
        wrong.append("a hole was not filled")
    if html.lstrip().lower().startswith("<!doctype"):
        if not page.title.strip():
            wrong.append("no title")
        if page.tags["h1"] != 1:
            wrong.append(f"{page.tags['h1']} h1")
        wrong += [f"{how} {name!r} leads nowhere" for how, name in sorted(page.wanted_ids - {
            (how, name) for how, name in page.wanted_ids if name in page.ids})]  # fmt: skip
    return wrong
