"""What pages say when something cannot be had."""

from tests.client import ShopClient


def test_what_is_not_there_is_said_once(client: ShopClient) -> None:
    answer = client.get("/orders/MF-NONE")
    assert answer.status_code == 404
    assert answer.text.count("We could not find that") == 2  # the title and the heading
    assert "Perhaps a search finds it." in answer.text
