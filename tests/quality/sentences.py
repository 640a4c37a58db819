"""Rights statements in short bodies, one each, by many hands: to train on and to check with.

``licensing/sentences/train-*.txt`` are what the frame model learns from and what rules are read
against; ``check-*.txt`` are only counted. The form is described in ``licensing/README.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from dateline.rights.record import Frame, ObjectKind

FOLDER = Path(__file__).parent / "licensing" / "sentences"
Part = Literal["train", "check"]

_BETWEEN = re.compile(r"^---[^\S\n]*$", re.MULTILINE)
_HEAD_FIELDS = 4
_OPEN, _CLOSE = "[[", "]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A body with one marked statement at ``[start, end)``; ``spdx`` is "-" where it names none."""

    id: str
    frame: Frame
    object: ObjectKind
    spdx: str
    language: str
    body: str
    start: int
    end: int


def load_sentences(part: Part, folder: Path = FOLDER) -> tuple[Sentence, ...]:
    """Return the sentences of one part, by file name and then as they are written.

    Raises:
        ValueError: a block has no head of four fields, or not one mark; file and number are named.
    """
    return tuple(
        sentence for path in sorted(folder.glob(f"{part}-*.txt")) for sentence in _read(path)
    )


def _read(path: Path) -> Iterator[Sentence]:
    for number, block in enumerate(_BETWEEN.split(path.read_text(encoding="utf-8")), start=1):
        head, _, body = block.strip("\n").partition("\n")
        id_ = f"{path.stem}:{number}"
        fields = head.split()
        if len(fields) != _HEAD_FIELDS:
            raise ValueError(f"{id_}: the first line has {len(fields)} fields, not {_HEAD_FIELDS}")
        frame, kind, spdx, language = fields
        if frame not in get_args(Frame) or kind not in get_args(ObjectKind):
            raise ValueError(f"{id_}: {frame} {kind} is no frame and object")
        if body.count(_OPEN) != 1 or body.count(_CLOSE) != 1:
            raise ValueError(f"{id_}: one statement is marked in each body")
        start, end = body.index(_OPEN), body.index(_CLOSE) - len(_OPEN)
        yield Sentence(
            id=id_,
            frame=frame,  # type: ignore[arg-type]
            object=kind,  # type: ignore[arg-type]
            spdx=spdx,
            language=language,
            body=body.replace(_OPEN, "").replace(_CLOSE, ""),
            start=start,
            end=end,
        )
