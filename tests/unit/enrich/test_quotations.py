"""Who said what: quoted and reported speech, its exact words, and who speaks."""

from __future__ import annotations

import pytest
from document_samples import read, said

from processors.enrich.quotations.find_quoted import find_quoted

MINISTER = "[country qa:Qatar]'s Foreign Minister [person:Ada Brook] met envoys. "


@pytest.mark.parametrize(
    ("marked", "speaker", "words"),
    [
        pytest.param('"We will go on," said [person:Ada Brook].', "Ada Brook", "We will go on,",
                     id="verb-then-name"),
        pytest.param('"We will go on," [person:Ada Brook] said on Monday.', "Ada Brook",
                     "We will go on,", id="name-then-verb"),
        pytest.param('"Will it last?" [person:Ada Brook] asked.', "Ada Brook", "Will it last?",
                     id="question-mark-ends-no-sentence"),
        pytest.param('[person:Ada Brook] met [person:Li Wei] and said, "We will go on."',
                     "Ada Brook", "We will go on.", id="second-verb-of-one-subject"),
        pytest.param('[person:Ada Brook] met [person:Li Wei], saying, "We will go on."',
                     "Ada Brook", "We will go on.", id="participle"),
        pytest.param('[person:Ada Brook] praised the talks, and [person:Li Wei] said: "We go on."',
                     "Li Wei", "We go on.", id="nearest-subject"),
        pytest.param('[organization:Ledger News] quoted no one. "It is over," the spokesman of '
                     "[organization:Acme] said.", None, "It is over,", id="unnamed-spokesman"),
        pytest.param('According to [person:Ada Brook], the plan "will not work at all".',
                     "Ada Brook", "will not work at all", id="according-to"),
        pytest.param('[person:Ada Brook] "stressed that this is a step ahead".', "Ada Brook",
                     "stressed that this is a step ahead", id="verb-inside-the-marks"),
        pytest.param('In a letter to [person:Li Wei], [person:Ada Brook] wrote: "We go on."',
                     "Ada Brook", "We go on.", id="not-behind-a-preposition"),
        pytest.param("«We will go on», said [person:Ada Brook].", "Ada Brook", "We will go on",
                     id="guillemets"),
        pytest.param("“We will go on,” said [person:Ada Brook].", "Ada Brook", "We will go on,",
                     id="curly"),
        pytest.param("'We don't go on,' said [person:Ada Brook].", "Ada Brook", "We don't go on,",
                     id="single-with-apostrophe"),
    ],
)  # fmt: skip
def test_direct_speech(marked, speaker, words):
    assert [(who, what) for who, what, _ in said(marked)] == [(speaker, words)]


@pytest.mark.parametrize(
    ("language", "marked", "speaker", "words"),
    [
        ("de", '"Wir machen weiter", sagte [person:Ada Brook] am Montag.', "Ada Brook",
         "Wir machen weiter"),
        ("de", "„Wir machen weiter“, erklärte [person:Ada Brook].", "Ada Brook",
         "Wir machen weiter"),
        ("de", "[person:Ada Brook] sagte, dass die Arbeit weitergeht.", "Ada Brook",
         "die Arbeit weitergeht"),
        ("fr", "« Nous continuons », a déclaré [person:Ada Brook].", "Ada Brook",
         " Nous continuons "),
        ("fr", "[person:Ada Brook] a affirmé que les travaux continuent.", "Ada Brook",
         "les travaux continuent"),
        ("es", '"Vamos a seguir", dijo [person:Ada Brook].', "Ada Brook", "Vamos a seguir"),
        ("es", "[person:Ada Brook] afirmó que los trabajos siguen.", "Ada Brook",
         "los trabajos siguen"),
        ("it", '"Andiamo avanti", ha detto [person:Ada Brook].', "Ada Brook", "Andiamo avanti"),
        ("pt", '"Vamos continuar", disse [person:Ada Brook].', "Ada Brook", "Vamos continuar"),
        ("nl", '"We gaan door", zei [person:Ada Brook].', "Ada Brook", "We gaan door"),
        ("ru", "«Мы продолжим», — заявила [person:Ада Брук].", "Ада Брук", "Мы продолжим"),
        ("ru", "[person:Ада Брук] сообщила, что работа точно продолжится.", "Ада Брук",
         "работа точно продолжится"),
        ("ar", 'وقال [person:محمد الخليفي] "سنواصل العمل غدا".', "محمد الخليفي",
         "سنواصل العمل غدا"),
        ("fa", "[person:علی باقری] گفت که کار ادامه دارد.", "علی باقری", "کار ادامه دارد"),
        ("tr", '"Devam edeceğiz", [person:Ada Brook] dedi.', "Ada Brook", "Devam edeceğiz"),
    ],
)  # fmt: skip
def test_speech_in_many_languages(language, marked, speaker, words):
    assert [(who, what) for who, what, _ in said(marked, language)] == [(speaker, words)]


