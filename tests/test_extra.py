"""Extra articles are learnt from, under the data's own tags, and never judged or tuned on."""

import json
import random

import numpy as np
import pytest

from core.articles.store.sets import keep_articles
from core.base.errors import DataError
from core.dataset.config import DataConfig, SplitConfig
from core.dataset.dataset import build_dataset
from core.dataset.groups import duplicate_groups, groups_with_further
from core.dataset.split import split_dataset
from core.dataset.variants import known_as
from core.estimate.plan import plan_experiment
from core.evaluate.comparison import find_mismatches
from core.models.folds import build_folds
from core.runs.experiment import build_training_part, run_experiment
from core.runs.lineup import build_contender, line_up_runs
from core.runs.names import short_names
from core.runs.store import RunStore
from core.settings.classifier import ClassifierConfig
from core.study.presets import configure, preset_named
from core.suggest.neighbours import Neighbours
from tests.app_testing import metrics_of
from tests.conftest import make_article
from tests.test_train_page import field, open_train, shown_config

DATA = DataConfig(min_tag_count=5)


def extra(number, **fields):
    text = f"Extra {number} of a goroutine and its channel"
    return make_article(f"x{number}", **{"title": f"X{number}", "description": text} | fields)


def test_a_tag_is_known_by_name_then_letters_then_alias():
    tags = ["golang", "Go", "K8s", "node.js", "Machine Learning", "ML", "rust", "web"]
    known = ["go", "golang", "kubernetes", "machine-learning", "node", "web"]
    assert known_as(tags, known) == {
        "golang": "golang",  # not the alias that is first by name
        "Go": "go",
        "K8s": "kubernetes",
        "node.js": "node",
        "Machine Learning": "machine-learning",
        "ML": "machine-learning",
        "web": "web",
    }


@pytest.mark.parametrize("method", ["iterative", "random"])
def test_extra_articles_change_neither_test_part_nor_tags_nor_truth(articles, method):
    config = SplitConfig(method=method)
    more = [extra(n, tags=["Go", "new-tag"]) for n in range(30)]
    plain = build_dataset(articles, DATA)
    mixed = build_dataset(articles, DATA, extra=more)
    before, after = (split_dataset(d, config, seed=5) for d in (plain, mixed))
    assert after.test.tolist() == before.test.tolist()
    assert after.train.tolist() == [*before.train.tolist(), *range(120, 150)]
    assert mixed.tags == plain.tags
    assert (mixed.Y[:120] != plain.Y).nnz == 0
    assert mixed.articles[120].id == "extra:ax0"
    assert mixed.articles[120].tags == ("golang",)
    assert mixed.tested_fingerprint == plain.fingerprint != mixed.fingerprint


def test_extra_articles_without_a_known_tag_a_text_or_a_wanted_language_are_not_used(articles):
    unusable = [
        extra(1, tags=["rust"]),
        extra(2, language="de"),
        extra(3).model_copy(update={"title": " ", "description": " "}),
    ]
    config = DATA.model_copy(update={"languages": ("en",), "text_column": "title"})
    dataset = build_dataset(articles, config, extra=[*unusable, extra(4)])
    assert [a.id for a in dataset.articles[120:]] == ["extra:ax4"]


def test_some_extra_articles_are_drawn_the_same_in_any_order(articles):
    config = DATA.model_copy(update={"extra_most": 7})
    more = [extra(n) for n in range(40)]
    drawn = [
        {a.id for a in build_dataset(articles, config, extra=some).articles[120:]}
        for some in (more, more[::-1], more[:20] + more[20:][::-1])
    ]
    assert len(drawn[0]) == 7
    assert drawn[0] == drawn[1] == drawn[2]


def test_an_extra_article_may_have_the_id_of_an_article_but_not_its_text(articles):
    plain = split_dataset(build_dataset(articles, DATA), SplitConfig(), seed=5)
    tested = articles[plain.test[0]]
    other = extra(1, id=tested.id)
    copy = tested.model_copy(update={"id": "elsewhere", "title": tested.title.upper()})
    dataset = build_dataset(articles, DATA, extra=[other, copy])
    split = split_dataset(dataset, SplitConfig(), seed=5)
    assert split.train.tolist() == [*plain.train.tolist(), 120]
    assert split.test.tolist() == plain.test.tolist()


def test_two_extra_sets_with_the_same_id_are_refused(articles, tiny_config, store):
    keep_articles("one", [extra(1)])
    keep_articles("two", [extra(1)])
    config = configure(tiny_config, assignments=['data.extra=["one","two"]'])
    with pytest.raises(DataError, match="'ax1' is in one and again in two"):
        run_experiment(config, store, articles=articles)


