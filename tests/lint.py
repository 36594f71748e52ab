"""What every page must be, whoever fetches it: titled, labelled, safe to send, complete."""

import re
from collections import Counter
from html import unescape

VOID = set("area base br col embed hr img input link meta source track wbr".split())
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
RAW = {"script", "style"}  # what is in them is no markup
# In one expression, which takes a fifth of the time of `html.parser`: thousands of pages are read.
MARKUP = re.compile(
    r"""<!--.*?-->|<![^>]*>|"""
    r"""<(?P<end>/?)(?P<tag>[a-zA-Z][^\s/>]*)(?P<given>(?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"""([^\s/=>"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")


class _Page:
    def __init__(self) -> None:
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

    def read(self, html: str) -> None:
        """Take every tag in turn."""
        at = 0
        while found := MARKUP.search(html, at):
            if self.open[-1:] == ["title"] and "svg" not in self.open:
                self.title += html[at : found.start()]
            at = found.end()
            tag = (found["tag"] or "").lower()
            if found["end"]:
                self._end(tag)
            elif tag:
                self._start(tag, _values(found["given"]))
                if found["given"].endswith("/") and tag not in VOID:
                    self._end(tag)
            if tag in RAW and not found["end"]:
                closing = html.find(f"</{tag}", at)
                at = closing if closing >= 0 else len(html)

    def _start(self, tag: str, given: dict[str, str]) -> None:
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

    def _end(self, tag: str) -> None:
        if tag == "form" and self.form is not None:
            if self.form.get("method", "get").lower() == "post" and not self.form_has_token:
                self.wrong.append(f"no csrf_token in the form to {self.form.get('action')}")
            self.form = None
        if tag in self.open:
            while self.open and self.open.pop() != tag:
                pass
        elif tag not in VOID:
            self.wrong.append(f"</{tag}> closes nothing")


def _values(given: str) -> dict[str, str]:
    """Return the attributes of a tag, "" for those without a value; of a name, the last one."""
    return {
        name.lower(): unescape(value[1:-1] if value[:1] in {'"', "'"} else value)
        for name, value in ATTRIBUTE.findall(given)
    }


def problems(html: str) -> list[str]:
    """Return what is wrong with a page, or with a fragment of one; empty when all is well."""
    page = _Page()
    page.read(html)
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
