"""Where the present request comes from: the one place that reads a client's address."""

from flask import request

from shop.core.client_addresses import read_ip


def client_ip() -> str:
    """Return the address of who sent this request, at most 45 characters; else UNKNOWN.

    It is what the last proxy that is trusted has named; see TRUSTED_PROXIES.
    """
    return read_ip(request.remote_addr or "")
