"""The desk for developers: sessions, events and deliveries, faults, the clock."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, template_folder="../templates")
