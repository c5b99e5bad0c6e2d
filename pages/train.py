"""Train: what shall I try next, and what will it cost?"""

import json
from typing import Any

import streamlit as st

from core.articles.sets import SetInfo
from core.base.errors import CoreError
from core.models.search import fit_count
from core.runs.config import ExperimentConfig
from core.runs.experiment import run_experiment
from core.runs.presets import configure, list_presets, preset_named
from core.runs.published import PUBLISHED_NOTE
from core.runs.store import Run, RunStore
from pages.parts.frame import ProgressBar, choose_set, open_page, show_question, warn_of_sample
from pages.parts.loading import load_articles, load_dataset, load_statistics
from pages.parts.tables import averages_frame, show_download, show_figures
from pages.parts.words import count, plain

STOPPED = "training_stopped"
TEXTS = {
    "title": "Title",
    "description": "Title and description",
    "fulltext": "Title and full text",
    "partial_text": "Title and the start of the full text",
}
RULES = {
    "zero": "Margin 0",
    "value": "A fixed margin",
    "global": "One tuned threshold",
    "per_tag": "A tuned threshold a tag",
}


def show_page() -> None:
    show_question("What shall I try next, and what will it cost?")
    info = choose_set()
    left, right = st.columns([2, 3], gap="large")
    with left:
        config = choose_settings(info)
    with right:
        if config is not None and show_summary(info, config):
            launch(info, config)
        if run_id := st.query_params.get("run"):
            show_run(run_id)
        else:
            st.info("The figures of the run will stand here.")


def choose_settings(info: SetInfo) -> ExperimentConfig | None:
    """The chosen settings; None if they do not go together, which is said."""
    names = [preset.name for preset in list_presets()]
    name = st.selectbox(
        "Start from",
        names,
        index=names.index("best-tfidf"),
        key="preset",
        bind="query-params",
        help="study-*: as published, faults included. fixed-*: faults corrected. best-*: ours.",
    )
    preset = preset_named(name)
    base = preset.config()
    st.caption(plain(preset.title))
    text = choose_named("Text", TEXTS, base.data.text_column, key=f"text_{name}")
    minimum = st.number_input(
        "Keep tags in at least so many articles",
        1,
        10_000,
        base.data.min_tag_count,
        key=f"min_tag_count_{name}",
    )
    present = sorted(load_statistics(info)[0].languages)
    languages = st.multiselect(
        "Languages",
        present,
        default=[code for code in base.data.languages if code in present],
        placeholder="All",
        key=f"languages_{name}_{info.name}",
    )
    rule = choose_named(
        "Cut",
        RULES,
        base.thresholds.rule,
        key=f"rule_{name}",
        help="Where a score becomes a suggested tag. Tuned on training articles, out of fold.",
    )
    changes = [
        f"data.text_column={text}",
        f"data.min_tag_count={minimum}",
        f"data.languages={json.dumps(languages)}",
        f"thresholds.rule={rule}",
    ]
    try:
        return configure(base, sources=[info.name], assignments=changes)
    except CoreError as error:
        st.error(plain(str(error)))
        return None


def choose_named(
    label: str, names: dict[str, str], current: str, *, key: str, help: str | None = None
) -> str:
    """A select box over the keys of `names` that shows their values."""
    options = list(names)
    return st.selectbox(
        label,
        options,
        index=options.index(current),
        format_func=names.__getitem__,
        key=key,
        help=help,
    )


