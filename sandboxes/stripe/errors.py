"""Errors in Stripe's shape. Texts and codes are those of docs.stripe.com/error-codes."""

from sandboxes.stripe.contract import Json


class ApiError(Exception):
    """An answer that is an error: ``status`` and the hash under "error"."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.missing_id: str | None = None
        self.error: Json = {"type": kind, "message": message}
        if code:
            self.error["code"] = code
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            self.error["param"] = param
        self.error.update(more)

    def body(self, request_id: str) -> Json:
        """The JSON answer for the request of that id."""
        return {"error": {**self.error, "request_log_url": f"sandbox:{request_id}"}}


def missing(kind: str, object_id: str, param: str = "id") -> ApiError:
    """404: no object of that kind has this id."""
    error = ApiError(
        f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param=param
    )
    error.missing_id = object_id
    return error


def invalid(param: str, message: str, code: str = "parameter_invalid") -> ApiError:
    """400: a parameter that cannot be used."""
    return ApiError(message, code=code, param=param)


def unrecognized(verb: str, path: str) -> ApiError:
    """404: an address the API does not have."""
    return ApiError(
        f"Unrecognized request URL ({verb}: {path}). Please see https://stripe.com/docs.",
        status=404,
        code="url_invalid",
    )
