"""Say what a schema.org type and property mean for rights; used by JSON-LD and microdata.

Source: schema.org (CreativeWork and its types). ``sdLicense`` is the licence of the data itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, cast

from dateline.rights.record import ObjectKind
from dateline.rights.signals.make_statement import Facts

Role = Literal["article", "page", "site", "nothing"] | ObjectKind
_ROLES: dict[Role, re.Pattern[str]] = {
    "nothing": re.compile(
        r"(?:User)?Comments?|Answer|Person|.*(?:Organization|Corporation|Offer|List|ListItem)"
        r"|WPFooter|WPHeader|WPSideBar|WebPageElement|SiteNavigationElement|Product|Event"
    ),
    "article": re.compile(
        r".*Article|(?:Blog|LiveBlog|SocialMedia|DiscussionForum)Posting|Report|CreativeWork"
        r"|(?:Claim|Critic|Media|User)?Review|Recipe|HowTo"
    ),
    "page": re.compile(r".*Page"),
    "site": re.compile(r"WebSite|Blog|Periodical|Newspaper|Publication(?:Issue|Volume)"),
    "image": re.compile(r"ImageObject|ImageGallery|Photograph|Painting|Drawing|Map|Barcode"),
    "video": re.compile(r"VideoObject|Movie|Clip|TVEpisode|.*Broadcast|VideoGallery"),
    "audio": re.compile(r"AudioObject|PodcastEpisode|Music.*|RadioEpisode|Audiobook"),
    "dataset": re.compile(r"Dataset|Data(?:Catalog|Download|Feed)|Table"),
    "software": re.compile(r"Software.*|(?:Web|Mobile)Application|VideoGame"),
    "quoted_work": re.compile(r"Quotation|Book|Poem|Legislation|ShortStory|Claim"),
}
# What hangs below a node under these names, where its type is not said.
_ROLES_OF_KEYS: dict[str, Role] = {
    "image": "image", "images": "image", "thumbnail": "image", "photo": "image", "logo": "nothing",
    "primaryImageOfPage": "image", "associatedMedia": "image", "encoding": "other",
    "video": "video", "audio": "audio", "isPartOf": "site", "mainEntity": "article",
    "mainEntityOfPage": "page", "comment": "nothing", "review": "nothing", "author": "nothing",
    "publisher": "nothing", "isBasedOn": "quoted_work", "citation": "quoted_work",
}  # fmt: skip
# A text below these is this article; one below others (lists, parts, mentions) is another.
OWN_TEXT_KEYS = frozenset({"mainEntity", "mainEntityOfPage"})
_FACTS: dict[str, Callable[[str], Facts]] = {
    "copyrightholder": lambda text: Facts(copyright_holder=text),
    "copyrightnotice": lambda text: Facts(copyright_notice=text),
    "credittext": lambda text: Facts(credit_text=text),
    "acquirelicensepage": lambda text: Facts(acquire_license_page=text),
    "usageinfo": lambda text: Facts(usage_terms=text),
    "usageterms": lambda text: Facts(usage_terms=text),
}
_YEAR = re.compile(r"\s*([12]\d{3})\b")
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})


def kind_of(role: Role) -> ObjectKind:
    """Return the kind of object that a role is where it is neither this text nor nothing."""
    return "other" if role in ("article", "page", "site", "nothing") else cast(ObjectKind, role)


def role_of(types: Any, *, key: str | None = None) -> Role:
    """Return what a node of these types is; of no type, by the name it hangs below."""
    names = [each for each in (types if isinstance(types, list) else [types]) if each]
    bare = [re.split(r"[/#:]", str(each).strip())[-1] for each in names]
    if bare:
        found = (role for role, form in _ROLES.items() for each in bare if form.fullmatch(each))
        return next(found, "other")
    return _ROLES_OF_KEYS.get(key or "", "nothing")


def facts_of(name: str, value: Any) -> Facts | None:
    """Return what a property other than the licence says, None where it says nothing readable.

    Names are compared in lower case, as microdata gives them.
    """
    text = name_of(value)
    if name.lower() == "copyrightyear":
        year = _YEAR.match(text)
        return Facts(copyright_year=int(year[1])) if year else None
    make = _FACTS.get(name.lower())
    return make(text) if make and text else None


def truth_of(value: Any) -> bool | None:
    """Return a schema.org Boolean: ``true``, ``"False"``, ``https://schema.org/True``."""
    word = str(value).strip().rpartition("/")[2].lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def name_of(value: Any) -> str:
    """Return a value as text: itself, or the name or address of the thing that it is."""
    if isinstance(value, list):
        return next((name for name in map(name_of, value[:8]) if name), "")
    if isinstance(value, dict):
        named = (name_of(value.get(key)) for key in ("name", "url", "@id", "@value"))
        return next((name for name in named if name), "")
    if isinstance(value, bool) or value is None:
        return ""
    return " ".join(str(value).split())
