"""Tie a form to the browser that it was shown in."""

from __future__ import annotations

import hashlib
import hmac
import secrets

COOKIE = "dateline_form"
_SECRET_BYTES = 32


class FormTokens:
    """Makes and checks the tokens of forms; those of another process are not known."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(_SECRET_BYTES)

    def new_browser(self) -> str:
        """Return a name for a browser, for its cookie."""
        return secrets.token_urlsafe(_SECRET_BYTES)

    def token(self, browser: str) -> str:
        """Return the token of a form that ``browser`` is shown."""
        return hmac.new(self._secret, browser.encode(), hashlib.sha256).hexdigest()

    def is_valid(self, browser: str, token: str) -> bool:
        """Return whether the form came from ``browser``; the token is no text of ours otherwise."""
        wanted = self.token(browser) if browser else ""
        return bool(wanted) and hmac.compare_digest(wanted.encode(), token.encode())
