"""The two seeds through all stages: a watch on their person fires once, under every spelling."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alerts_on_servers import in_ledger, published
from cli_on_servers import run_command
from grouped_articles import watch
from stages_on_servers import running_stages, until

from dateline import ids
from dateline.cli.ingest import ingest
from dateline.settings import PROJECT_DIR, Settings
from dateline.watch_topic import send_records

pytestmark = pytest.mark.integration

SEEDS = sorted((PROJECT_DIR / "seeds").glob("*.txt"))
# As the person is written: in the first article, in the second alone, and in what that one quotes.
SPELLINGS = {
    "first": "Mohammad bin Abdul Aziz al-Khulaifi",
    "second": "Mohammad bin Abdul Aziz al-Khalifi",
    "quoted": "Mohammed bin Abdulaziz bin Saleh Al-Khulaifi",
    "short": "al-Khulaifi",
    "shifted": "Al-Khalifi",
}


@pytest.mark.parametrize("is_turned", [False, True], ids=["first-first", "second-first"])
def test_every_spelling_fires_once_for_the_story_of_both_seeds(
    pipeline_settings: Settings, tmp_path: Path, is_turned: bool
) -> None:
    settings = pipeline_settings

    def of(watch_id: str) -> list[str]:
        return [each.alert_id for each in published(settings) if each.watch_id == watch_id]

    now = datetime.now(UTC)
    watches = [
        watch(name, f'entity:"{spelling}"', created_at=now, channel_ids=())
        for name, spelling in SPELLINGS.items()
    ]
    every = watch("every", "Qatar AND JCPOA", created_at=now, repeat="every_article",
                  channel_ids=())  # fmt: skip
    send_records(settings, [*watches, every])
    stages = ("enrich", "stories", "alerts")
    with running_stages(settings, tmp_path / "log", *stages, options={"enrich.processes": "1"}):
        for number, path in enumerate(SEEDS[::-1] if is_turned else SEEDS, 1):
            folder = tmp_path / "seeds"
            folder.mkdir(exist_ok=True)
            (folder / path.name).write_bytes(path.read_bytes())
            result = run_command(settings, ingest, str(folder))
            assert result.exit_code == 0, result.output
            until(lambda count=number: len(of("every")) == count, f"{number} articles")

    entries = in_ledger(settings)
    assert len({each.alert.story_id for each in entries}) == 1
    for name in SPELLINGS:
        assert len(of(name)) == 1, name
    assert len(entries) == len(SPELLINGS) + 2
    (story_id,) = {each.alert.story_id for each in entries}
    assert of("first") == [ids.alert_id("first", "match", story_id)]
