"""The remote control for browser tests, only with ``control=True``."""

from flask import Blueprint

blueprint = Blueprint("remote", __name__)
