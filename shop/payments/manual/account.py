"""The merchant's bank account, as the settings have it now."""

from collections.abc import Callable
from dataclasses import dataclass

Setting = Callable[[str], str | int | bool]


@dataclass(frozen=True)
class Account:
    """Where transfers go, in how many days they are due, and after how many to remind."""

    holder: str
    iban: str
    bic: str
    bank: str
    days: int
    reminder_days: int

    @classmethod
    def read(cls, setting: Setting) -> "Account":
        """Return the account in force; `setting` returns the merchant's choice by its key."""
        return cls(
            holder=str(setting("transfer_holder")),
            iban=str(setting("transfer_iban")),
            bic=str(setting("transfer_bic")),
            bank=str(setting("transfer_bank")),
            days=int(setting("transfer_days")),
            reminder_days=int(setting("transfer_reminder_days")),
        )

    @property
    def is_complete(self) -> bool:
        """Whether money can be sent to it."""
        return bool(self.holder and self.iban)

    @property
    def missing(self) -> str:
        """What an account that is half-set lacks, in a sentence; "" where nothing, or all."""
        if self.is_complete or not (self.holder or self.iban):
            return ""
        key = "transfer_iban" if self.holder else "transfer_holder"
        return f"flask settings set {key} …, or empty the other to stop offering bank transfer."

    def as_dict(self) -> dict[str, str]:
        """Return what is told to customers, to be frozen with an attempt."""
        return {"holder": self.holder, "iban": self.iban, "bic": self.bic, "bank": self.bank}
