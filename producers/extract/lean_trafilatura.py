"""Make trafilatura leave out what nobody reads here; text, title, authors and dates stay the same.

Both are attributes of the library's modules, for it has no options for them.
"""

from __future__ import annotations

from lxml.etree import ElementDefaultClassLookup
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction
from trafilatura.utils import HTML_PARSER
from trafilatura.xpaths import CATEGORIES_XPATHS, TAGS_XPATHS


def make_lean() -> None:
    """Change trafilatura in this process; safe to call twice."""
    # Categories and tags take a twelfth of an extraction; without places to look for them
    # trafilatura finds none.
    CATEGORIES_XPATHS.clear()
    TAGS_XPATHS.clear()
    # lxml.html asks a Python function for the class of every element at every touch, some 3000
    # times a page (4 % of an extraction), only to give forms and their fields classes of their own.
    HTML_PARSER.set_element_class_lookup(
        ElementDefaultClassLookup(
            element=HtmlElement,
            comment=HtmlComment,
            pi=HtmlProcessingInstruction,
            entity=HtmlEntity,
        )
    )
