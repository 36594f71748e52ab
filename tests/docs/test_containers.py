"""The image and the compose file, read but not built: what must hold of them, checked as text."""

import re
import secrets
from pathlib import Path
from typing import Any

import yaml

from shop.core.config import parse_config
from tests.docs.test_env_example import NAMED
from tests.processes import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("setup", "web", "worker")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "Caddyfile").read_text()


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions and what they say, in order, lines joined."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(w[0], w[1]) for line in joined.splitlines() if len(w := line.split(None, 1)) == 2]


def last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the stage that is shipped."""
    found = instructions()
    starts = [place for place, (name, _) in enumerate(found) if name == "FROM"]
    assert len(starts) > 1, "what builds is shipped"
    return found[starts[-1] :]


def settings(service: str, env: dict[str, str]) -> dict[str, str]:
    """Return a service's environment as compose makes it of its file and of `env`."""

    def value(found: re.Match[str]) -> str:
        return env.get(found[1]) or found[2]

    given = SERVICES[service]["environment"]
    return {k: re.sub(r"\$\{(\w+):-([^}]*)\}", value, str(v)) for k, v in given.items()}


def problems(env: dict[str, str], instance: Path) -> list[str]:
    found = dict.fromkeys(NAMED, "") | settings("web", env)
    return parse_config(found | {"INSTANCE_PATH": str(instance)})[1]


def test_the_image_is_pinned_and_the_same_in_both_stages() -> None:
    bases = {said.split(" AS ")[0] for name, said in instructions() if name == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", bases.pop())


def test_packages_are_those_of_the_lock() -> None:
    installs = [said for _, said in instructions() if "pip install" in said]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[0]
    assert ("COPY", "requirements/production.txt .") in instructions()


def test_what_is_shipped_cannot_build_and_does_not_run_as_root() -> None:
    stage = last_stage()
    users = [said for name, said in stage if name == "USER"]
    assert users == ["10001:10001"], "numbers, so that the platform can check it"
    run = " ".join(said for name, said in stage if name == "RUN")
    assert not re.search(r"gcc|build-essential|-dev\b|pip install", run)
    order = [name for name, _ in stage]
    assert order.index("USER") < order.index("CMD")


def test_the_image_holds_no_setting_and_no_data() -> None:
    names = [said for name, said in instructions() if name in {"ENV", "ARG"}]
    assert not re.search(r"KEY|SECRET|PASSWORD|_URL", " ".join(names))
    copied = [said.split()[:-1] for name, said in last_stage() if name == "COPY"]
    files = {word for words in copied for word in words if not word.startswith("--from")}
    assert files == {"/venv", "wsgi.py", "gunicorn.conf.py", "migrations", "sandboxes", "shop"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert allowed == (files | {"requirements/production.txt"}) - {"/venv"}
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_says_whether_it_is_well(monkeypatch) -> None:
    check = next(said for name, said in last_stage() if name == "HEALTHCHECK")
    code = re.search(r'CMD \["python", "-c", "(.*)"\]$', check)
    assert code
    compile(code[1], "HEALTHCHECK", "exec")
    assert "/healthz" in code[1]


def test_every_service_is_pinned_watched_and_restarted() -> None:
    for name, service in SERVICES.items():
        assert re.search(r":\d", service["image"]), f"{name} takes whatever is newest"
        assert "privileged" not in service
        if name != "setup":
            assert service["restart"] == "unless-stopped", name
        if name not in {"setup", "web"}:  # web has the image's own
            assert service["healthcheck"]["test"], name


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


def test_our_services_can_write_to_their_volume_alone() -> None:
    for name in OURS:
        assert SERVICES[name]["read_only"], name
        assert SERVICES[name]["cap_drop"] == ["ALL"], name
        assert SERVICES[name]["volumes"] == ["instance:/app/instance"], name


def test_data_outlive_their_containers() -> None:
    mounted = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert mounted == set(COMPOSE["volumes"])


def test_keys_come_from_outside() -> None:
    for name in OURS:
        assert settings(name, {})["SECRET_KEY"] == settings(name, {})["STRIPE_SECRET_KEY"] == ""
    assert not re.search(
        r"(sk|rk)_(live|test)_\w|whsec_\w", (ROOT / "docker-compose.yml").read_text()
    )


def test_the_file_of_settings_is_handed_on_whole() -> None:
    assert all(SERVICES[name]["env_file"] == [{"path": ".env", "required": False}] for name in OURS)
    volume, _, place = SERVICES["web"]["volumes"][0].partition(":")
    assert volume == "instance"
    assert settings("web", {})["INSTANCE_PATH"] == place, "whatever .env says for this machine"


def test_as_it_is_it_is_a_demonstration_that_starts(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(secrets.token_urlsafe(48))  # what setup has made
    assert problems({}, tmp_path) == []


def test_with_keys_it_sells(tmp_path: Path) -> None:
    env = {
        "SANDBOX_DEMO": "0",
        "SECRET_KEY": "9vJx2LrQm7TzKc4WnH8sYbD3fGpA6eUo1XiV",
        "SITE_URL": "https://shop.example",
        "TRUSTED_HOSTS": "shop.example",
        "STRIPE_SECRET_KEY": "sk_live_" + "x" * 24,
        "STRIPE_WEBHOOK_SECRET": "whsec_" + "q8Zt3mKd7RxW1nBvLp5S",
    }
    assert problems(env, tmp_path) == []


def test_names_settings_that_exist() -> None:
    for name in OURS:
        assert set(settings(name, {})) - {"WEB_CONCURRENCY"} <= set(NAMED)


def test_the_proxy_leads_to_the_shop_under_the_shops_address() -> None:
    assert CADDYFILE.count("{") == CADDYFILE.count("}")
    assert "{$SITE_URL:http://localhost} {" in CADDYFILE
    assert re.search(r"^\treverse_proxy web:8000 \{", CADDYFILE, re.MULTILINE)
    assert "encode" in CADDYFILE
    assert settings("caddy", {})["SITE_URL"] == settings("web", {})["SITE_URL"]
