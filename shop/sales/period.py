"""The days that figures are asked for. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

READY: Final = {"today": 1, "7": 7, "14": 14, "30": 30, "90": 90}  # name → days, the last today
LONGEST: Final = 732  # days of a period: two years, with a leap day and the last day


@dataclass(frozen=True)
class Period:
    """From one day to another; both belong to it."""

    since: date
    until: date

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> "Period":
        """As many days just before it, which it is compared with."""
        return Period(self.since - timedelta(days=self.length), self.since - timedelta(days=1))

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until

    def __iter__(self) -> Iterator[date]:
        return (self.since + timedelta(days=n) for n in range(self.length))


@dataclass(frozen=True)
class ChosenPeriod:
    """What was asked for: `name`, a key of READY, or two days as typed; what is wrong, by field."""

    period: Period
    name: str
    since: str = ""
    until: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """It as fields of a form."""
        if self.name:
            return {"range": self.name}
        return {"since": self.since, "until": self.until}


def last_days(today: date, days: int) -> Period:
    """Return so many days, of which `today` is the last."""
    return Period(today - timedelta(days=days - 1), today)


def read_period(asked: Mapping[str, str], today: date, usual: str = "today") -> ChosenPeriod:
    """Return the period of `range`, or of `since` and `until`; the `usual` one if that is wrong."""
    since, until = asked.get("since", "").strip(), asked.get("until", "").strip()
    name = asked.get("range", "")
    if name in READY or not (since or until):
        name = name if name in READY else usual
        return ChosenPeriod(last_days(today, READY[name]), name)
    days, errors = {}, {}
    for key, text in (("since", since), ("until", until)):
        try:
            days[key] = date.fromisoformat(text) if text else today
        except ValueError:
            errors[key] = "Enter a day, such as 2026-11-21."
    if not errors:
        errors = _wrong(days["since"], days["until"])
    period = last_days(today, READY[usual]) if errors else Period(days["since"], days["until"])
    return ChosenPeriod(period, "", since, until, errors)


def _wrong(since: date, until: date) -> dict[str, str]:
    if since > until:
        return {"until": "Choose a last day that is not before the first."}
    if not 2000 <= since.year <= until.year <= 9000:
        return {"since": "Choose days from the year 2000 on."}
    if (until - since).days >= LONGEST:
        return {"since": "Choose at most two years."}
    return {}