def test_a_copy_joins_the_group_of_its_original_and_changes_no_other_group(articles):
    copy = articles[3].model_copy(update={"id": "copy"})
    groups = groups_with_further([*articles, extra(1), copy], 120)
    assert groups[:120].tolist() == duplicate_groups(articles).tolist()
    assert groups[121] == groups[3]
    assert groups[120] not in groups[:120]


@pytest.fixture
def mixed_part(articles, tiny_config):
    """Training part with twenty extra articles, one of them a copy of an article to learn from."""
    config = configure(tiny_config, assignments=["augment.level=1"])
    plain = split_dataset(build_dataset(articles, config.data), config.split, seed=config.seed)
    copied = articles[plain.train[0]].model_copy(update={"id": "copy"})
    more = [*(extra(n) for n in range(19)), copied]
    dataset = build_dataset(articles, config.data, extra=more)
    split = split_dataset(dataset, config.split, seed=config.seed)
    return build_training_part(config, dataset, split), len(plain.train)


@pytest.mark.parametrize("grouped", [True, False])
def test_every_fold_learns_from_extra_texts_and_judges_on_none(mixed_part, grouped):
    part, own = mixed_part
    assert (part.judged, part.learnt_only) == (own, 20)
    config = ClassifierConfig(grouped_folds=grouped)
    folds = part.folds(config, seed=3)
    extra_texts = np.flatnonzero(part.originals >= own)
    own_texts = np.flatnonzero(part.originals < own)
    assert sorted(np.concatenate([test for _, test in folds])) == own_texts.tolist()
    for train, test in folds:
        assert not set(train) & set(test)
        assert len(set(extra_texts) & set(train)) >= len(extra_texts) - 2
    # Without the extra texts the folds are those of the set alone.
    groups = part.groups[part.originals]
    copies = own_texts >= part.articles
    alone = build_folds(groups[own_texts], part.Y[own_texts], config, seed=3, copies=copies)
    for (train, test), (plain_train, plain_test) in zip(folds, alone, strict=True):
        assert test.tolist() == own_texts[plain_test].tolist()
        assert sorted(set(train) - set(extra_texts)) == own_texts[plain_train].tolist()


def test_a_fold_does_not_learn_from_a_copy_of_an_article_that_it_judges(mixed_part):
    part, own = mixed_part
    copies = set(np.flatnonzero(part.originals == own + 19))
    judging = [0 in test for _, test in part.folds(ClassifierConfig(), seed=3)]
    learning = [bool(copies & set(train)) for train, _ in part.folds(ClassifierConfig(), seed=3)]
    assert sorted(judging) == [False, False, True]
    assert learning == [not judges for judges in judging]


def test_validation_articles_of_fine_tuning_are_the_sets_own(mixed_part):
    from core.methods.finetune.training import validation_rows

    part, own = mixed_part
    for seed in range(5):
        chosen = validation_rows(part, 0.3, seed)
        assert len(chosen) and chosen.max() < own
        learnt = part.texts_without(chosen)
        assert not set(part.originals[learnt]) & set(chosen)
        assert (own + 19 in part.originals[learnt]) == (0 not in chosen)


@pytest.fixture
def corpus():
    chance = random.Random(1)
    words = {"Go": "goroutine channel pprof", "py": "asyncio pandas decorator", "rust": "borrow"}
    made = []
    for number in range(60):
        tag = chance.choice(sorted(words))
        text = f"{words[tag]} number {number} of the corpus"
        made.append(make_article(f"e{number}", title=f"E{number}", description=text, tags=[tag]))
    return made


def encoder_settings(folder):
    return [f'features.encoder.name="{folder}"', "classifier.C=[1]"]


