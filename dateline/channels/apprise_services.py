"""Which services are told through Apprise: a list of what may, not of what may not.

Every one of them speaks HTTP through ``requests``, which the guard sees into (a test reads their
modules). Left out: what shows something on this machine or runs programs (``gnome``, ``macosx``,
``windows``, ``dbus``, ``syslog``), what has sockets and protocols of its own (``irc``, ``mqtt``,
``xmpp``, ``smpp``, ``rsyslog``), what sends on to anywhere (``apprise``), and what we do better.
"""

from __future__ import annotations

CHATS = frozenset(
    {"bluesky", "bsky", "cliq", "dingtalk", "discord", "feishu", "flock", "gchat", "groupme",
     "kook", "lark", "line", "mastodon", "mastodons", "matrix", "matrixs", "misskey", "misskeys",
     "mmost", "mmosts", "nctalk", "nctalks", "qq", "revolt", "rocket", "rockets", "ryver",
     "signal", "signals", "slack", "spike", "stackfield", "synology", "synologys", "tgram",
     "threema", "toot", "toots", "twist", "viber", "webex", "wecombot", "whatsapp", "workflow",
     "workflows", "wxteams", "zcliq", "zohocliq", "zoom", "zulip"}
)  # fmt: skip
PUSH = frozenset(
    {"bark", "barks", "chanify", "gotify", "gotifys", "hassio", "hassios", "ifttt", "join",
     "lametric", "lametrics", "ncloud", "nclouds", "notica", "noticas", "ntfy", "onesignal",
     "pbul", "pover", "prowl", "psafer", "psafers", "push", "pushdeer", "pushdeers", "pushed",
     "pushme", "pushplus", "pushward", "pushy", "schan", "wxpusher"}
)  # fmt: skip
ON_CALL = frozenset(
    {"betterstack", "firehydrant", "goalert", "goalerts", "ilert", "incidentio", "opsgenie",
     "pagerduty", "pagertree", "signl4", "splunk", "spugpush", "squadcast", "victorops"}
)  # fmt: skip
SMS = frozenset(
    {"46elks", "clickatell", "msgbird", "nexmo", "plivo", "sinch", "sns", "telnyx", "twilio",
     "vonage"}
)  # fmt: skip
SERVICES = CHATS | PUSH | ON_CALL | SMS | {"ntfys"}

_OWN_KINDS = {
    "a channel of kind webhook signs what it sends": ("json", "jsons", "xml", "xmls", "form",
                                                      "forms"),
    "use a channel of kind email": ("mailto", "mailtos"),
}  # fmt: skip
_BETTER = {scheme: advice for advice, schemes in _OWN_KINDS.items() for scheme in schemes}


def service_problem(url: str) -> str | None:
    """Return why the Apprise address ``url`` is not used, or None when it is.

    The words repeat nothing of the address, which is a secret.
    """
    scheme, separator, _ = url.partition("://")
    scheme = scheme.strip().lower()
    if not separator:
        return "is no Apprise address such as ntfys://ntfy.sh/topic"
    if scheme in SERVICES:
        return None
    if scheme in _BETTER:
        return f"names {scheme}://, which is not told through Apprise: {_BETTER[scheme]}"
    return "names a service that is not on the list of docs/channels.md"
