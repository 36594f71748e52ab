"""The shop's own address, as links outside its pages carry it."""

from flask import has_request_context, request

from shop.core.config import config


def public_url() -> str:
    """Return the shop's own address: SITE_URL, else (in development) how it was just called."""
    if config().site_url:
        return config().site_url
    if has_request_context():
        return f"{request.scheme}://{request.host}"
    return "http://127.0.0.1:8000"
