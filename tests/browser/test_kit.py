"""What browser tests are served by."""

import socket
import struct
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from werkzeug.wsgi import ClosingIterator

from tests.browser.kit import served


def test_an_answer_is_closed_where_the_browser_breaks_the_connection_off():
    gone, closed = threading.Event(), threading.Event()

    def answer() -> Iterator[bytes]:
        yield b"all there is\n"
        gone.wait(10)

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
        return ClosingIterator(answer(), closed.set)

    with served(app) as url:
        client = socket.create_connection(("127.0.0.1", urlsplit(url).port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        with client.makefile("rb") as lines:
            assert b"all there is\n" in lines
        # With no time to linger, closing is a reset.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        gone.set()

        assert closed.wait(10)
