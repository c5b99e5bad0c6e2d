"""Sets that are too small, too alike or too one-sided: every preset ends in a run or a sentence."""

import json
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from core.base.errors import CoreError, DataError
from core.methods.hybrid.second_stage import fit_second_stage
from core.models.calibration import METHODS
from core.models.folds import require_filled
from core.runs.calibrated import build_calibrated
from core.runs.experiment import run_experiment
from core.study.presets import configure, list_presets, preset_named
from tests.conftest import make_article

FINETUNED = ("best-finetuned", "study-06", "fixed-06", "study-07", "fixed-07")
FINETUNED += ("best-hybrid-finetuned",)
WORDS = ("best-tfidf", *(f"{kind}-{n}" for n in ("08", "09", "10") for kind in ("study", "fixed")))
VECTORS = tuple(p.name for p in list_presets() if p.name not in (*WORDS, *FINETUNED))
ALIKE = "goroutine channel pprof"
TEXTS = (
    "",
    ALIKE,
    f"{ALIKE} gopher",
    "pandas asyncio",
    "数据库 索引 查询",
    "the",
    "!!!",
    "C++ 教程",
)


@st.composite
def tiny_sets(draw):
    """Up to twelve articles of up to three tags, alike or not, with or without a given split."""
    count = draw(st.integers(0, 12))
    every_text = draw(st.sampled_from([TEXTS, TEXTS, (ALIKE,), None]))
    every_tag = draw(st.booleans())
    split = draw(
        st.sampled_from([(None,), ("train", "test"), ("train",), ("test",), (None, "test")])
    )
    made = []
    for number in range(count):
        own = (f"word{number} other{number} shared",)
        text = draw(st.sampled_from(every_text or own))
        tags = draw(st.lists(st.sampled_from(["go", "py", "db"]), unique=True, max_size=3))
        made.append(
            make_article(
                number,
                title=draw(st.sampled_from(["Title", text or "Title"])),
                description=text,
                fulltext=draw(st.sampled_from(["", text])),
                tags=["go", *tags] if every_tag else tags,
                language=draw(st.sampled_from(["en", "en", "zh", ""])),
                split=draw(st.sampled_from(split)),
            )
        )
    return made, "file" if any(a.split for a in made) else "iterative"


ANSWERS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SETTINGS = st.fixed_dictionaries(
    {
        "data.min_tag_count": st.sampled_from([1, 1, 1, 2]),
        "data.languages": st.sampled_from(['["en","zh",""]', "[]", '["zh"]']),
        "split.test_share": st.sampled_from([0.3, 0.5, 0.5, 0.9]),
        "classifier.folds": st.sampled_from([2, 2, 3]),
        "features.max_df": st.sampled_from([0.8, 1.0, 1.0]),
        "thresholds.rule": st.sampled_from(["zero", "global", "per_tag"]),
    }
)


