"""Keys that nobody drew at random are refused where real people shop."""

import base64
import random

import pytest

from shop.core.config import parse_config
from shop.core.secret_keys import is_guessable_key
from tests.conftest import settings_for

GUESSABLE = [
    "k" * 64, "ab" * 20, "0123456789" * 4, "topsecret" * 5, "change-me-change-me-change-me-change",
    "your-secret-key-your-secret-key-x", "abcdefghijklmnopqrstuvwxyz0123456789",
    "1" * 31 + "abcdefgh", "-" * 40, "äöü" * 12, "password" * 4,
    "zyxwvutsrqponmlkjihgfedcba9876543210",
]  # fmt: skip


@pytest.mark.parametrize("key", GUESSABLE)
def test_production_refuses_keys_that_can_be_guessed(tmp_path, key: str) -> None:
    def problems(**more: str) -> str:
        settings = settings_for(tmp_path, SHOP_ENV="production", **more)
        return "\n".join(parse_config(settings)[1])

    assert "SECRET_KEY must be drawn at random" in problems(SECRET_KEY=key)
    assert "STRIPE_WEBHOOK_SECRET can be guessed" in problems(STRIPE_WEBHOOK_SECRET=f"whsec_{key}")
    assert "SECRET_KEY" not in "\n".join(parse_config(settings_for(tmp_path, SECRET_KEY=key))[1])


def test_random_keys_are_taken() -> None:
    drawn = random.Random(1)
    for _ in range(200):
        assert not is_guessable_key(drawn.randbytes(16).hex())
        assert not is_guessable_key(base64.urlsafe_b64encode(drawn.randbytes(24)).decode())
        assert not is_guessable_key("".join(drawn.choices("0123456789", k=40)))
    assert not is_guessable_key("7942217942718377398179118719892342218889")  # seven signs
