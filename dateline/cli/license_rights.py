"""Read the rights of one article as the enrich stage does, and decide as the stories stage does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dateline.clock import Clock
from dateline.errors import ArticleInvalid
from dateline.records import RawArticle
from dateline.rights.decide import decide_all
from dateline.rights.policy import load_policy
from dateline.rights.record import Decision, Rights
from dateline.settings import PROJECT_DIR
from processors.enrich.enrich_article import prepare
from processors.enrich.rights_reader import RightsReader, load_rights_reader

CONFIG_DIR = PROJECT_DIR / "config"
Judge = Callable[[RawArticle], tuple[Rights, tuple[Decision, ...]]]


def open_judge(clock: Clock, config_dir: Path = CONFIG_DIR) -> Judge:
    """Return a function from an article to its rights and its six decisions.

    Raises:
        ConfigError: a file of ``config_dir`` that it needs cannot be used.
    """
    reader = load_rights_reader(config_dir)
    policy = load_policy(config_dir / "policies.toml")

    def judge(article: RawArticle) -> tuple[Rights, tuple[Decision, ...]]:
        rights = _rights(article, reader)
        decisions = decide_all(rights, policy=policy, at=clock.now(), pub_status=article.pub_status)
        return rights, decisions

    return judge


def _rights(article: RawArticle, reader: RightsReader) -> Rights:
    try:
        return prepare(article, reader).rights
    except ArticleInvalid:
        # The pipeline refuses a text that is nothing but a notice; here the notice is the question.
        return reader.read(article, language=None, agency=None)
