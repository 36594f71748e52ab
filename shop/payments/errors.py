"""What can go wrong with a payment service, as one tree.

PaymentError                   502
├─ PaymentUnavailable               network, 5xx, too many requests: perhaps it happened
│  ├─ KeyRefused                    the secret key is wrong or may not do this
│  ├─ ProviderNotConfigured         nobody to ask: the settings name no key for it
│  ├─ UnreadableAnswer              it answered, in a shape that we cannot read
│  └─ IdempotencyMismatch           the idempotency key was used with other parameters
├─ PaymentRefused                   the service said no: under this key nothing exists
│  └─ ObjectUnknown                 no such object there
│     └─ SessionUnknown             no such payment page there
├─ AlreadyKnown           409       staff noted before what became of this money
├─ NotPayable             409       an amount that can never be charged
├─ InvalidWebhook         400
│  ├─ InvalidSignature              unsigned, wrongly signed, too old, from the future
│  └─ InvalidEvent                  properly signed, but no event
└─ WebhookNotConfigured   503       no signing secret is set
"""

from http import HTTPStatus

from shop.core.errors import PaymentError


class PaymentUnavailable(PaymentError):
    """The service could not do it now, after its own and our retries; what was asked stays open.

    `is_outcome_unknown`: it may have done what was asked (its answer was lost, or it failed
    half-way), so the same call with the same idempotency key must settle it. False only when the
    service said that this try did nothing; an earlier one under the same key may have.
    `is_replayed`: the failure is a stored answer, which the same key will bring back as long as
    the key lives. `http_status` is None when nothing came back.
    `reason` is the service's own sentence, for staff and the log, or "". `is_silent`: asking about
    something else will not fare better.
    """

    is_silent = True

    def __init__(
        self,
        reason: str = "",
        *,
        is_outcome_unknown: bool = True,
        is_replayed: bool = False,
        http_status: int | None = None,
    ) -> None:
        super().__init__()
        self.reason = reason
        self.is_outcome_unknown = is_outcome_unknown
        self.is_replayed = is_replayed
        self.http_status = http_status


class UnreadableAnswer(PaymentUnavailable):
    """The service answered, but nothing we can read: perhaps it was done."""

    is_silent = False


class KeyRefused(PaymentUnavailable):
    """The secret key is wrong, revoked, or may not do this. The merchant has to mend that.

    This call did nothing; what an earlier one did under the same idempotency key is not known.
    """

    def __init__(self, reason: str = "", *, http_status: int | None = None) -> None:
        super().__init__(reason, is_outcome_unknown=False, http_status=http_status)


class ProviderNotConfigured(PaymentUnavailable):
    """The row's provider is not configured (any more), so nobody was asked."""

    is_silent = False

    def __init__(self, provider: str) -> None:
        super().__init__(f"{provider} is not configured", is_outcome_unknown=False)


class IdempotencyMismatch(PaymentUnavailable):
    """The idempotency key belongs to a call with other parameters, which may have done its work."""

    def __init__(self, reason: str = "", *, http_status: int | None = None) -> None:
        super().__init__(reason, is_replayed=True, http_status=http_status)


class PaymentRefused(PaymentError):
    """The service refused for good: under this idempotency key nothing exists.

    `reason` is its own sentence, for staff and the log.

    `code` and `param` are the service's, or None; `param` names the refused parameter.
    `is_about_product`: a synced product is gone or archived there, so the same order goes through
    without it. `is_about_expiry`: the page's end lies too near or too far, the next attempt may
    be made.
    """

    message = "The payment service did not accept this. Nothing was charged."

    def __init__(
        self,
        reason: str | None = None,
        *,
        code: str | None = None,
        param: str | None = None,
        http_status: int | None = None,
        is_about_product: bool = False,
        is_about_expiry: bool = False,
    ) -> None:
        super().__init__()
        self.reason = reason or "no reason given"
        self.code = code
        self.param = param
        self.http_status = http_status
        self.is_about_product = is_about_product
        self.is_about_expiry = is_about_expiry


class ObjectUnknown(PaymentRefused):
    """The service knows no such object, or not under this key (live against test)."""


class SessionUnknown(ObjectUnknown):
    """The service knows no such payment page, or not under this key (live against test)."""


class AlreadyKnown(PaymentError):
    """Staff noted before that this money came, was sent back, or will not be."""

    status = HTTPStatus.CONFLICT
    message = "Somebody has noted this before. Please look at it once more."


class NotPayable(PaymentError):
    """The amount is below the least or above the most that can be charged."""

    status = HTTPStatus.CONFLICT
    message = "This amount cannot be paid."


class InvalidWebhook(PaymentError):
    """A message to the webhook that must not be acted upon."""

    status = HTTPStatus.BAD_REQUEST
    message = "This is not a valid event."


class InvalidSignature(InvalidWebhook):
    """Unsigned, signed with another secret, older or newer than five minutes."""

    message = "The signature is not valid."


class InvalidEvent(InvalidWebhook):
    """Properly signed, but not JSON or not an event."""


class WebhookNotConfigured(PaymentError):
    """No signing secret is set, so no message can be trusted."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "The webhook has no signing secret."
