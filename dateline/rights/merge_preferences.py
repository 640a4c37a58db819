"""Return one set of usage preferences of all that were stated; none of them is a licence.

Each reader has resolved its own protocol by the protocol's rule. Across protocols the stricter one
holds: any "disallow" disallows, else any "allow" allows, else nothing is known (IETF AIPREF).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from dateline.rights.record import Access, Preference, Preferences, RawPreference
from dateline.rights.statement import RANK_NOTHING, StatedAccess, StatedPreference, Statement

# Reservations that are made in words (Directive (EU) 2019/790, Article 4(3)).
_MINING = re.compile(
    r"text[- ](?:and|&)[- ]data[- ]?mining|\bTDM\b|data mining|2019/790|text[- ]und[- ]data|§ ?44b"
    r"|fouille de (?:textes|données)|minería de (?:textos|datos)|mineração de (?:textos|dados)"
    r"|estrazione di (?:testo|dati)|tekst- en datamining|интеллектуальн\w+ анализ\w* данных"
    r"|داده‌?کاوی|متن‌?کاوی|التنقيب",
    re.IGNORECASE,
)
_TRAINING = re.compile(
    r"train(?:ing)? (?:of )?(?:any |an? )?(?:artificial|ai\b|machine|language model|models?)"
    r"|(?:\bAI\b|artificial intelligence|machine learning|language models?)[- ](?:training|system)"
    r"|entra[iî]n\w+ (?:d['’]|de |des |l['’])?(?:une? )?(?:intelligence|ia\b|modèles)"
    r"|training (?:von|künstlicher) |ki-(?:training|systeme)|entrenamiento de (?:ia|inteligencia)"
    r"|treinamento de (?:ia|inteligência)|آموزش (?:هوش|مدل)|تدريب (?:الذكاء|نماذج)",
    re.IGNORECASE,
)
_ALL_RIGHTS = re.compile(
    r"\ball(?: \w+)? rights\b|tous (?:les )?droits|alle rechten?|tutti i diritti|все права"
    r"|todos (?:los|os) (?:derechos|direitos)|tüm hakları|همه|تمام|کلیه|جميع الحقوق|كل (?:ال)?حقوق",
    re.IGNORECASE,
)


def is_mining_only(statement: Statement) -> bool:
    """Return whether a reservation in words keeps mining alone, not the rights in the text."""
    quote = statement.quote
    return bool(_MINING.search(quote) or _TRAINING.search(quote)) and not _ALL_RIGHTS.search(quote)


def preferences_in_words(statements: Iterable[Statement]) -> tuple[StatedPreference, ...]:
    """Return the reservations of mining and training that notices state in prose."""
    found = (_in_words(each) for each in statements if each.frame == "reserved")
    return tuple(preference for preference in found if preference is not None)


def merge_preferences(stated: Sequence[StatedPreference]) -> Preferences:
    """Return the stricter of all that was stated, with every raw value once."""
    limits = [each.snippet_max_chars for each in stated if each.snippet_max_chars is not None]
    limits += [0 for each in stated if each.is_nosnippet]
    tdm = [each.tdm_reservation for each in stated if each.tdm_reservation is not None]
    policies = [each.tdm_policy_url for each in stated if each.tdm_policy_url]
    raw = {value: None for each in stated for value in each.raw}
    passages = {text: None for each in stated for text in each.nosnippet_texts}
    return Preferences(
        tdm_reservation=any(tdm) if tdm else None,
        tdm_policy_url=min(policies, default=None),
        ai_train=_stricter(each.ai_train for each in stated),
        ai_input=_stricter(each.ai_input for each in stated),
        search=_stricter(each.search for each in stated),
        snippet_max_chars=min(limits, default=None),
        noarchive=any(each.noarchive for each in stated),
        noindex=any(each.noindex for each in stated),
        raw=tuple(sorted(raw, key=lambda value: (value.protocol, value.field, value.value))),
        nosnippet_texts=tuple(passages),
    )


def merge_access(stated: Sequence[StatedAccess]) -> Access:
    """Return the narrowest of what was said about access: not free, earliest end, last embargo."""
    free = [each.is_free for each in stated if each.is_free is not None]
    return Access(
        is_free=all(free) if free else None,
        expires_at=min(_moments(each.expires_at for each in stated), default=None),
        embargoed_until=max(_moments(each.embargoed_until for each in stated), default=None),
    )


def _in_words(statement: Statement) -> StatedPreference | None:
    is_mining = bool(_MINING.search(statement.quote))
    is_training = bool(_TRAINING.search(statement.quote))
    is_ours = statement.object_kind == "text" and statement.rank > RANK_NOTHING
    if not is_ours or not (is_mining or is_training):
        return None
    raw = RawPreference(
        protocol="words",
        field=f"{statement.layer}/{statement.field}",
        value=statement.quote,
        source_url=statement.source_url,
    )
    return StatedPreference(
        raw=(raw,),
        tdm_reservation=True if is_mining else None,
        ai_train="disallowed" if is_training else None,
    )


def _stricter(values: Iterable[Preference | None]) -> Preference:
    stated = set(values)
    if "disallowed" in stated:
        return "disallowed"
    return "allowed" if "allowed" in stated else "unknown"


def _moments(values: Iterable[datetime | None]) -> list[datetime]:
    return [moment for moment in values if moment is not None]
