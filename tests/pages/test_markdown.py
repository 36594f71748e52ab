"""What text of staff becomes: the subset and nothing else, whatever is typed."""

import re
import time

import pytest

from shop.pages import markdown
from shop.pages.markdown import LONGEST, RULES, html_of, render_markdown
from shop.pages.roles import ROLES, SAMPLE_MARK, read_sample

ALLOWED = {
    "a", "blockquote", "br", "div", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
WRITTEN = """# Title

A *word* and a **strong** one,
on two lines.

## Heading

- one
- two

3. three

> apart

---

| a | b |
|---|--:|
| 1 | 2 |
"""


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))


def test_the_subset_becomes_html() -> None:
    html = render_markdown(WRITTEN)
    assert tags(html) == ALLOWED - {"a", "h3", "h4"}
    assert "<h2>Title</h2>" in html
    assert '<ol start="3">' in html
    assert '<div class="scroll" tabindex="0"><table>' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("[x](https://a.example/b?c=d)", "https://a.example/b?c=d"),
        ("[x](/pages/returns)", "/pages/returns"),
        ("[x](mailto:a@b.example)", "mailto:a@b.example"),
        ("[x](tel:+33123)", "tel:+33123"),
        ("<https://a.example>", "https://a.example"),
        ("[x](javascript:alert(1))", None),
        ("[x](JaVaScRiPt&colon;alert(1))", None),
        ("[x](java\tscript:alert(1))", None),
        ("[x](\x01javascript:alert(1))", None),
        ("[x](data:text/html;base64,PHN2Zz4=)", None),
        ("[x](vbscript:x)", None),
        ("[x](file:///etc/passwd)", None),
        ("<javascript:alert(1)>", None),
        ("[x](//evil.example)", None),
        ("[x](/\\evil.example)", "/%5Cevil.example"),
        ("[x](\\\\evil.example)", None),
        ("[x](relative)", None),
        ("[x](#part)", None),
    ],
)
def test_links_lead_to_where_they_may(typed: str, href: str | None) -> None:
    html = render_markdown(typed)
    assert re.findall(r'href="([^"]*)"', html) == ([href] if href else [])
    if href:
        assert f'<a href="{href}" rel="noopener">' in html


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<b onclick=alert(1)>x</b>",
        "<svg><style><img src=x onerror=alert(1)>",
        "<math><mtext><table><mglyph><style><!--</style><img src onerror=alert(1)>",
        "![x](https://a.example/x.png)",
        "    <script>indented</script>",
        "```\n<script>fenced</script>\n```",
        "[x](https://a.example '\"onmouseover=alert(1)')",
        "[x]: javascript:alert(1)\n[x]",
        '<a href="javascript:alert(1)">x</a>',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<!-- --><![CDATA[<script>]]>",
    ],
)
def test_nothing_else_becomes_html(typed: str) -> None:
    html = render_markdown(typed)
    assert tags(html) <= ALLOWED
    assert set(re.findall(r"<[^>]*\s(\w+)=", html)) <= {"href", "rel"}


HOSTILE = {
    "lists": "- " * (LONGEST // 2),
    "quotes": ">" * LONGEST,
    "brackets": "[" * LONGEST,
    "links": "[a](" * (LONGEST // 4),
    "stars": "*a " * (LONGEST // 3),
    "table": "|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "|\n" * (LONGEST // 3),
    "deep": "".join("  " * depth + "- a\n" for depth in range(200)),
    "entities": "&amp;" * (LONGEST // 5),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_worst_of_texts_takes_its_length(kind: str) -> None:
    began = time.process_time()
    html = render_markdown(HOSTILE[kind][:LONGEST])
    assert time.process_time() - began < 60, "a squared time would be minutes"
    assert tags(html) <= ALLOWED


def test_html_of_other_rules_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert html_of("*new*", "<p>kept</p>", RULES) == "<p>kept</p>"
    monkeypatch.setattr(markdown, "RULES", RULES + 1)
    assert html_of("*new*", "<p>kept</p>", RULES) == "<p><em>new</em></p>\n"


def test_each_role_has_a_sample_that_says_so() -> None:
    for role in ROLES:
        text = read_sample(role)
        assert SAMPLE_MARK in text.source
        assert tags(render_markdown(text.source)) <= ALLOWED
        assert len(text.source) < LONGEST
