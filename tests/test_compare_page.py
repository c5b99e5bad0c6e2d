"""The Compare page without a browser, and the parts that are its own."""

import json
import re
import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from core.articles.store.sets import import_file, keep_articles
from core.articles.store.versions import delete_set
from core.base.numbers import signed
from core.evaluate.drilldown import inspect_tag
from core.runs.experiment import run_experiment
from core.runs.lineup import build_contender, line_up_runs
from core.runs.names import short_names
from core.study.presets import configure, preset_named
from pages.parts.compare.figures import escaped_frame
from pages.parts.shared.families import family_named, family_of, list_families
from pages.parts.shared.words import plain
from tests.app_testing import texts_of
from tests.conftest import PROJECT, make_article

HOSTILE = "<img src=x onerror=alert(1)> **b** [l](javascript:alert(1)) :red[x] $x$"


def import_articles(articles, folder, name):
    path = folder / f"{name}.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    import_file(path, name)


@pytest.fixture
def small_config(tiny_config, articles, tmp_path):
    """Settings on the small made-up articles as a data set named "small"."""
    import_articles(articles, tmp_path, "small")
    return configure(tiny_config, sources=["small"])


@pytest.fixture
def two_runs(small_config, store):
    """Two tf-idf runs, older first."""
    weaker = configure(small_config, assignments=["classifier.C=0.01"])
    return [run_experiment(config, store).run for config in (small_config, weaker)]


def open_compare(**query):
    """The page by itself: on the way through Explore, its own "tag" would leave the address."""
    app = AppTest.from_file(str(PROJECT / "pages" / "compare.py"), default_timeout=60)
    app.session_state["entered"] = True
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def expected(runs):
    names = short_names(runs)
    return line_up_runs(runs, reference=runs[0].id, names=names).tables[0]


def chart_of(app, position=0):
    return json.loads(app.get("vega_lite_chart")[position].proto.spec)


def test_like_runs_stand_side_by_side_with_difference_and_interval(two_runs):
    app = open_compare()
    table = app.table[0].value
    found = expected(two_runs)
    micro = next(row for row in found.figures if row.figure == "micro F1")
    difference = micro.differences[1]
    cells = table.loc["micro F1"].tolist()
    assert cells[:2] == [plain(f"{value:.3f}") for value in micro.values]
    assert plain(signed(difference.value)) in cells[2]
    assert plain(signed(difference.low)) in cells[2]
    assert cells[2].startswith("**") == difference.is_sure
    assert table.loc["support"].tolist()[0] == str(found.support)
    assert "In brackets: 95% interval" in texts_of(app)
    assert "micro F1" in app.markdown[0].value


def test_every_figure_is_a_press_away(two_runs):
    app = open_compare()
    assert len(app.table[0].value) == 5
    app.segmented_control(key="figures").set_value("Precision, recall, F1").run()
    assert len(app.table[0].value) == 13
    app.segmented_control(key="figures").set_value("All figures").run()
    assert {"precision@1", "nDCG@3", "subset accuracy", "empty rate", "tags per article"} <= {
        name.replace("\\", "") for name in app.table[0].value.index
    }


