"""Hostile requests, made from the URL map and the forms on the pages by a seeded generator."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.fuzz.forms import Form
from tests.fuzz.values import HEADERS, JSON, NAMES, RAW, as_bytes, pick_text
from tests.fuzz.world import Actor, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "x", "")
FORM, BOUNDARY = "application/x-www-form-urlencoded", "fuzz-boundary"
FILES = ("a.png", "", "../x", "é.jpg", "a" * 300, "x\x00.png")
FILE_TYPES = ("", "\r\nContent-Type: image/png", "\r\nContent-Type: x; charset=zz")
Fields = list[tuple[str, str]]


@dataclass
class Request:
    """One request as it travels."""

    actor: Actor
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        shown = {name: value[:80] for name, value in self.headers.items() if name != "Cookie"}
        return f"{self.actor.name}: {self.method} {self.target[:300]} {shown} {self.body[:600]!r}"


class Attacker:
    """Makes one request after the other for the routes of a shop; the same seed, the same."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, random.Random(seed)
        shop = world.app.url_map.iter_rules()
        sandbox = world.app.extensions["sandbox"].pages.url_map.iter_rules()
        self.rules = [(rule.rule, sorted(rule.methods or ())) for rule in shop]
        self.rules += [(f"/_sandbox{rule.rule}", sorted(rule.methods or ())) for rule in sandbox]
        self.rules += [("/_sandbox/v1/<name>", ["GET", "POST", "DELETE"]), ("/<slug>", ["GET"])]
        # What is only reached by posting deserves as many requests as what is looked at.
        self.rules += [rule for rule in self.rules if "POST" in rule[1]] * 2

    def requests(self, count: int) -> Iterator[Request]:
        """Yield `count` requests; every route has its turn before one has it again."""
        waiting: list[tuple[str, list[str]]] = []
        for _ in range(count):
            if not waiting:
                waiting = self.rng.sample(self.rules, len(self.rules))
            yield self._request(*waiting.pop())

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _request(self, rule: str, methods: list[str]) -> Request:
        actor = self.rng.choice(self.world.actors)
        own = [method for method in methods if method not in {"HEAD", "OPTIONS"}]
        method = self.rng.choice(own) if self._chance(0.9) else self.rng.choice(METHODS)
        path = self._path(rule)
        headers = {"Cookie": actor.cookie}
        if rule.startswith("/admin") and self._chance(0.8):
            actor = self.world.actors[-1]
            headers["Cookie"] = actor.cookie
        body = b""
        if method not in {"GET", "HEAD", "OPTIONS", ""}:
            body = self._body(actor, path, headers)
        target = path + (
            f"?{self._query(actor, path)}" if self._chance(0.4 if body else 0.7) else ""
        )
        while self._chance(0.25):
            name = self.rng.choice(list(HEADERS))
            headers[name] = self.rng.choice(HEADERS[name])
        return Request(actor, method, target, headers, body)

    def _path(self, rule: str) -> str:
        def choose(values: list[str]) -> str:
            if self._chance(0.75):
                return self.rng.choice(values)
            if self._chance(0.5):
                return self.rng.choice(RAW)
            return quote(as_bytes(pick_text(self.rng)[:2_000]), safe="")

        path = self.world.fill_in(rule, choose)
        if self._chance(0.06):
            at = self.rng.randrange(len(path) + 1)
            path = path[:at] + self.rng.choice(RAW) + path[at:]
        return path

    def _query(self, actor: Actor, path: str) -> str:
        if self._chance(0.1):
            return self.rng.choice(RAW) + "=" + self.rng.choice(RAW)
        forms = [form for form in actor.forms.get(path, ()) if form.method == "GET"]
        fields = list(self.rng.choice(forms).fields) if forms else []
        names = [name for name, _ in fields] + list(NAMES)
        for _ in range(self.rng.randint(1, 3)):
            fields.append((self.rng.choice(names), pick_text(self.rng)))
        return _encoded(fields)

    def _body(self, actor: Actor, path: str, headers: dict[str, str]) -> bytes:
        if "webhook" in path or self._chance(0.04):
            return self._event(headers)
        fields = self._fields(actor, path)
        shape = self.rng.random()
        if shape < 0.8:
            headers["Content-Type"] = FORM
            return _encoded(fields).encode()
        if shape < 0.95:
            headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
            whole = _multipart(fields, self.rng)
            return whole if self._chance(0.7) else whole[: self.rng.randrange(len(whole) + 1)]
        headers["Content-Type"] = self.rng.choice(HEADERS["Content-Type"])
        return self.rng.choice((*JSON, as_bytes(pick_text(self.rng))))

    def _fields(self, actor: Actor, path: str) -> Fields:
        forms = [form for form in actor.forms.get(path, ()) if form.method == "POST"]
        form = self.rng.choice(forms) if forms else Form(path, "POST", [("csrf_token", "")])
        fields = [(n, actor.token if n == "csrf_token" else v) for n, v in form.fields]
        if self._chance(0.12):  # past the guard or not
            fields = [(n, pick_text(self.rng) if n == "csrf_token" else v) for n, v in fields]
        for _ in range(self.rng.randint(1, 3)):
            self._spoil(fields)
        return fields

    def _spoil(self, fields: Fields) -> None:
        """Change one of the fields, send it twice or not at all, or add another."""
        places = [n for n, (name, _) in enumerate(fields) if name != "csrf_token"]
        deed = self.rng.random()
        if not places or deed < 0.1:
            fields.append((self.rng.choice(NAMES[1:]), pick_text(self.rng)))
            return
        at = self.rng.choice(places)
        if deed < 0.75:
            fields[at] = (fields[at][0], pick_text(self.rng))
        elif deed < 0.85:
            fields.insert(at, (fields[at][0], pick_text(self.rng)))
        elif deed < 0.95:
            del fields[at]
        else:
            fields[at] = (
                fields[at][0] + self.rng.choice(("[]", "-0", ".x", "\x00")),
                fields[at][1],
            )

    def _event(self, headers: dict[str, str]) -> bytes:
        import stripe

        body = self.rng.choice(JSON)
        if self._chance(0.5):  # a true event with one wrong value
            body = json.dumps(self._spoilt(self.rng.choice(self._events())), default=str).encode()
        headers["Content-Type"] = "application/json"
        secret = self.world.app.extensions["sandbox"].sandbox.config.webhook_secret
        if self._chance(0.8):
            try:
                text = body.decode()
            except UnicodeDecodeError:
                return body
            from shop.core.clock import now

            stamp = int(now().timestamp())
            headers["Stripe-Signature"] = stripe.WebhookSignature.generate_signature_header(
                text, secret, stamp
            )
        return body

    def _events(self) -> list[object]:
        sandbox = self.world.app.extensions["sandbox"].sandbox
        return list(sandbox.objects("event"))[:40]

    def _spoilt(self, thing: object) -> object:
        """Return a copy with one value somewhere inside replaced by another kind of thing."""
        if isinstance(thing, dict) and thing and self._chance(0.95):
            key = self.rng.choice(list(thing))
            return {**thing, key: self._spoilt(thing[key])}
        wrong = (
            None,
            [],
            {},
            "",
            "x" * 400,
            -1,
            0,
            10**30,
            1.5,
            True,
            [thing],
            {"id": thing},
            "\x00",
            "\ud800",
            2**63,
        )
        return self.rng.choice(wrong)


def _encoded(fields: Fields) -> str:
    return "&".join(
        f"{quote(as_bytes(n), safe='')}={quote(as_bytes(v), safe='')}" for n, v in fields
    )


def _multipart(fields: Fields, rng: random.Random) -> bytes:
    parts = []
    for name, value in fields:
        kind = ""
        if name in {"picture", "pictures", "file"} or rng.random() < 0.05:
            kind = f'; filename="{rng.choice(FILES)}"{rng.choice(FILE_TYPES)}'
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n'
        parts.append(as_bytes(head) + as_bytes(value) + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
