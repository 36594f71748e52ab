"""Where duties may be due, by the Commission's table of territories; the EU and its neighbours."""

import pytest

from shop.core.customs import AREAS, Border, border, list_odd_areas

NONE, TAX, CUSTOMS = Border.NONE, Border.TAX, Border.CUSTOMS


@pytest.mark.parametrize(
    ("origin", "country", "postal_code", "found"),
    [
        ("FR", "FR", "69001", NONE),
        ("FR", "DE", "10117", NONE),
        ("FR", "MC", "98000", NONE),
        ("FR", "CH", "8001", CUSTOMS),
        ("FR", "NO", "0150", CUSTOMS),
        ("FR", "TR", "", CUSTOMS),
        ("FR", "US", "", CUSTOMS),
        ("FR", "GB", "SW1A 1AA", CUSTOMS),
        ("FR", "GB", "BT1 5GS", NONE),
        ("FR", "IM", "IM1 1AA", CUSTOMS),
        ("FR", "ES", "28001", NONE),
        ("FR", "ES", "35001", TAX),
        ("FR", "ES", "38001", TAX),
        ("FR", "ES", "51001", CUSTOMS),
        ("FR", "FI", "22100", TAX),
        ("FR", "AX", "22100", TAX),
        ("FR", "DE", "27498", CUSTOMS),
        ("FR", "DE", "78266", CUSTOMS),
        ("FR", "IT", "23041", CUSTOMS),
        ("FR", "IT", "22061", TAX),
        ("FR", "FR", "97400", TAX),
        ("FR", "FR", "97150", TAX),
        ("FR", "FR", "97133", CUSTOMS),
        ("FR", "FR", "98714", CUSTOMS),
        ("FR", "RE", "", TAX),
        ("FR", "GL", "", CUSTOMS),
        ("CH", "LI", "9490", NONE),
        ("CH", "DE", "78266", NONE),
        ("CH", "DE", "10117", CUSTOMS),
        ("GB", "IM", "", NONE),
        ("GB", "JE", "", TAX),
        ("GB", "GB", "bt15gs", NONE),
        ("GB", "GB", "JE2 3AB", TAX),
        ("GB", "FR", "69001", CUSTOMS),
        ("NO", "NO", "9170", CUSTOMS),
        ("JP", "JP", "100-0001", NONE),
    ],
)
def test_which_border_a_parcel_crosses(
    origin: str, country: str, postal_code: str, found: Border
) -> None:
    assert border(origin, country, postal_code) is found


def test_places_with_other_rules_are_named_while_no_postcode_is_known() -> None:
    def named(origin: str, country: str) -> list[str]:
        return [area.name for area in list_odd_areas(origin, country)]

    assert named("FR", "ES") == ["the Canary Islands", "Ceuta and Melilla"]
    assert named("FR", "GB") == ["Northern Ireland"]
    assert named("CH", "ES") == []
    assert named("FR", "PL") == []


@pytest.mark.parametrize("country", sorted(AREAS))
def test_a_postcode_without_rules_of_its_own_is_the_mainlands(country: str) -> None:
    example = {"DE": "10117", "GB": "M1 1AE"}.get(country, "99999")
    assert border("FR", country, example) is border("FR", country)
