"""What a name looks like: capitalised words and the small words that join two of them.

These are expressions over folded text; names keep their case wherever they are put.
"""

from __future__ import annotations

MARK = "\x1a"  # stands for a licence's name or address
_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĐĒĞĪİŁŃŌŘŚŞŠŪŹŻŽА-ЯЁІЇЄҐ"
_SHORT_WORD = r"(?:[A-Z]|Dr|Prof|St|Mt|Mr|Mrs|Ms|Inc|Ltd|Co|Corp|Bros|Jr|Sr|Ing)\.(?:[A-Z]\.)*"
# An apostrophe belongs to a name only before a capital: "Postası'nın" is inflected, "O'Dea" is not.
_WORD = (
    rf"(?:{_SHORT_WORD}|(?=[0-9]*[{_UPPER}])[{_UPPER}0-9]"
    rf"(?:[\w&+]|[./\-](?=\w)|'(?= ?[{_UPPER}]))*)"
)
_JOIN = (
    r"(?:of|the|and|for|de|la|le|les|du|des|del|da|do|dos|das|di|della|delle|dei|degli|dello|et|und"
    r"|für|von|van|der|den|dem|am|im|zu|zum|zur|voor|pour|para|per|y|e|i|en|og|och|ve|и|для|&|\+"
    r"|d'|l'|dell'|all'|'t|al|alla|aux|ter|ten|te|op)"
)
_ELIDED = r"(?:d'|l'|dell'|all'|nell')"
NAME = (
    rf"(?-i:{_WORD}(?: (?:{_JOIN} ){{0,3}}{_ELIDED}?{_WORD}"
    rf"| \d{{1,3}}(?= [{_UPPER}]|\W|$)){{0,9}}(?: e\. ?V\b\.?)?)"
)
QUOTED_NAME = rf"[«\"„*《「『‹](?P<name>[^«»\"„“”*《》「」『』\n{MARK}]{{2,60}})[»\"“”*》」』›]"
CJK_NAME = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][\w·・]*(?: [\uac00-\ud7af][\w·]*){0,4}"
# A sentence begins with a capital that makes no name.
NO_NAME = (
    r"(?-i:(?!(?i:The|This|These|Those|That|Our|My|We|I|You|All|Every|Any|Each|It|Its|They|Their"
    r"|His|Her|Your|Some|Most|Many|No|If|Who|What|An?|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\b))"
)
