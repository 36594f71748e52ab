"""How parts of an address are read."""

from werkzeug.routing import IntegerConverter, ValidationError


class IdConverter(IntegerConverter):
    """`<int:…>`: ASCII digits that fit into the column of an id; anything else is no page."""

    regex = r"[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """Return the number. Raises ValidationError, which becomes a 404."""
        number: int = super().to_python(value)
        if not value.isascii() or number >= 2**31:
            raise ValidationError
        return number