def test_the_chart_of_bands_states_its_finding(two_runs):
    app = open_compare()
    assert any(re.search(r"\*\*.*(ahead|No sure difference)", m.value) for m in app.markdown[1:])
    spec = chart_of(app)
    assert "title" not in spec  # a long one would take the width from the bars
    domain = spec["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert domain == list(short_names(two_runs).values())


def test_another_reference_turns_the_difference_round(two_runs):
    newer = short_names(two_runs)[two_runs[1].id]
    app = open_compare(reference=newer)
    micro = next(row for row in expected(two_runs).figures if row.figure == "micro F1")
    assert plain(signed(-micro.differences[1].value)) in app.table[0].value.loc["micro F1"].iloc[2]


def test_the_newest_run_starts_beside_one_on_the_same_data(small_config, articles, store):
    first = run_experiment(small_config, store, articles=articles).run
    run_experiment(small_config, store, articles=articles[:90])
    newest = configure(small_config, assignments=["classifier.C=0.01"])
    second = run_experiment(newest, store, articles=articles).run
    assert open_compare().multiselect(key="chosen_runs").value == [first.id, second.id]


def test_a_run_of_each_family_starts_with_keywords_as_the_reference(
    small_config, tiny_bert, store, articles
):
    encoder = configure(
        small_config,
        assignments=["method=encoder", f"features.encoder.name={tiny_bert}"],
    )
    vectors = run_experiment(encoder, store).run
    older = run_experiment(small_config, store).run
    run = run_experiment(configure(small_config, assignments=["classifier.C=10"]), store).run
    app = open_compare()
    assert app.multiselect(key="chosen_runs").value == [run.id, vectors.id] != [older.id]
    assert app.selectbox(key="reference").value == "tf-idf"
    assert app.table[0].value.columns.tolist() == [
        plain(name) for name in ("tf-idf", "BERT vectors", "BERT vectors against tf-idf")
    ]
    colours = chart_of(app)["layer"][0]["encoding"]["color"]["scale"]["range"]
    assert colours == [family_named(name).light for name in ("tfidf", "encoder")]


def test_unlike_runs_stand_apart_with_the_reason(two_runs, small_config, store):
    run_experiment(configure(small_config, assignments=["seed=1"]), store)
    run_experiment(configure(small_config, assignments=["data.min_tag_count=42"]), store)
    app = open_compare()
    app.multiselect(key="chosen_runs").set_value([run.id for run in store.finished()]).run()
    assert not app.exception
    assert "These runs cannot be compared" in app.warning[0].value
    assert "other test articles" in app.warning[0].value
    assert "other tags" in app.warning[0].value
    tables = [table.value for table in app.table if "support" in table.value.index]
    assert [table.shape[1] for table in tables] == [1, 1, 1, 1]
    assert not app.get("vega_lite_chart")
    assert "Tags" not in app.segmented_control(key="part").options


def test_published_figures_stand_in_a_column_of_their_own(small_config, store, two_runs):
    study = configure(
        preset_named("study-08").config(),
        sources=["small"],
        assignments=["data.min_tag_count=5", "augment.level=0", "features.max_df=1.0"],
    )
    run = run_experiment(study, store).run
    column = open_compare(run=run.id).table[0].value.iloc[:, -1]
    assert column.name == plain("study-08 (published, LinkedInfo 2020, another data set)")
    assert column.loc["micro F1"] == plain("0.531")


def test_the_table_of_tags_is_sorted_by_gain_and_opens_a_tag(two_runs):
    app = open_compare()
    frame = app.dataframe[0].value
    gains = next(name for name in frame if name.endswith(" gains"))
    assert frame[gains].is_monotonic_decreasing
    assert sorted(frame["tag"]) == sorted(two_runs[0].tags)
    contender = build_contender(two_runs[1], "x")
    verdict, tag = max(
        ((inspect_tag(contender, tag), tag) for tag in two_runs[0].tags),
        key=lambda item: len(item[0].wrong),
    )
    app.selectbox(key="tag").set_value(tag).run()
    row = app.table[1].value.iloc[1]
    assert row["Support"] == str(verdict.support) and row["Recall"] == f"{verdict.recall:.3f}"
    assert f"Suggests instead of {plain(tag)}" in texts_of(app)
    listed = [frame.value for frame in app.dataframe if "score" in frame.value]
    wrong = [mistake.article for mistake in verdict.wrong]
    assert wrong and wrong in [frame["id"].tolist() for frame in listed]
    assert all((frame["text"].str.len() > 0).all() for frame in listed)


def test_a_link_restores_tag_part_and_article(two_runs):
    article = two_runs[0].read_part("test").ids[0]
    app = open_compare(tag="python", article=article)
    assert "#### python" in texts_of(app)
    scores = [table.value for table in app.table if "Score" in table.value.columns]
    assert len(scores) == 2
    assert {"right", "missed"} & set(scores[0].iloc[:, 2])
    assert "Its tags: " in texts_of(app)
    app = open_compare(part="Curves")
    assert any(m.value.startswith("**Average precision") for m in app.markdown)
    app = open_compare(article="gone")
    assert "an article that is not in this test part: gone" in app.warning[0].value


def test_texts_that_are_gone_are_said_to_be_and_scores_stay(two_runs):
    delete_set("small")
    app = open_compare(tag="golang", article=two_runs[0].read_part("test").ids[0])
    assert "The texts of small are gone" in texts_of(app).replace("\\", "")
    assert [table for table in app.table if "Score" in table.value.columns]


def test_texts_of_changed_data_are_not_shown(two_runs, articles):
    changed = [a.model_copy(update={"description": a.description + " more"}) for a in articles]
    keep_articles("small", changed, replace=True)
    app = open_compare(tag="golang")
    assert "small has changed since this run" in texts_of(app).replace("\\", "")


def test_articles_with_most_mistakes_come_first_and_can_be_searched(two_runs, articles):
    app = open_compare(part="Articles")
    frame = app.dataframe[0].value
    mistakes = frame.filter(regex="missed by|wrong by").sum(axis=1)
    assert mistakes.is_monotonic_decreasing
    title_of = {article.id: article.title for article in articles}
    assert frame["title"].tolist() == [title_of[i] for i in frame["id"]]
    app.text_input(key="article_search").set_value("golang").run()
    assert 0 < len(app.dataframe[0].value) < len(frame)
    app.text_input(key="article_search").set_value("no such words").run()
    assert "No test article fits" in texts_of(app)


def test_cost_and_only_differing_settings_are_shown(two_runs):
    app = open_compare(part="Cost and settings")
    cost, settings = (table.value for table in app.table[-2:])
    assert cost.index.tolist() == ["training time", "whole run", "peak memory", "model on disk"]
    assert [name.replace("\\", "") for name in settings.index] == ["classifier.C"]
    app.toggle(key="all_settings").set_value(True).run()
    assert len(app.table[-1].value) > 30


def test_all_runs_are_listed_with_their_family(two_runs):
    frame = open_compare(part="All runs").dataframe[0].value
    assert frame["id"].tolist() == [run.id for run in reversed(two_runs)]
    assert frame["family"].tolist() == ["tf-idf", "tf-idf"]


def test_a_damaged_run_is_left_out_and_named(two_runs):
    (two_runs[0].folder / "report.json").write_text("{")
    app = open_compare()
    damaged = plain(f"Run {two_runs[0].id} is damaged: report.json cannot be read")
    assert damaged in app.warning[0].value
    assert app.multiselect(key="chosen_runs").value == [two_runs[1].id]


def test_one_run_alone_has_figures_and_no_difference(two_runs):
    app = open_compare(run=two_runs[0].id)
    assert app.table[0].value.columns.tolist() == [plain("best-tfidf")]


def test_hostile_tags_and_titles_are_shown_letter_by_letter(tmp_path, tiny_config, store):
    tagged = [make_article(n, title=f"{HOSTILE} {n}", tags=[HOSTILE]) for n in range(30)]
    others = [make_article(n + 50, tags=["web"], title=f"other words {n}") for n in range(30)]
    import_articles(tagged + others, tmp_path, "hostile")
    run = run_experiment(configure(tiny_config, sources=["hostile"]), store).run
    article = next(i for i in run.read_part("test").ids if int(i[1:]) < 30)
    app = open_compare(tag=HOSTILE, article=article)
    assert plain(HOSTILE) in texts_of(app)
    assert "onerror=alert(1)" not in texts_of(app)
    for table in app.table:
        assert "onerror=alert(1)" not in table.value.to_csv()


def test_a_name_makes_no_markup_in_the_table_of_figures():
    from core.evaluate.export import Table

    frame = escaped_frame(Table(("figure", "<b>|*x*"), (("a *", "1"),)))
    assert frame.columns.tolist() == [plain("<b>|*x*")]
    assert frame.index.tolist() == [f"**{plain('a *')}**"]


@pytest.mark.parametrize(
    ("preset", "family"),
    [
        ("best-tfidf", "tf-idf"),
        ("study-08", "tf-idf"),
        ("best-encoder", "BERT vectors"),
        ("study-07", "BERT vectors"),
        ("best-finetuned", "fine-tuned"),
        ("study-06", "fine-tuned"),
    ],
)
def test_a_run_belongs_to_the_family_of_its_settings(preset, family):
    assert family_of(preset_named(preset).config()).name == family


def test_family_colours_are_the_themes_first_ones():
    theme = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())["theme"]
    families = list_families()
    for scheme in ("light", "dark"):
        colours = {getattr(family, scheme) for family in families}
        assert colours == set(theme[scheme]["chartCategoricalColors"][: len(families)])
