"""The values of the machine's settings: from text to what they mean, with what is wrong."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit


class SettingsReader:
    """Takes typed values out of a mapping of strings and collects what was wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """Return the value without blanks around it, "" where it is not set."""
        return self.values.get(name, "").strip()

    def words(self, name: str) -> tuple[str, ...]:
        """Return what stands between commas."""
        return tuple(filter(None, (word.strip() for word in self.text(name).split(","))))

    def flag(self, name: str) -> bool:
        """Return whether it is switched on: 1, true or yes."""
        value = self.text(name).lower()
        if value not in {"", "0", "1", "false", "true", "no", "yes"}:
            self.problems.append(f"{name} must be 1 or 0, not {value!r}.")
        return value in {"1", "true", "yes"}

    def number(self, name: str, low: int, high: int) -> int:
        """Return a whole number, `low` where it is not set or not from `low` to `high`."""
        value = self.text(name) or str(low)
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            self.problems.append(f"{name} must be a number from {low} to {high}, not {value!r}.")
            return low
        return int(value)

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of `allowed`, `default` where it is not set or none of them."""
        value = self.text(name) or default
        if value not in allowed:
            self.problems.append(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
            return default
        return value

    def url(self, name: str) -> str:
        """Return an http(s) address without a slash at its end, "" for anything else."""
        value = self.text(name).rstrip("/")
        parts = _parts(value)
        if value and (not parts or parts.scheme not in {"http", "https"} or not parts.hostname):
            self.problems.append(f"{name} must be an http(s) address, not {value!r}.")
            return ""
        return value

    def address(self, name: str) -> str:
        """Return a URL that can be taken apart. It may hold a password: it is not repeated."""
        value = self.text(name)
        if _parts(value) is None:
            self.problems.append(f"{name} cannot be read: a port must be a number.")
            return ""
        return value

    def key(self, name: str, instance: Path, env: str) -> str:
        """Return a secret key, the one kept in the folder `instance` where none is set."""
        try:
            return self.text(name) or _stored_key(instance, env)
        except OSError as error:
            self.problems.append(f"INSTANCE_PATH cannot be used: {error}.")
            return ""


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL; None when it, or its port, makes no sense."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read when it is asked for
    except ValueError:
        return None
    return parts


def _stored_key(instance: Path, env: str) -> str:
    """Return the secret key kept in the instance folder; outside production make it once."""
    path = instance / "secret_key"
    if env != "production" and not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        fresh = instance / f"secret_key.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            fresh.unlink()
    return path.read_text().strip() if path.exists() else ""
