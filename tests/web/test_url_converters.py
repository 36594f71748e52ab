"""How routes make their addresses."""

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule


def test_a_route_is_compiled_when_its_address_is_made(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []
    compile_builder = Rule._compile_builder

    def counting(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counting)
    app = make_app()
    assert "/products/<slug>" not in compiled
    with app.test_request_context():
        made = [url_for("catalog.product", slug="a b", variant=n) for n in (1, 2)]
    assert made == ["/products/a%20b?variant=1", "/products/a%20b?variant=2"]
    assert compiled.count("/products/<slug>") == 1
