"""What `flask doctor` says: a line for each thing, and what to do where it is not well. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class CheckLevel(StrEnum):
    """Well; worth a look; or the shop cannot work like this."""

    OK = "ok"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True)
class CheckResult:
    """One thing looked at. `advice` says what to set or to run; empty where all is well."""

    level: CheckLevel
    subject: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        line = f"{self.level:4}  {self.subject:22} {self.text}"
        return f"{line}\n{'':29}→ {self.advice}" if self.advice else line


def ok(subject: str, text: str) -> CheckResult:
    """Return that `subject` is well."""
    return CheckResult(CheckLevel.OK, subject, text)


def look(subject: str, text: str, advice: str) -> CheckResult:
    """Return that `subject` may be meant that way, or may be not."""
    return CheckResult(CheckLevel.LOOK, subject, text, advice)


def bad(subject: str, text: str, advice: str) -> CheckResult:
    """Return that the shop cannot work with `subject` as it is."""
    return CheckResult(CheckLevel.BAD, subject, text, advice)
