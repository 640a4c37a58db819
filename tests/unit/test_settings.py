from __future__ import annotations

from pathlib import Path

import pytest

from dateline.errors import ConfigError
from dateline.settings import Settings, key_specs, load_settings


def load(tmp_path: Path, toml: str = "", *assignments: str, **environ: str) -> Settings:
    path = tmp_path / "dateline.toml"
    path.write_text(toml, encoding="utf-8")
    return load_settings(config_path=path, environ=environ, assignments=assignments)


def message(tmp_path: Path, toml: str = "", *assignments: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, toml, *assignments, **environ)
    assert refused.value.exit_code == 2
    return str(refused.value).replace(str(tmp_path), "FOLDER")


def test_unknown_key_in_the_file_names_the_nearest(tmp_path: Path) -> None:
    assert message(tmp_path, "[kafka]\nbootstrap_server = 'x'") == (
        "FOLDER/dateline.toml: unknown setting 'kafka.bootstrap_server'."
        " Did you mean 'kafka.bootstrap_servers'?"
    )


def test_unknown_section_names_the_nearest(tmp_path: Path) -> None:
    assert message(tmp_path, "[kafak]\nbootstrap_servers = 'x'") == (
        "FOLDER/dateline.toml: unknown setting 'kafak.bootstrap_servers'."
        " Did you mean 'kafka.bootstrap_servers'?"
    )


def test_key_outside_a_section_names_the_nearest(tmp_path: Path) -> None:
    assert message(tmp_path, "window_days = 3") == (
        "FOLDER/dateline.toml: setting 'window_days' stands outside a section."
        " Did you mean 'stories.window_days'?"
    )


def test_unknown_variable_names_the_nearest(tmp_path: Path) -> None:
    assert message(tmp_path, DATELINE_KAFKA_BOOTSTRAP="x") == (
        "environment: unknown setting 'DATELINE_KAFKA_BOOTSTRAP'."
        " Did you mean 'DATELINE_KAFKA_BOOTSTRAP_SERVERS'?"
    )


def test_unknown_assignment_names_the_nearest(tmp_path: Path) -> None:
    assert message(tmp_path, "", "stories.window_day=3") == (
        "--set: unknown setting 'stories.window_day'. Did you mean 'stories.window_days'?"
    )


def test_key_like_no_other_points_to_the_list(tmp_path: Path) -> None:
    assert message(tmp_path, "", "zzz=1").endswith("See `dateline config show`.")


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("stories.window_days", "--set stories.window_days: expected SECTION.KEY=VALUE."),
        (
            "stories.window_days=many",
            "--set: stories.window_days: Expected `int`, got `str`."
            " State of an article unchanged for longer is read from the index.",
        ),
        (
            "stories.window_days=0",
            "--set: stories.window_days: Expected `int` >= 1."
            " State of an article unchanged for longer is read from the index.",
        ),
        (
            "stages.stall_seconds=nan",
            "--set: stages.stall_seconds: Expected `float` >= 30.0."
            " No progress for so long with records waiting: the stage ends.",
        ),
        (
            "stages.take_within_seconds=1.5",
            "--set: stages.take_within_seconds: Expected `float` <= 1.0."
            " Longest wait for a batch to fill.",
        ),
    ],
)
def test_value_that_cannot_be_is_refused(tmp_path: Path, assignment: str, expected: str) -> None:
    assert message(tmp_path, "", assignment) == expected


def test_wrong_type_in_the_file_is_refused(tmp_path: Path) -> None:
    assert message(tmp_path, "[project]\nnamespace = 3") == (
        "FOLDER/dateline.toml: project.namespace: Expected `str`, got `int`."
        " Prefix of topics, groups and indices: two pipelines can share servers."
    )


def test_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    assert message(tmp_path, "[elasticsearch]\npassword = 'x'") == (
        "FOLDER/dateline.toml: elasticsearch.password is a secret and may not stand in a file."
        " Set DATELINE_ELASTICSEARCH_PASSWORD in the environment."
    )


def test_secret_on_the_command_line_is_refused(tmp_path: Path) -> None:
    assert message(tmp_path, "", "elasticsearch.password=x") == (
        "--set: elasticsearch.password is a secret, and every process list shows a command line."
        " Set DATELINE_ELASTICSEARCH_PASSWORD in the environment."
    )


def test_secret_from_the_environment_is_not_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, DATELINE_ELASTICSEARCH_PASSWORD="hunter2")  # noqa: S106 (made up)

    assert settings.elasticsearch.password == "hunter2"  # noqa: S105 (made up)
    assert "hunter2" not in repr(settings)


def test_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    toml = "[stories]\nwindow_days = 1\nmax_versions = 10\n[index]\nmax_bulk_bytes = 100000"

    settings = load(
        tmp_path, toml, "stories.window_days=3",
        DATELINE_STORIES_WINDOW_DAYS="2", DATELINE_STORIES_MAX_VERSIONS="20",
    )  # fmt: skip

    assert settings.stories.window_days == 3
    assert settings.stories.max_versions == 20
    assert settings.index.max_bulk_bytes == 100_000
    assert settings.origins == {
        "stories.window_days": "--set",
        "stories.max_versions": "environment DATELINE_STORIES_MAX_VERSIONS",
        "index.max_bulk_bytes": str(tmp_path / "dateline.toml"),
    }


def test_values_are_converted_to_their_type(tmp_path: Path) -> None:
    settings = load(
        tmp_path, "", 'enrich.models={de = "de_core_news_sm"}', "stages.retry_ceiling_seconds=5",
        "project.namespace=7", "kafka.bootstrap_servers=a:1,b:2",
    )  # fmt: skip

    assert settings.enrich.models == {"de": "de_core_news_sm"}
    assert settings.stages.retry_ceiling_seconds == 5.0
    assert settings.project.namespace == "7"
    assert settings.kafka.bootstrap_servers == "a:1,b:2"


def test_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.toml does not exist\."):
        load_settings(config_path=tmp_path / "none.toml", environ={})


@pytest.mark.parametrize(("content", "reason"), [(b"[a", "not valid TOML"), (b"\xff", "be read")])
def test_unreadable_file_is_an_error(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=reason):
        load_settings(config_path=path, environ={})


def test_shipped_file_loads() -> None:
    assert load_settings(environ={}).enrich.models["en"].startswith("en_core_web_sm")


def test_variables_of_the_tests_are_no_settings(tmp_path: Path) -> None:
    load(tmp_path, DATELINE_FAILPOINT="x", DATELINE_CONFIG="y", OTHER="z")


def test_namespace_stands_before_every_name(tmp_path: Path) -> None:
    assert load(tmp_path).scoped("news.raw.v1") == "news.raw.v1"
    assert load(tmp_path, "", "project.namespace=blue").scoped("news.raw.v1") == "blue-news.raw.v1"


@pytest.mark.parametrize("namespace", ["Blue", "a-b", "a.b", "a b", "ü"])
def test_namespace_that_is_no_plain_name_is_refused(tmp_path: Path, namespace: str) -> None:
    assert "project.namespace" in message(tmp_path, DATELINE_PROJECT_NAMESPACE=namespace)


def test_every_default_is_within_its_own_limits(tmp_path: Path) -> None:
    """A default is never converted; this one test does it."""
    for spec in key_specs():
        if isinstance(spec.default, int | float) and not isinstance(spec.default, bool):
            load(tmp_path, "", f"{spec.path}={spec.default}")
        assert spec.meta.description
