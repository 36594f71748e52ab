"""What search engines and shared links read of a page: absolute addresses, titles, pictures."""

import re

import pytest

from shop.core.config import Config
from tests.client import ShopClient
from tests.factories import make_product


def meta(page: str) -> dict[str, str]:
    """Return the Open Graph properties of a page."""
    return dict(re.findall(r'<meta property="(og:[a-z_]+)" content="([^"]*)">', page))


@pytest.mark.parametrize("path", ["/", "/products", "/products/tall-vase"])
def test_addresses_are_absolute_whatever_the_shop_is_called(client: ShopClient, path: str) -> None:
    app = client.application
    with app.app_context():
        make_product("Tall Vase", slug="tall-vase")
    app.extensions["shop_config"] = Config(
        **{**vars(app.extensions["shop_config"]), "site_url": ""}
    )
    for host in ("http://127.0.0.1:9000", "http://shop.example"):
        page = client.get(path, base_url=host).text
        found = meta(page)
        assert f'<link rel="canonical" href="{host}{path}">' in page
        assert found["og:url"] == f"{host}{path}"
        assert found["og:image"].startswith(f"{host}/media/")
        assert found["og:title"]
        assert found["og:site_name"] == "Maison Flux"
