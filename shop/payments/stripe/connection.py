"""One connection to Stripe per process: makes the client, makes calls, translates failures."""

import logging
import os
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import stripe

from shop.core import clock
from shop.core.errors import PaymentError
from shop.payments.errors import (
    IdempotencyMismatch,
    KeyRefused,
    ObjectUnknown,
    PaymentRefused,
    PaymentUnavailable,
    UnreadableAnswer,
)
from shop.payments.patience import is_time_for
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.transport import InProcessTransport, network_transport

logger = logging.getLogger(__name__)

Json = dict[str, Any]
Call = Callable[[stripe.StripeClient], stripe.StripeObject]
ListCall = Callable[[stripe.StripeClient, Any], stripe.StripeObject]
_T = TypeVar("_T")

RETRIES = 2
"""The library's own: lost connections, timeouts, 409 and 5xx, with the same idempotency key."""

RATE_LIMIT_PAUSES = (0.5, 1.0, 2.0)
"""Seconds, before jitter: the library never retries 429 and ignores Retry-After."""

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)
"""What reading an answer raises whose shape is another one than the library or we expect."""

PAGE = 100
IN_PROCESS = "http://stripe.invalid"


class Connection:
    """Makes the library's client at the first call of each process: a fork shares no sockets."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._client: stripe.StripeClient | None = None
        self._pid = 0

    def call(self, what: str, work: Call, read: Callable[[Json], _T]) -> _T:
        """Return what `read` makes of the answer of `work`; `what` names the call in the log.

        Raises PaymentUnavailable and PaymentRefused. When the time of the request is over the
        call is not made: PaymentUnavailable, and this try did nothing.
        """
        if not is_time_for():
            logger.warning("stripe %s: no time left for it", what)
            raise PaymentUnavailable("no time left", is_outcome_unknown=False)
        try:
            answer = self._patiently(what, work)
            logger.debug("stripe %s: %s", what, _request_id(answer))
            return read(answer.to_dict(for_json=True))
        except stripe.StripeError as error:
            # from None: the library's error quotes answers and addresses, tracebacks end in logs
            raise _translated(what, error) from None
        except UNREADABLE as error:
            # an answer of a shape that the library or we cannot read: perhaps it was done
            logger.exception("stripe %s: unreadable answer", what)
            raise UnreadableAnswer from error

    def items(
        self,
        what: str,
        work: ListCall,
        params: Mapping[str, Any],
        read: Callable[[Json], _T],
        *,
        is_oldest_first: bool = False,
    ) -> Iterator[_T]:
        """Yield what `read` makes of the items of all pages.

        Newest first, or from `ending_before` in `params` towards the newest. Each page is a call
        of its own, so a rate limit repeats one page and not all of them. Raises as `call`.
        """
        cursor = {**params, "limit": PAGE}
        while True:
            page = self.call(what, partial(_list, work, cursor), partial(_page, read))
            yield from reversed(page.items) if is_oldest_first else page.items
            if not page.has_more:
                return
            if is_oldest_first:
                cursor["ending_before"] = page.first
            else:
                cursor["starting_after"] = page.last

    def _patiently(self, what: str, work: Call) -> stripe.StripeObject:
        for pause in RATE_LIMIT_PAUSES:
            try:
                return work(self._ready())
            except stripe.RateLimitError as error:
                logger.warning("stripe %s: too many requests, %s", what, error.request_id)
                if not is_time_for(pause * self._config.pause_scale):
                    raise
                jitter = random.uniform(0.5, 1)  # noqa: S311 - spreads retries, guards nothing
                clock.pause(pause * jitter * self._config.pause_scale)
        return work(self._ready())

    def _ready(self) -> stripe.StripeClient:
        with self._lock:
            if self._client is None or self._pid != os.getpid():
                self._client, self._pid = make_client(self._config), os.getpid()
            return self._client


class _Page(NamedTuple, Generic[_T]):
    items: list[_T]
    has_more: bool
    first: str | None
    last: str | None


def _list(work: ListCall, params: Json, client: stripe.StripeClient) -> stripe.StripeObject:
    return work(client, params)


def _page(read: Callable[[Json], _T], answer: Json) -> _Page[_T]:
    data = answer["data"]
    return _Page(
        items=list(_readable(read, data)),
        has_more=bool(answer["has_more"] and data),
        first=data[0]["id"] if data else None,
        last=data[-1]["id"] if data else None,
    )


def _readable(read: Callable[[Json], _T], data: list[Any]) -> Iterator[_T]:
    """Yield what can be read; one odd item of a list, perhaps of another shop, hides no other."""
    for item in data:
        try:
            yield read(item)
        except UNREADABLE:
            ref = item.get("id") if isinstance(item, Mapping) else None
            logger.exception("stripe list: passed by %s, which cannot be read", ref)


def make_client(config: GatewayConfig) -> stripe.StripeClient:
    """Return the library's client: no telemetry, bounded waits, quiet about what it sends."""
    stripe.enable_telemetry = False
    # its debug lines hold request and answer bodies: addresses, e-mail
    logging.getLogger("stripe").setLevel(logging.WARNING)
    transport: stripe.HTTPClient
    if config.in_process is not None:
        transport = InProcessTransport(
            config.in_process,
            read_timeout=config.read_timeout,
            pause_scale=config.pause_scale,
        )
        base: str | None = IN_PROCESS
    else:
        timeout = (config.connect_timeout, config.read_timeout)
        base = config.api_base.rstrip("/") if config.api_base else None
        transport = network_transport(timeout, is_stripe=base is None)
    return stripe.StripeClient(
        config.secret_key,
        http_client=transport,
        # all four: a request must never leave for Stripe because one address was forgotten
        base_addresses={"api": base, "files": base, "connect": base, "meter_events": base}
        if base
        else None,
        max_network_retries=RETRIES,
    )


