"""`.env.example` names every setting, no other, explained, with the value that holds without it."""

import io
import re
from dataclasses import fields

from dotenv import dotenv_values

from shop.core.config import ROOT, Config, parse_config

TEXT = (ROOT / ".env.example").read_text()
NAMED = dotenv_values(stream=io.StringIO(TEXT))
GUNICORN = (ROOT / "gunicorn.conf.py").read_text()


def setting(field_name: str) -> str:
    return "SHOP_ENV" if field_name == "env" else field_name.upper()


def test_names_every_setting_and_no_other() -> None:
    assert list(NAMED) == list(dict.fromkeys(NAMED)), "named twice"
    assert set(NAMED) == {setting(field.name) for field in fields(Config)}


def test_every_name_that_is_read_is_a_setting() -> None:
    source = (ROOT / "shop" / "core" / "config.py").read_text()
    read = set(re.findall(r"reader\.\w+\(\s*\"([A-Z_]+)\"", source))
    assert read == set(NAMED)


def test_each_setting_is_explained_above_it() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[A-Z_]+=", line):
            assert lines[number - 1].startswith("# "), f"{line} has no comment above it"


def test_copied_as_it_is_nothing_changes(monkeypatch, tmp_path) -> None:
    for name in NAMED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shop.core.config.ROOT", tmp_path)
    without, problems = parse_config()
    assert problems == []
    (tmp_path / ".env").write_text(TEXT)
    assert parse_config() == (without, [])


def test_says_what_gunicorn_reads() -> None:
    read = set(re.findall(r"(?:os\.environ\.get|number)\(\s*\"([A-Z_]+)\"", GUNICORN))
    described = set(re.findall(r"^#   ([A-Z_]+)=", TEXT, re.MULTILINE))
    assert described == read
