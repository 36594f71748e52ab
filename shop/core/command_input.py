"""What is typed for the options and arguments of a command: lines of text in UTF-8."""

from typing import Any

import click


def one_line(_context: click.Context, _option: click.Parameter, given: Any) -> Any:
    """Take what was typed for an option or argument, once or often, if it is a line of text.

    Raises BadParameter.
    """
    for text in (given,) if isinstance(given, str) else given or ():
        if not text.isprintable():
            raise click.BadParameter("not a line of text in UTF-8.")
    return given


def is_text(word: str) -> bool:
    """Return whether the shell handed over UTF-8: other bytes arrive as halves of pairs."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
