"""Switch a source of ``config/sources.toml`` on and off, keeping its comments and order; pure."""

from __future__ import annotations

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dateline.errors import ConfigError
from producers.normalize_url import normalize_url

KEY = "is_active"


def set_active(text: str, url: str, *, is_active: bool) -> str:
    """Return the list with ``is_active`` of the source at ``url`` set; unchanged where it is so.

    Active is what a source is by default, so resuming takes the key away.

    Raises:
        ConfigError: the text is no TOML, or lists no such source.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"the source list is not valid TOML: {error}.") from error
    wanted = normalize_url(url) or url
    tables = document.get("sources", [])
    found = [t for t in tables if (normalize_url(str(t.get("url"))) or t.get("url")) == wanted]
    if not found:
        raise ConfigError(
            f"{url} is not in the source list.", hint="`dateline sources` shows the addresses."
        )
    for table in found:
        if is_active:
            table.pop(KEY, None)
        else:
            table[KEY] = False
    return tomlkit.dumps(document)
