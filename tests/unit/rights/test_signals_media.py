"""Media RSS from the feed's XML to the objects of the record, by way of every reader."""

from __future__ import annotations

import pytest
from read_everything import bounded, rights_of_feed

BY = "https://creativecommons.org/licenses/by/4.0/"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"
SITE = "https://paper.example"
Found = list[tuple[str, str, str | None]]


def licence(href: str) -> str:
    return f'<media:license type="text/html" href="{href}">as the link says</media:license>'


def content(attributes: str, inner: str = "") -> str:
    return f"<media:content {attributes}>{inner}</media:content>"


def rss(item: str, channel: str = "") -> str:
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:cc="http://creativecommons.org/ns#"><channel><title>Paper</title>'
        f"{channel}<item><title>Dredging</title><guid>1</guid>{item}</item></channel></rss>"
    )


def objects(xml: str) -> Found:
    """Return kind, licence and address of all objects; the text must have got nothing."""
    rights = rights_of_feed(xml)
    assert (rights.status, rights.spdx_expression) == ("unknown", "NOASSERTION")
    return sorted((each.kind, each.spdx_expression, each.url) for each in rights.objects)


PHOTO = content('url="/a.jpg" medium="image"')
FILM = content('url="/b.mp4" type="video/mp4"')
WEBM = content('url="/b.webm"')
DEFAULT = content('url="/b.webm" isDefault="true"')
MOV = content('url="/b.mov"', licence(BY_NC))
SONG = content('url="https://cdn.paper.example/c.mp3?sign=1"')


@pytest.mark.parametrize(
    ("item", "channel", "expected"),
    [
        pytest.param(
            content('url="/b" medium="video"', licence(BY)), "",
            [("video", "CC-BY-4.0", f"{SITE}/b")],
            id="content",
        ),
        pytest.param(
            licence(BY) + PHOTO + FILM + SONG, "",
            [
                ("audio", "CC-BY-4.0", "https://cdn.paper.example/c.mp3"),
                ("image", "CC-BY-4.0", f"{SITE}/a.jpg"),
                ("video", "CC-BY-4.0", f"{SITE}/b.mp4"),
            ],
            id="item-for-all",
        ),
        pytest.param(
            licence(BY) + content('url="/a.jpg" medium="image"', licence(BY_SA)) + FILM, "",
            [("image", "CC-BY-SA-4.0", f"{SITE}/a.jpg"), ("video", "CC-BY-4.0", f"{SITE}/b.mp4")],
            id="content-before-item",
        ),
        pytest.param(
            f"{licence(BY)}<media:group>{licence(BY_SA)}{FILM}{WEBM}"
            f"</media:group>{PHOTO}", "",
            [("image", "CC-BY-4.0", f"{SITE}/a.jpg"), ("video", "CC-BY-SA-4.0", f"{SITE}/b.mp4")],
            id="group-is-one-object",
        ),
        pytest.param(
            f"<media:group>{FILM}{DEFAULT}{licence(BY)}"
            f"{MOV}</media:group>", "",
            [
                ("video", "CC-BY-4.0", f"{SITE}/b.webm"),
                ("video", "CC-BY-NC-4.0", f"{SITE}/b.mov"),
            ],
            id="form-of-a-group-with-its-own",
        ),
        pytest.param(
            PHOTO, licence(BY), [("image", "CC-BY-4.0", f"{SITE}/a.jpg")], id="channel"
        ),
        pytest.param(
            licence(BY_SA) + PHOTO, licence(BY), [("image", "CC-BY-SA-4.0", f"{SITE}/a.jpg")],
            id="item-before-channel",
        ),
        pytest.param(
            content('url="/a.jpg"', f"<cc:license>{BY}</cc:license>"), "",
            [("image", "CC-BY-4.0", f"{SITE}/a.jpg")],
            id="other-module-in-content",
        ),
        pytest.param(
            f'{licence(BY)}<enclosure url="/c" type="audio/ogg" length="1"/>', "",
            [("audio", "CC-BY-4.0", f"{SITE}/c")],
            id="enclosure",
        ),
        pytest.param(licence(BY), "", [("image", "CC-BY-4.0", None)], id="no-object"),
        pytest.param("", licence(BY), [], id="channel-and-no-object"),
        pytest.param(
            content('url="/a.jpg"', f'<media:copyright url="{BY}">N. Roe</media:copyright>'), "",
            [("image", "CC-BY-4.0", f"{SITE}/a.jpg")],
            id="copyright-with-a-licence",
        ),
        pytest.param(
            content('url="/a.jpg"', "<media:copyright>All rights reserved.</media:copyright>"), "",
            [("image", "NOASSERTION", f"{SITE}/a.jpg")],
            id="copyright-reserved",
        ),
        pytest.param(
            content('url="/a.jpg"', '<media:rights status="official"/><media:restriction '
                    'relationship="allow" type="country">at</media:restriction>'), "",
            [],
            id="no-licence",
        ),
    ],
)  # fmt: skip
def test_media_rss_gives_each_object_its_own_licence(
    item: str, channel: str, expected: Found
) -> None:
    assert objects(rss(item, channel)) == expected


def test_media_of_an_atom_entry() -> None:
    xml = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
        f"{licence(BY)}<entry><id>1</id><title>Dredging</title>"
        f'<link rel="enclosure" type="video/mp4" href="/b"/></entry></feed>'
    )
    assert objects(xml) == [("video", "CC-BY-4.0", f"{SITE}/b")]


def test_the_text_keeps_its_own_licence_beside_a_film() -> None:
    film = content('url="/b.mp4"', licence(BY))
    rights = rights_of_feed(rss(f"<cc:license>{BY_SA}</cc:license>{film}"))
    assert (rights.status, rights.spdx_expression) == ("granted", "CC-BY-SA-4.0")
    assert [(each.kind, each.spdx_expression) for each in rights.objects] == [
        ("video", "CC-BY-4.0")
    ]


def test_a_thousand_pictures_do_not_displace_what_the_item_says_of_its_text() -> None:
    pictures = "".join(content(f'url="/{number}.jpg"', licence(BY)) for number in range(250))
    with bounded():
        rights = rights_of_feed(rss(f"{pictures}<cc:license>{BY_SA}</cc:license>"))
    assert rights.spdx_expression == "CC-BY-SA-4.0"
    assert 20 <= len(rights.objects) <= 40
