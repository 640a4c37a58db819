from __future__ import annotations

from processors.enrich.child import mask_long_runs


def test_mask_long_runs_keeps_every_offset():
    text = "Ada Brook " + "\N{GRINNING FACE}" * 20_000 + " met Li Wei."

    masked = mask_long_runs(text)

    assert len(masked) == len(text)
    assert masked.split() == ["Ada", "Brook", "met", "Li", "Wei."]
    assert masked.index("Li Wei") == text.index("Li Wei")


def test_mask_long_runs_leaves_words_and_links_alone():
    text = "See https://news.example/" + "a" * 400 + " for more."

    assert mask_long_runs(text) == text