def ends_well(preset, tiny, chosen, store, *fixed):
    """Whether there is a run, whose figures and scores are numbers; if not, there is a sentence."""
    articles, method = tiny
    values = {**chosen, "split.method": method}
    assignments = [f"{name}={value}" for name, value in values.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of libraries' own future, and nothing about the data.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            config = configure(preset_named(preset).config(), assignments=[*assignments, *fixed])
            run = run_experiment(config, store, articles=articles, again=True).run
        except CoreError as error:
            check_sentence(error)
            return False
        json.dumps(run.report.as_json(), allow_nan=False)
        tagger = run.read_tagger()
        assert tagger.scores([]).shape == (0, len(run.tags))
        scores = tagger.scores(["", ALIKE, "数据库 x"])
        assert np.isfinite(scores).all()
        assert scores.shape == (3, len(run.tags))
        for way in METHODS:
            try:
                found = build_calibrated(run, way)
            except CoreError as error:
                check_sentence(error)
            else:
                assert found is None or np.isfinite(found.probabilities).all()
        return True


def check_sentence(error):
    text = str(error)
    assert text[0].isupper() or text[0].isdecimal(), text
    assert text.endswith("."), text
    assert "\n" not in text, text
    assert "sample(s)" not in text, text


@settings(ANSWERS, max_examples=150)
@given(preset=st.sampled_from(WORDS), tiny=tiny_sets(), chosen=SETTINGS)
def test_words_of_a_tiny_set_end_in_a_run_or_a_sentence(preset, tiny, chosen, store):
    ends_well(preset, tiny, chosen, store)


@settings(ANSWERS, max_examples=80)
@given(preset=st.sampled_from(VECTORS), tiny=tiny_sets(), chosen=SETTINGS)
def test_vectors_of_a_tiny_set_end_in_a_run_or_a_sentence(preset, tiny, chosen, store, tiny_bert):
    ends_well(preset, tiny, chosen, store, *encoder(tiny_bert))


@settings(ANSWERS, max_examples=12)
@given(preset=st.sampled_from(FINETUNED), tiny=tiny_sets(), chosen=SETTINGS)
def test_fine_tuning_on_a_tiny_set_ends_in_a_run_or_a_sentence(
    preset, tiny, chosen, store, tiny_bert
):
    fixed = [*encoder(tiny_bert), "finetune.epochs=1", "finetune.validation_share=0.4"]
    if preset.endswith("07"):  # on the encoder that another preset has fine-tuned
        fixed.remove(f"features.encoder.name={tiny_bert}")
    ends_well(preset, tiny, chosen, store, *fixed)


SIMPLE = ("data.min_tag_count=1", "features.max_df=1.0")


@pytest.mark.parametrize(
    ("articles", "assignments", "sentence"),
    [
        ([], (), "The data has no articles."),
        (
            [make_article(n, description="The same", title="Title") for n in range(9)],
            (),
            r"1 articles leaves one side empty, as copies .* \(there are 9 with them\). Add",
        ),
        (
            [make_article(n, description=f"Text {n % 2}", title="Title") for n in range(9)],
            ("split.test_share=0.5",),
            r"1 training articles cannot make 3 folds, as copies of one article count once .* Add",
        ),
        (
            [make_article(n) for n in range(3)],
            ("split.test_share=0.5",),
            r"\d training articles cannot make 3 folds. Use more articles",
        ),
        (
            [make_article(n, split="test") for n in range(9)],
            ("split.method=file",),
            "All 9 articles have the split 'test', so the other side is empty",
        ),
        (
            [make_article(n, title="Same", description="words") for n in range(9)],
            (
                "split.group_duplicates=false",
                "classifier.grouped_folds=false",
                "features.max_df=0.8",
            ),
            "No term is in at least 1 and at most 80% of",
        ),
        (
            [make_article(n, title="!!!", description="...") for n in range(9)],
            ("split.group_duplicates=false", "classifier.grouped_folds=false"),
            "texts has a word to learn from",
        ),
        ([make_article(n, tags=[]) for n in range(9)], (), "No tag is in 1 or more of the 9"),
    ],
)
def test_what_is_too_few_is_said_with_what_helps(articles, assignments, sentence, store):
    config = configure(preset_named("best-tfidf").config(), assignments=[*SIMPLE, *assignments])
    with pytest.raises(DataError, match=sentence):
        run_experiment(config, store, articles=articles)


@pytest.mark.parametrize("empty", [0, 1])
def test_a_fold_with_an_empty_side_is_said(empty):
    """Stratified folds of a few articles that share no tag can leave one without any."""
    sides = [np.arange(3), np.arange(3)]
    sides[empty] = sides[empty][:0]
    with pytest.raises(DataError, match="3 training articles leave one of 2 folds empty"):
        require_filled([(np.arange(2), np.array([2])), tuple(sides)], 3)


def test_a_second_stage_where_every_article_has_the_only_tag_says_yes(store, tiny_bert):
    made = [make_article(n, description=f"word{n} shared{n % 3}") for n in range(12)]
    config = configure(
        preset_named("best-hybrid").config(),
        assignments=[*SIMPLE, *encoder(tiny_bert), "features.hybrid.characters=0"],
    )
    run = run_experiment(config, store, articles=made).run
    assert run.read_tagger().scores(["word1", ""]).tolist() == [[1.0], [1.0]]


def test_a_sign_that_says_the_same_of_all_pairs_gets_no_weight():
    """Its rounding, a millionth of a millionth, would have been divided by."""
    chance = np.random.default_rng(0)
    truth = chance.random((40, 3)) < 0.4
    told = truth + chance.normal(size=truth.shape)
    constant = np.float32(0.3) + 1e-8 * truth
    pairs = np.stack([told, constant, np.zeros_like(told)], axis=-1)
    folds = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    stage, held_out = fit_second_stage(None, (), pairs, csr_array(truth), folds)
    assert stage.weights[0] > 0
    assert stage.weights[1:].tolist() == [0.0, 0.0]
    assert np.isfinite(held_out).all()


def encoder(folder):
    return [f"features.encoder.name={folder}", "features.encoder.device=cpu"]
