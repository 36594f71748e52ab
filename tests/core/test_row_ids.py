"""Ids as forms carry them."""

from shop.core.row_ids import parse_id


def test_ids_that_no_row_can_have() -> None:
    assert [parse_id(t) for t in ("", None, "abc", "-1", "9" * 12, "2147483648")] == [0] * 6
    assert parse_id("17") == 17