@pytest.mark.parametrize(
    ("marked", "speaker", "words"),
    [
        ("[person:Ada Brook] said that the work goes on.", "Ada Brook", "the work goes on"),
        ("[person:Ada Brook] also said the work goes on.", "Ada Brook", "the work goes on"),
        ("[person:Ada Brook] told reporters on Monday that the work goes on.", "Ada Brook",
         "the work goes on"),
        ("The work goes on, [organization:Acme] said in a statement.", "Acme", "The work goes on"),
        ("The work goes on, according to [organization:Acme].", "Acme", "The work goes on"),
        ("The work goes on well, the [organization:Acme] website reported.", "Acme",
         "The work goes on well"),
    ],
)  # fmt: skip
def test_reported_speech(marked, speaker, words):
    assert said(marked) == [(speaker, words, "named")]


def test_quotation_goes_on_over_paragraphs_until_its_mark():
    marked = 'Then [person:Ada Brook] said: "We go on.\n\n"We go for ever.\n\n"Truly."\n\nEnd.'

    assert said(marked) == [("Ada Brook", 'We go on.\n\n"We go for ever.\n\n"Truly.', "named")]


@pytest.mark.parametrize(
    "marked",
    [
        "After the match in [place:Vienna] police said that nobody was hurt.",
        "A [place:Vienna] resident said that nobody was hurt.",
    ],
)
def test_noun_before_the_verb_is_a_subject_that_nobody_knows(marked):
    assert said(marked) == []


def test_verb_behind_marks_opens_no_clause():
    found = said('"We will not let [organization:Acme] go on," said [person:Ada Brook], the head.')

    assert found == [("Ada Brook", "We will not let Acme go on,", "named")]


def test_quotation_goes_on_in_the_next_paragraph():
    found = said('"We go on," said [person:Ada Brook].\n\n"We will not stop for anything."')

    assert [row[::2] for row in found] == [("Ada Brook", "named"), ("Ada Brook", "continued")]


def test_quotation_goes_on_behind_its_speaker():
    marked = '"We go on," said [person:Ada Brook]. "We will not stop for anything."'

    assert said(marked) == [
        ("Ada Brook", "We go on,", "named"),
        ("Ada Brook", "We will not stop for anything.", "continued"),
    ]


def test_description_is_resolved_by_role_and_country():
    found = said(
        "[demonym ir:Iranian] Foreign Minister [person:Li Wei] came. "
        + MINISTER
        + '"It is done," the [demonym qa:Qatari] foreign minister said.'
    )

    assert found == [("Ada Brook", "It is done,", "role")]


def test_description_that_fits_two_people_is_not_resolved():
    found = said(
        "[demonym ir:Iranian] Foreign Minister [person:Li Wei] came. "
        + MINISTER
        + '"It is done," the foreign minister said.'
    )

    assert found == [(None, "It is done,", "several")]


def test_pronoun_is_the_one_person_who_acted_before():
    assert said('[person:Ada Brook] met [person:Li Wei]. "It is done," she said.') == [
        (None, "It is done,", "several")
    ]
    assert said('[person:Ada Brook] spoke to [person:Li Wei]. "It is done," she said.') == [
        ("Ada Brook", "It is done,", "pronoun")
    ]


def test_statement_speaks_for_the_body_that_spoke_last():
    found = said(
        '[organization:Acme] said the work goes on. "There is no delay," the statement said.'
    )

    assert found[1] == ("Acme", "There is no delay,", "paper")


def test_words_without_a_speaker_say_why():
    assert said('The sign read on. "All of you, please go home now."') == [
        (None, "All of you, please go home now.", "no_attribution")
    ]


def test_titles_and_irony_are_no_quotations():
    assert said('The so-called "safe zone" near [place:Vienna] was empty.') == []


def test_mark_that_nothing_closes_makes_no_quotation():
    text = 'He said "we go on and the talk went on.\n\nThe next day "this is closed" was said.'

    assert [text[q.start : q.end] for q in find_quoted(text)] == ["this is closed"]


def test_apostrophes_are_no_marks():
    assert find_quoted("It's the ministers' plan, don't you think? Rock 'n' roll's dead.") == ()


def test_offsets_are_exact_with_characters_outside_the_basic_plane():
    text, reading = read('\N{GRINNING FACE} [person:Ada Brook] said: "We go on \N{GRINNING FACE}."')

    found = reading.quotations[0]
    assert text[found.start : found.end] == "We go on \N{GRINNING FACE}."
    assert text[found.speaker_start : found.speaker_end] == "Ada Brook"
