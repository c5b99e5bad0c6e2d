"""Suggestions: scores, cuts, order, evidence, and texts that get a sentence instead."""

import numpy as np
import pytest

from core.base.errors import DataError, RunError
from core.runs.experiment import run_experiment
from core.study.presets import configure
from core.suggest.suggester import Suggester, TagSuggestion, choose_run, train_first_run
from core.suggest.sureness import RatedTag, find_inversion

TEXT = "we show how a goroutine blocks on a channel, and how pprof finds it"


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


@pytest.fixture
def suggester(run):
    return Suggester.load(run)


def test_tags_come_with_the_models_scores_and_its_cuts(suggester, run):
    found = suggester.suggest(TEXT)
    scores = dict(zip(run.tags, suggester.tagger.scores([TEXT])[0].tolist(), strict=True))
    assert {tag.tag: tag.score for tag in found.tags} == scores
    assert {tag.threshold for tag in found.tags} == {run.thresholds.global_cut}
    assert [tag.suggested for tag in found.tags] == [t.score > t.threshold for t in found.tags]
    assert (found.run, found.language, found.note) == (run.id, "en", "")
    assert found.tags[0].tag == "golang"
    assert found.tags[0].suggested


def test_tags_are_ordered_by_how_far_they_are_above_their_own_cut(suggester):
    thresholds = np.array([0.0, 5.0, 0.0, 0.0])
    per_tag = Suggester(
        suggester.run,
        type(suggester.tagger)(
            suggester.tagger.tags, thresholds, suggester.tagger.features, suggester.tagger.svm
        ),
    )
    above = [tag.score - tag.threshold for tag in per_tag.suggest(TEXT).tags]
    assert above == sorted(above, reverse=True)
    assert per_tag.suggest(TEXT).tags[-1].tag == suggester.tagger.tags[1]


def test_a_threshold_of_ones_own_decides_what_is_suggested(suggester):
    assert not any(tag.suggested for tag in suggester.suggest(TEXT, threshold=99).tags)
    assert all(tag.suggested for tag in suggester.suggest(TEXT, threshold=-99).tags)


def test_the_limit_keeps_the_best(suggester):
    best = suggester.suggest(TEXT).tags[0]
    assert suggester.suggest(TEXT, limit=1).tags == [best]
    with pytest.raises(DataError, match="The limit is 0"):
        suggester.suggest(TEXT, limit=0)


def test_evidence_names_the_words_that_speak_for_the_tag(suggester):
    golang = suggester.suggest(TEXT).tags[0]
    terms = [part.term for part in golang.evidence]
    assert {"goroutine", "channel", "pprof"} & set(terms[:3])
    parts = [part.contribution for part in golang.evidence]
    assert parts == sorted(parts, reverse=True) and min(parts) > 0
    exact = suggester.tagger.contributions(TEXT)
    of_golang = exact.parts[:, suggester.tagger.tags.index("golang")]
    everything = [part for tag in suggester.suggest(TEXT).tags for part in tag.evidence]
    assert min(part.contribution for part in everything) > 0
    assert parts[0] == of_golang[exact.terms.index(terms[0])] == of_golang.max()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no text yet"),
        ("  \n ", "There is no text yet"),
        ("goroutine", "This text has one word. A suggestion needs at least 3"),
        ("two words", "This text has 2 words"),
        ("...", "This text has 0 words"),
    ],
)
def test_a_text_that_is_too_short_gets_a_sentence(suggester, text, sentence):
    with pytest.raises(DataError, match=sentence):
        suggester.suggest(text)


def test_the_title_is_read_with_the_text(suggester):
    alone = suggester.suggest("we show how it works")
    titled = suggester.suggest("we show how it works", title="pprof and the goroutine")
    assert titled.tags[0].tag == "golang"
    assert alone.tags != titled.tags


def test_text_unlike_the_training_articles_is_said(suggester):
    assert "None of these words" in suggester.suggest("xylophones zigzag quietly").note
    german = "Wie man a small service in deutscher Sprache beschreibt und erklärt und prüft"
    assert "another language (de)" in suggester.suggest(german).note


def test_the_newest_best_run_is_chosen_before_newer_others(tiny_config, articles, store):
    assert choose_run(store) is None
    other = configure(tiny_config, assignments=['preset="study-08"'])
    first = run_experiment(other, store, articles=articles).run
    assert choose_run(store).id == first.id
    best = run_experiment(tiny_config, store, articles=articles).run
    newer = run_experiment(other, store, articles=articles, again=True).run
    assert newer.id > best.id
    assert choose_run(store).id == best.id
    assert choose_run(store, first.id).id == first.id
    with pytest.raises(RunError):
        choose_run(store, "none")


def test_the_first_run_learns_from_the_sample_and_says_so(store):
    run = train_first_run(store)
    assert run.is_of_sample
    found = Suggester.load(run).suggest(
        "Goroutines leak when nobody reads the channel; pprof shows how to find them"
    )
    assert found.tags[0].tag == "golang"


def rated(tag, probability, verdict, *, above=None):
    over = verdict == "suggested" if above is None else above
    suggestion = TagSuggestion(tag, 1.0 if over else -1.0, 0.0, over, [], probability)
    return RatedTag(suggestion, verdict)


PYTHON, CONCURRENCY = rated("python", 0.10, "suggested"), rated("concurrency", 0.24, "not sure")


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ([rated("go", 0.99, "suggested"), PYTHON, CONCURRENCY], (PYTHON, CONCURRENCY)),
        ([PYTHON, rated("java", 0.09, "no"), CONCURRENCY], (PYTHON, CONCURRENCY)),
        ([PYTHON, rated("java", 0.20, "no")], (PYTHON, rated("java", 0.20, "no"))),
        # Both are shown as 10 %.
        ([PYTHON, rated("java", 0.104, "no")], None),
        ([PYTHON], None),
        ([CONCURRENCY], None),
        ([rated("a", None, "suggested"), rated("b", None, "no")], None),
        # Suggested because one tag at least was asked for, not for being above its cut.
        ([rated("python", 0.10, "suggested", above=False), CONCURRENCY], None),
    ],
)
def test_a_tag_below_its_cut_that_is_more_probable_than_a_suggested_one_is_found(tags, found):
    assert find_inversion(tags) == found