def show_summary(info: SetInfo, config: ExperimentConfig) -> bool:
    """What the run will work on; False if it cannot start."""
    try:
        dataset = load_dataset(info, config.data)
    except CoreError as error:
        st.error(plain(str(error)))
        return False
    finetune = config.classifier.kind == "finetune"
    with st.container(horizontal=True):
        st.metric("Articles", f"{len(dataset.articles):,}", width="content")
        st.metric("Tags", f"{len(dataset.tags):,}", width="content")
        st.metric("Left out", f"{dataset.dropped.total:,}", width="content")
        if finetune:
            st.metric(
                "Epochs at most",
                config.finetune.epochs,
                help="Passes over the training articles and their copies.",
                width="content",
            )
        else:
            st.metric(
                "Fits",
                f"{fit_count(config.features, config.classifier, len(dataset.tags)):,}",
                help="Classifiers to fit: one for each tag, fold and value of the grid.",
                width="content",
            )
    if finetune or config.features.kind == "encoder":
        st.caption(
            "Works on the graphics card where there is one; on a processor it takes minutes."
        )
    return True


def launch(info: SetInfo, config: ExperimentConfig) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        start = st.button("Train", type="primary")
        again = st.checkbox("Even if this run is there already")
    if st.session_state.pop(STOPPED, False):
        st.info("Stopped. Nothing of this training was kept; earlier runs are as they were.")
    if not start:
        return
    bar = ProgressBar("Training")
    # Any press ends the script that trains: at its next progress call it gives way to the rerun.
    stop = st.empty()
    stop.button(
        "Stop",
        on_click=lambda: st.session_state.update({STOPPED: True}),
        help="Training runs in this page: a change of a setting or of the page stops it too.",
    )
    try:
        outcome = run_experiment(
            config, RunStore(), articles=load_articles(info), progress=bar, again=again
        )
    except CoreError as error:
        stop.empty()
        st.error(plain(str(error)))
        return
    finally:
        took = bar.finish()
    stop.empty()
    st.query_params["run"] = outcome.run.id
    if outcome.reused:
        st.info("This run was there already: same settings, same data. These are its figures.")
    else:
        st.success(f"Done in {took}.")


def show_run(run_id: str) -> None:
    try:
        run = RunStore().load(run_id)
    except CoreError as error:
        st.warning(plain(str(error)))
        return
    report = run.report
    st.markdown(f"#### {plain(run.label)}")
    warn_of_sample(shown=run.is_of_sample)
    data = report["data"]
    st.caption(
        f"Tested on {count(data['test'], 'article')} that were not learnt from; "
        f"{RULES[report['at']].lower()}."
    )
    show_figures(averages_frame(report["averages"]), alt="Averages of the test part.")
    show_notes(report)
    show_published(run)
    with st.expander("Every tag"):
        st.dataframe(run.per_tag, hide_index=True, alt="Precision, recall, F1 of each tag.")
        show_download(run.per_tag, "per-tag.csv")
    with st.container(horizontal=True):
        st.page_link("pages/suggest.py", label="Suggest tags with it", query_params={"run": run.id})
        st.page_link("pages/compare.py", label="Compare it")


def show_notes(report: dict[str, Any]) -> None:
    st.markdown(
        f"Articles without any tag: **{report['empty_rate']:.1%}** · "
        f"exactly the right tags: **{report['subset_accuracy']:.1%}** · "
        f"tags per article: **{report['tags_per_article']:.2f}**"
    )
    if not (cv := report["cv"]):
        return
    st.caption(
        f"Chosen by cross-validation: C = {cv['params']['C']:g}, {plain(cv['scorer'])} "
        f"{cv['score']:.3f} in {cv['folds']} folds; {report['test_scorer']:.3f} on the test part."
    )
    if not (cv["grouped"] and cv["shuffled"]):
        st.warning(
            "As published: the folds are neither grouped nor shuffled, so the cross-validation "
            "score cannot be trusted. The fixed presets correct that."
        )


def show_published(run: Run) -> None:
    if not run.config.preset or not (published := preset_named(run.config.preset).published):
        return
    from core.metrics.report import averages_json

    with st.expander(f"The study's own figures ({PUBLISHED_NOTE})"):
        show_figures(averages_frame(averages_json(published.averages)), alt="Published averages.")
        if published.cv_score is not None:
            st.caption(f"Cross-validation score there: {published.cv_score:.4f}.")


open_page(show_page)
