"""The languages that the shop speaks."""

from typing import Final

LANGUAGES: Final = {"en": "English"}
"""Those whose catalogue is complete; a page in two languages is worse than one in English."""
