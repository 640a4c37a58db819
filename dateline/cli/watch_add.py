"""``dateline watch add``: check a query, say how much it would tell, and put it in force."""

from __future__ import annotations

import re
from typing import Any, get_args

import click
from elasticsearch import Elasticsearch

from dateline.alert_records import Repeat, Surge, Watch, WatchTrigger
from dateline.cli.context import CliContext, current
from dateline.cli.terminal import json_text, one_line, print_field, print_text
from dateline.cli.watch_look_back import LookBack, look_back, look_back_as_json, print_look_back
from dateline.cli.watch_view import fires, watch_as_json
from dateline.clock import SystemClock
from dateline.endpoints import search_client
from dateline.errors import ConfigError
from dateline.moments import parse_moment
from dateline.search.templates import articles_index
from dateline.search.watch_queries import Estimate, estimate_per_day
from dateline.watch_topic import read_watchlist, send_records
from dateline.watches.new_watch import made_id, misfit, read_query
from dateline.watches.query_tree import Query
from dateline.watches.watch_file import begun_anew, refuse_unknown_channels

SURGE_OPTIONS = ("window_hours", "baseline_days", "min_articles", "min_ratio")


@click.command()
@click.argument("query")
@click.option("--id", "watch_id", metavar="ID", help="Default: made from the name or the query.")
@click.option("--name", default="", help="As alerts show it.")
@click.option("--channel", "channels", multiple=True, metavar="ID", help="Where to tell; repeat.")
@click.option(
    "--trigger", type=click.Choice(get_args(WatchTrigger)), default="match", show_default=True
)
@click.option(
    "--repeat", type=click.Choice(get_args(Repeat)), default="every_story", show_default=True,
    help="Of match: how often.",
)  # fmt: skip
@click.option(
    "--scope", type=click.Choice(["all", "source", "country"]), default="all", show_default=True,
    help="Of first_mention: ever, by this source, or with this country.",
)  # fmt: skip
@click.option("--silence-days", type=click.IntRange(1, 3650), help="Of silence.")
@click.option("--window-hours", type=click.IntRange(1, 168), help="Of surge; default 6.")
@click.option("--baseline-days", type=click.IntRange(1, 90), help="Of surge; default 28.")
@click.option("--min-articles", type=click.IntRange(2), help="Of surge; default 5.")
@click.option("--min-ratio", type=click.FloatRange(1, min_open=True), help="Of surge; default 3.")
@click.option("--tell-license", is_flag=True, help="Also tell when an alerted licence changes.")
@click.option("--look-back", metavar="AGE", help="Show what it would have found since: 7d, 12h.")
@click.option("--replace", "is_replacing", is_flag=True, help="Change the watch that has this id.")
@click.option("--force", is_flag=True, help="Also when it would tell very often.")
@click.option("--dry-run", is_flag=True, help="Check and estimate, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(  # noqa: PLR0913 (one parameter an option)
    *, query: str, watch_id: str | None, name: str, look_back: str | None, is_replacing: bool,
    force: bool, dry_run: bool, as_json: bool, **asked: Any,
) -> None:  # fmt: skip
    """Watch what QUERY asks for, for articles that are first seen from now on.

    QUERY has words, "phrases", AND, OR, NOT, NEAR/5, word*, brackets, SENTENCE(...), and fields:
    title: body: source: license: lang: entity: type: country: (docs/alerts.md). Nothing is alerted
    for the past; --look-back shows it here.

    \b
    Examples:
      dateline watch add 'entity:Qatar AND entity:JCPOA' --name "Qatar and the deal"
      dateline watch add 'SENTENCE(type:organization country:qa)' --channel desk-mail
      dateline watch add 'title:(strike OR walkout) lang:en' --look-back 7d --dry-run
      dateline watch add 'entity:Q846' --trigger surge --min-articles 10
    """
    context = current()
    now = SystemClock().now()
    since = None
    if look_back is not None:
        try:
            since = parse_moment(look_back, now)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--look-back") from error
    kept = read_watchlist(context.settings)
    wanted = _watch(query, watch_id, name, asked, taken=kept.watches, is_replacing=is_replacing)
    parsed = read_query(wanted)
    before = kept.watches.get(wanted.watch_id)
    if before is not None and not is_replacing and before.is_active:
        raise ConfigError(
            f"there is a watch {wanted.watch_id!r} already.", hint="Change it with --replace."
        )
    wanted = begun_anew(wanted, before, at=now)
    refuse_unknown_channels(wanted, [k for k, each in kept.channels.items() if each.is_active])
    with search_client(context.settings) as client:
        estimate = estimate_per_day(client, articles_index(context.settings), parsed)
        past = _past(client, context, parsed, since)
    limit = context.settings.alerts.max_matches_per_day
    is_broad = estimate.per_day > limit and wanted.trigger == "match"
    if is_broad and not force and not dry_run:
        raise ConfigError(
            f"{_estimate_words(estimate)}, more than {limit:g} (alerts.max_matches_per_day).",
            hint="Narrow it with NEAR, a phrase, title: or another word, or add it with --force.",
        )
    if not dry_run:
        send_records(context.settings, [wanted])
    if as_json:
        value = {
            "watch": watch_as_json(wanted), "is_written": not dry_run,
            "matches_per_day": estimate.per_day,
            "look_back": look_back_as_json(past) if past else None,
        }  # fmt: skip
        click.echo(json_text(value))
    else:
        _print(context, wanted, estimate, past, is_written=not dry_run)


def _past(client: Elasticsearch, context: CliContext, query: Query, since: Any) -> LookBack | None:
    if since is None:
        return None
    return look_back(client, articles_index(context.settings), query, since=since)


def _watch(
    query: str, watch_id: str | None, name: str, asked: dict[str, Any], *, taken: Any,
    is_replacing: bool,
) -> Watch:  # fmt: skip
    trigger = asked["trigger"]
    given = {key: asked[key] for key in SURGE_OPTIONS if asked[key] is not None}
    chosen = watch_id or made_id(name or query, () if is_replacing else taken)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", chosen):
        raise click.BadParameter(
            "an id has lower-case letters, digits, - and _, at most 64.", param_hint="--id"
        )
    now = SystemClock().now()
    made = Watch(
        watch_id=chosen, created_at=now, changed_at=now, name=" ".join(name.split()), query=query,
        trigger=trigger, repeat=asked["repeat"],
        channel_ids=tuple(dict.fromkeys(asked["channels"])),
        scope=asked["scope"], silence_days=asked["silence_days"],
        surge=Surge(**given) if given or trigger == "surge" else None,
        is_license_told=asked["tell_license"],
    )  # fmt: skip
    if problem := misfit(made):
        raise click.UsageError(f"{problem}.")
    return made


def _estimate_words(estimate: Estimate) -> str:
    if not estimate.days:
        return "nothing is indexed yet to estimate from"
    if estimate.per_day and estimate.per_day < 1:
        return "it would have matched less than one article a day lately"
    return f"it would have matched about {estimate.per_day:.0f} articles a day lately"


def _print(
    context: CliContext, watch: Watch, estimate: Estimate, past: LookBack | None, *,
    is_written: bool,
) -> None:  # fmt: skip
    console = context.console
    done = "is in force" if is_written else "would be in force (nothing was written)"
    print_text(console, one_line(f"Watch {watch.watch_id} {done}."), "bold")
    print_field(console, "query", watch.query)
    print_field(console, "fires", fires(watch))
    print_field(console, "channels", ", ".join(watch.channel_ids) or "none: index, feed and topic")
    print_field(console, "estimate", _estimate_words(estimate))
    if past is not None:
        print_look_back(console, past)
