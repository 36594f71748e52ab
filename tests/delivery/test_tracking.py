"""Links to carriers: which patterns there may be, and what a number becomes in one."""

import pytest

from shop.core.errors import BadInput
from shop.delivery.tracking import carrier_key, check_link, check_pattern, tracking_link

QUERY = "https://carrier.example/track?code={number}&lang=en"
PATH = "https://carrier.example/track/{number}/en"


@pytest.mark.parametrize(
    "pattern", [QUERY, PATH, "https://x.example?{number}", "https://x.example/#/{number}", ""]
)
def test_patterns(pattern: str) -> None:
    assert check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("https://carrier.example/", "Put {number}"),
        ("https://carrier.example/{number}/{number}", "once"),
        ("https://carrier.example/{Number}", "Put {number}"),
        ("http://carrier.example/{number}", "https://"),
        ("javascript:alert({number})", "https://"),
        ("https://{number}.example/", "behind its host"),
        ("https://ada@carrier.example/{number}", "https://"),
        ("https:///{number}", "https://"),
        ("https://[x/{number}", "https://"),
        ("https://carrier.example:x/{number}", "https://"),
        ("https://carrier example/{number}", "https://"),
    ],
)
def test_patterns_that_lead_nowhere_are_refused(pattern: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        check_pattern(pattern)
    assert set(refused.value.fields) == {"tracking_url"}


def test_a_number_is_escaped_wherever_it_stands() -> None:
    number = "6A/1&x=é?#%+.."
    assert tracking_link(QUERY, number) == (
        "https://carrier.example/track?code=6A%2F1%26x%3D%C3%A9%3F%23%25%2B..&lang=en"
    )
    assert tracking_link(PATH, "6A 1948/22") == "https://carrier.example/track/6A1948%2F22/en"
    assert tracking_link(PATH, "{number}") == "https://carrier.example/track/%7Bnumber%7D/en"
    assert tracking_link(PATH, " ") == tracking_link("", "6A") == ""


@pytest.mark.parametrize(
    "link", ["http://x.example/1", "x.example", f"https://x.example/{'1' * 500}"]
)
def test_links_of_single_parcels_are_https_too(link: str) -> None:
    assert check_link("https://x.example/?id={7}") == "https://x.example/?id={7}"
    with pytest.raises(BadInput):
        check_link(link)


def test_a_carrier_has_one_name() -> None:
    assert carrier_key("DHL  Éxpress") == carrier_key("dhl express") != carrier_key("DHL")
    assert carrier_key("®") == "®"
