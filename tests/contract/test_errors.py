"""docs/errors.md lists every code of the tree in dateline/errors.py, once, with its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dateline.errors import DatelineError
from dateline.settings import PROJECT_DIR

ROW = re.compile(r"^\| (E\d{3}) \| `(\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)
PAGE = (PROJECT_DIR / "docs" / "errors.md").read_text(encoding="utf-8")


def tree(root: type[DatelineError] = DatelineError) -> Iterator[type[DatelineError]]:
    for child in root.__subclasses__():
        if child.__module__ == "dateline.errors":
            yield child
            yield from tree(child)


def test_page_has_every_code_once_and_no_other() -> None:
    rows = [(code, name) for code, name, _, _ in ROW.findall(PAGE)]

    assert rows == sorted((item.code, item.__name__) for item in tree())


def test_page_says_what_the_class_says() -> None:
    meanings = {name: meaning for _, name, meaning, _ in ROW.findall(PAGE)}

    for item in tree():
        assert meanings[item.__name__] == str(item.__doc__).split("\n")[0]


def test_codes_are_unique() -> None:
    codes = [item.code for item in tree()]

    assert len(set(codes)) == len(codes)


def test_codes_tell_the_kind_of_failure() -> None:
    kinds = {"ConfigError": "E1", "RecordRejected": "E2", "DependencyUnavailable": "E3",
             "InvariantBroken": "E9"}  # fmt: skip

    for item in tree():
        (kind,) = [kinds[base.__name__] for base in item.__mro__ if base.__name__ in kinds]
        assert item.code.startswith(kind)


def test_tree_in_the_docstring_has_every_code() -> None:
    import dateline.errors

    shown = set(re.findall(r"(\w+) +(E\d{3})\b", str(dateline.errors.__doc__)))
    exact = {(item.__name__, item.code) for item in tree() if not item.code.endswith(("00", "01"))}

    assert exact <= shown


def test_every_error_has_an_exit_code_of_its_kind() -> None:
    exits = {item.__name__: item.exit_code for item in tree()}

    assert exits["ConfigError"] == 2
    assert exits["InvariantBroken"] == exits["WriterFenced"] == exits["RecordCrashesStage"] == 70
