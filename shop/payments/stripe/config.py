"""What the gateway to Stripe is built from, checked when it is made."""

from dataclasses import dataclass, field

from shop.core.config import is_safe_base
from shop.payments.provider import InProcessCall

LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")


@dataclass(frozen=True)
class GatewayConfig:
    """What a gateway is built from. `in_process` is answered here, `api_base` by socket.

    `provider` is the name that rows carry. `pause_scale` shortens the waits between retries (0 in
    tests); 1 in production. The timeouts are in seconds.
    """

    secret_key: str = field(repr=False)
    provider: str = "stripe"
    webhook_secret: str = field(default="", repr=False)
    api_base: str | None = None
    in_process: InProcessCall | None = None
    connect_timeout: float = 3
    read_timeout: float = 8
    pause_scale: float = 1

    def __post_init__(self) -> None:
        """Refuse what could charge a card by mistake, or send a key where it must not go."""
        object.__setattr__(self, "secret_key", self.secret_key.strip())
        object.__setattr__(self, "webhook_secret", self.webhook_secret.strip())
        if self.livemode and (self.api_base or self.in_process):
            raise ValueError("A live key goes to Stripe alone: no API base, no sandbox.")
        if self.api_base and not is_safe_base(self.api_base):
            raise ValueError("The API base must be https, or http on this machine.")

    @property
    def livemode(self) -> bool:
        """Real money: the key says so."""
        return self.secret_key.startswith(LIVE_KEY_PREFIXES)
