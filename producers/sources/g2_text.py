"""Return the text of XHTML or NITF inside an XML document, one line a paragraph."""

from __future__ import annotations

from typing import Any

from producers.sources.safe_xml import local_name

BLOCKS = frozenset(
    {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hl1", "hl2", "blockquote",
     "bq", "pre", "table", "ul", "ol", "dl", "dt", "dd", "section", "article", "hr", "block"}
)  # fmt: skip
CELLS = frozenset({"td", "th"})
# No text of the article: a picture's caption has rights of its own.
LEFT_OUT = frozenset({"script", "style", "head", "media", "figure", "video", "audio", "object"})


def block_text(root: Any) -> str:
    """Return the article text below ``root``: NITF's ``body.content``, the body, or all of it.

    Raises: Nothing; the depth of ``root`` is limited by the parser.
    """
    parts: list[str] = []
    _collect(_content(root), parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def line_of(element: Any) -> str:
    """Return all text of an element in one line."""
    return " ".join("".join(element.itertext()).split())


def _content(root: Any) -> Any:
    for name in ("body.content", "body"):
        found = next((each for each in root.iter() if local_name(each) == name), None)
        if found is not None:
            return found
    return root


def _collect(element: Any, parts: list[str]) -> None:
    name = local_name(element)
    if name in LEFT_OUT or not name:
        return
    edge = "\n" if name in BLOCKS else " " if name in CELLS else ""
    # Line breaks of the source are no paragraphs.
    parts.append(edge + " ".join((element.text or "").split("\n")))
    for child in element:
        _collect(child, parts)
        parts.append(" ".join((child.tail or "").split("\n")))
    parts.append(edge)