def _translated(what: str, error: stripe.StripeError) -> PaymentError:
    code = error.code or getattr(error.error, "code", None)
    logger.warning(
        "stripe %s: %s status=%s code=%s param=%s %s: %r",
        what,
        type(error).__name__,
        error.http_status,
        code,
        getattr(error, "param", None),
        error.request_id,
        _masked(error.user_message or "") if _is_told(error) else "unreadable answer",
    )
    status = error.http_status
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        return KeyRefused(error.user_message or "", http_status=status)
    if isinstance(error, stripe.IdempotencyError):
        return IdempotencyMismatch(error.user_message or "", http_status=status)
    if not _is_refusal(error):
        return PaymentUnavailable(
            (error.user_message or "") if _is_told(error) else "",
            is_outcome_unknown=not isinstance(error, stripe.RateLimitError),
            is_replayed=(error.headers or {}).get("idempotent-replayed") == "true",
            http_status=status,
        )
    param = getattr(error, "param", None)
    return (ObjectUnknown if status == 404 else PaymentRefused)(
        error.user_message,
        code=code,
        param=param,
        http_status=status,
        is_about_product=(param or "").endswith("[price_data][product]"),
        is_about_expiry=param == "expires_at" or "`expires_at`" in (error.user_message or ""),
    )


def _is_refusal(error: stripe.StripeError) -> bool:
    """Stripe itself said no. Without its error object a 4xx is a proxy's page: who knows."""
    if isinstance(error, (stripe.APIConnectionError, stripe.RateLimitError)):
        return False
    status = error.http_status or 0
    return error.error is not None and 400 <= status < 500 and status != 409


def _is_told(error: stripe.StripeError) -> bool:
    """Tell whether the error is Stripe's or the network's, rather than a quoted body."""
    return error.error is not None or isinstance(error, stripe.APIConnectionError)


def _masked(text: str) -> str:
    """Leave e-mail addresses, which Stripe quotes when it refuses them, out of the log."""
    return re.sub(r"[^\s'\"]+@[^\s'\"]+", "…@…", text)


def _request_id(answer: object) -> str | None:
    return getattr(getattr(answer, "last_response", None), "request_id", None)
