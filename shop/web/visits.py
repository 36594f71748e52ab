"""Who came how far: what a view says of its request, stored once the answer has left."""

import logging
import re
from dataclasses import dataclass, field
from typing import Final

from flask import Flask, Response, after_this_request, current_app, request
from sqlalchemy.exc import DBAPIError

from shop.core.errors import Busy
from shop.models import VisitStage
from shop.shared.visits import VisitBuffer
from shop.web.client_address import client_ip
from shop.web.visitor import current_visitor

log = logging.getLogger(__name__)

# Programs that say what they are. Others that behave as people are counted as people.
_PROGRAMS: Final = re.compile(
    r"bot|crawl|spider|slurp|fetch|preview|monitor|headless", re.IGNORECASE
)
_LONGEST_AGENT: Final = 300  # characters


@dataclass(frozen=True)
class Visits:
    """The visits of one process, of one application."""

    app: Flask
    buffer: VisitBuffer = field(default_factory=VisitBuffer)

    def store(self) -> None:
        """Store what waits; what cannot be stored now waits on."""
        with self.app.app_context():
            try:
                self.buffer.store()
            except (Busy, DBAPIError) as error:
                log.warning("visits wait", exc_info=error)

    def store_afterwards(self, response: Response) -> Response:
        """Store what waits once the answer has left."""
        response.call_on_close(self.store)
        return response


def init_visits(app: Flask) -> None:
    """Give the application a place for visits that are not stored yet."""
    app.extensions["visits"] = Visits(app)


def count_visit(stage: VisitStage) -> None:
    """Count who asks as one who came so far today: customers and guests, not staff or programs."""
    if not _is_person() or current_visitor().role_name:
        return
    visits: Visits = current_app.extensions["visits"]
    agent = request.headers.get("User-Agent", "")[:_LONGEST_AGENT]
    if visits.buffer.add(stage, client_ip(), agent):
        after_this_request(visits.store_afterwards)


def _is_person() -> bool:
    agent = request.headers.get("User-Agent", "")
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    return request.method != "HEAD" and not is_ahead and bool(agent) and not _PROGRAMS.search(agent)
