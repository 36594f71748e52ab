"""What nobody should type behind `flask`: a sentence, never a traceback."""

from pathlib import Path

import pytest
from flask import Flask

from shop.core.config import ROOT
from tests.orders import kit

# As the shell hands them over: bytes that are no UTF-8 are lone surrogates; NUL cannot be typed.
HOSTILE = (
    "", " ", "\n", "a\nb", "\x1b[31m", "\udcff", "caf\udcc3", "\u202eevil", "A" * 5_000, "ß" * 300,
    "-1", "0", "1.5", "1e999", "nan", "inf", "9" * 30, "9" * 5_000, "٣", "²", "2147483648",
    "9223372036854775808", "1,2,3", "%s", "'; DROP TABLE users; --", "..", "/", "/dev/null/x",
    "/proc/1/mem", "ftp://x/", "https://", "http://[::1", "https://localhost:0/x",
    "file:///etc/passwd",
    "a@b..c", "a@\udcff.example", "2026-02-30", "0001-01-01", "9999-12-31", "__class__", "locale.x",
)  # fmt: skip
COMMANDS = (
    "backup {}", "coupons batch {} 2 --percent 5", "coupons batch X {} --percent 5",
    "coupons create {} --percent 5", "coupons create X --percent {}", "coupons create X --amount {}",  # noqa: E501
    "coupons create X --percent 5 --limit {}", "coupons create X --percent 5 --per-customer {}",
    "coupons create X --percent 5 --minimum {}", "coupons create X --percent 5 --starts {}",
    "coupons create X --percent 5 --ends {}", "coupons create X --percent 5 --holder {}",
    "coupons create X --percent 5 --category {}", "coupons create X --percent 5 --product {}",
    "coupons disable {}", "coupons list --limit {}", "coupons list --batch {}",
    "create-admin {} --generate", "jobs retry {}", "luck log --limit {}", "restore {}",
    "seed demo --products {}", "seed random {}", "seed json {}",
    "seed json {root}/shop/seed/samples/pieces.json --rate {}", "send-test-mail {}", "settings get {}", "staff add-role {} orders.view", "staff add-role X {}",  # noqa: E501
    "staff give {} X", "staff give a@example.org {}", "staff take {}",
    "settings set {} 1", "settings set name {}", "settings set locale {}",
    "settings set nth_order {}", "settings set delivery_cutoff_hour {}", "welcome --port {}", "{}",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_its_argument_or_says_why_not(
    ctx: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    kit.open_shop()
    runner = ctx.test_cli_runner()
    for text in HOSTILE:
        if text == "٣" and command.startswith("seed"):  # a three, and pieces take their time
            continue
        words = [word.format(text, root=ROOT) for word in command.split()]
        done = runner.invoke(args=words)
        assert done.exception is None or isinstance(done.exception, SystemExit), (
            f"{words}: {done.exception!r}"
        )
        assert done.exit_code in {0, 1, 2}
        assert done.exit_code == 0 or done.output.strip(), f"{words}: not a word"
        assert "Traceback" not in done.output
