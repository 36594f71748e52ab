"""One API request on its way through the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandboxes.stripe.config import SandboxConfig
from sandboxes.stripe.contract import Json
from sandboxes.stripe.store import Tx


@dataclass
class Call:
    """What an endpoint gets: the transaction, the checked parameters, who asks and from where.

    ``origin`` is the shop's origin as far as the request tells ("" = unknown), ``page_base`` where
    browsers reach the sandbox ("" = follow the origin). ``emitted`` collects the ids of the events
    that followed.
    """

    tx: Tx
    config: SandboxConfig
    path: str = ""
    params: Json = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None
    origin: str = ""
    page_base: str = ""
    emitted: list[str] = field(default_factory=list)

    @property
    def object_id(self) -> str:
        """The id in the path."""
        return next(iter(self.ids.values()))


Handler = Callable[[Call], Json]
Routes = dict[tuple[str, str], Handler]