@pytest.mark.parametrize("kind", ["tfidf", "vectors", "finetuned"])
def test_runs_with_and_without_extra_articles_line_up(
    kind, tiny_config, tiny_bert, articles, corpus, store
):
    assignments = {
        "tfidf": [],
        "vectors": ["method=encoder", *encoder_settings(tiny_bert)],
        "finetuned": [
            "method=finetune",
            "finetune.epochs=1",
            "finetune.validation_share=0.3",
            *encoder_settings(tiny_bert),
        ],
    }[kind]
    config = configure(tiny_config, assignments=assignments)
    keep_articles("corpus", corpus)
    mixed = configure(config, assignments=["data.extra=corpus"])
    before = run_experiment(config, store, articles=articles).run
    after = run_experiment(mixed, store, articles=articles).run
    usable = sum(article.tags != ("rust",) for article in corpus)
    assert 0 < usable < 60
    assert after.report.data.extra.as_json() == {"learnt": usable, "of_test_articles": 0}
    assert after.environment.extra_articles == usable
    assert any(f"{usable} extra articles" in note for note in after.environment.notes)
    for part in ("test", "out_of_fold"):
        plain, other = before.read_part(part), after.read_part(part)
        assert plain.ids == other.ids
        assert (plain.truth != other.truth).nnz == 0
    assert not np.array_equal(before.read_part("test").scores, after.read_part("test").scores)
    assert find_mismatches([build_contender(run, run.id) for run in (before, after)]) == []
    names = short_names([before, after])
    assert names[after.id].endswith(" + corpus")
    lineup = line_up_runs([before, after], reference=before.id, names=names)
    assert len(lineup.tables) == 1
    assert (
        lineup.tag_counts
        == line_up_runs([after, before], reference=after.id, names=names).tag_counts
    )
    assert run_experiment(mixed, store, articles=articles).reused


def test_thresholds_are_tuned_on_the_sets_own_articles_alone(tiny_config, articles, corpus, store):
    """Oracle: the stored scores, which are of own articles, give the stored cut."""
    from core.models.thresholds import tune_thresholds

    keep_articles("corpus", corpus)
    config = configure(tiny_config, assignments=["data.extra=corpus"])
    run = run_experiment(config, store, articles=articles).run
    held_out = run.read_part("out_of_fold")
    assert not any(name.startswith("extra:") for name in held_out.ids)
    again = tune_thresholds(held_out.truth, held_out.scores, config.thresholds)
    assert run.thresholds.global_cut == again.global_cut


def test_other_extra_articles_make_another_run_and_more_than_there_are_the_same(
    tiny_config, articles, corpus, store
):
    keep_articles("corpus", corpus)
    config = configure(tiny_config, assignments=["data.extra=corpus"])
    first = run_experiment(config, store, articles=articles)
    few, all_of_them = (
        configure(config, assignments=[f"data.extra_most={most}"]) for most in (10, 1000)
    )
    drawn = run_experiment(few, store, articles=articles)
    assert not drawn.reused
    assert drawn.run.report.data.extra.learnt == 10
    again = run_experiment(all_of_them, store, articles=articles)
    assert (again.reused, again.run.id) == (True, first.run.id)


def test_the_plan_counts_extra_texts(tiny_config, articles, corpus):
    dataset = build_dataset(articles, tiny_config.data, extra=corpus)
    plain = build_dataset(articles, tiny_config.data)
    mixed, alone = (plan_experiment(tiny_config, d, RunStore()) for d in (dataset, plain))
    assert len(mixed.part.texts) == len(alone.part.texts) + dataset.extra


def test_similar_articles_are_the_sets_own(tiny_config, articles, corpus, store):
    keep_articles("own", articles)
    keep_articles("corpus", corpus)
    config = configure(tiny_config, sources=["own"], assignments=["data.extra=corpus"])
    run = run_experiment(config, store).run
    neighbours = Neighbours.build(run, run.read_tagger())
    found = neighbours.nearest("goroutine channel of the corpus", limit=100)
    assert found and not any(one.article.id.startswith("extra:") for one in found)


def test_the_train_page_offers_other_sets_and_says_how_many_articles_they_add(articles, corpus):
    keep_articles("own", articles)
    keep_articles("corpus", corpus)
    app = open_train("own")
    assert "own" not in field(app, "data.extra").options
    assert not field(app, "data.extra_most")
    field(app, "data.extra").set_value(["corpus"])
    field(app, "data.min_tag_count").set_value(5).run()
    usable = sum(article.tags != ("rust",) for article in corpus)
    figures = metrics_of(app)
    assert (figures["Articles"], figures["Extra articles"]) == ("120", str(usable))
    field(app, "data.extra_most").set_value(10).run()
    assert metrics_of(app)["Extra articles"] == "10"
    assert shown_config(app).data.extra == ("corpus",)
    # The set that is learnt from becomes the one in view: it cannot be both.
    app.selectbox(key="data").set_value("corpus").run()
    assert not app.exception
    assert shown_config(app).data.extra == ()


def test_extra_sets_are_a_setting_of_the_command_line():
    config = configure(preset_named("best-tfidf").config(), assignments=["data.extra=a.jsonl"])
    assert config.data.extra == ("a.jsonl",)
    assert json.loads(config.model_dump_json())["data"]["extra"] == ["a.jsonl"]
