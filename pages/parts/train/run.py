"""A finished run's own figures, as the Train page shows them by ?run=ID."""

import streamlit as st

from core.base.errors import CoreError
from core.runs.lineup import choose_alike
from core.runs.records import FOLDS_NOTE, RunReport
from core.runs.store import Run, RunStore
from core.study.presets import preset_named
from core.study.published import PUBLISHED_NOTE
from pages.parts.shared.frame import warn_of_sample
from pages.parts.shared.tables import averages_frame, show_figures, show_table
from pages.parts.shared.words import count, plain
from pages.parts.train.form import names_of


def show_run(run_id: str) -> None:
    """A finished run's figures, its notes, and what can be done with it."""
    try:
        run = RunStore().load(run_id)
    except CoreError as error:
        st.warning(plain(str(error)))
        return
    report, rules = run.report, names_of("thresholds.rule")
    st.markdown(f"#### {plain(run.label)}")
    warn_of_sample(shown=run.is_of_sample)
    st.caption(
        f"Tested on {count(report.data.test, 'article')} that were not learnt from; "
        f"{rules[report.at].lower()}."
    )
    if extra := report.data.extra.learnt:
        st.caption(
            f"Learnt from {count(extra, 'extra article')} of "
            f"{plain(' + '.join(run.extra_names))} too."
        )
    show_figures(averages_frame(report.averages), alt="Averages of the test part.")
    _show_notes(report)
    _show_untested(run)
    _show_published(run)
    with st.expander("Every tag"):
        show_table(run.per_tag, "per-tag.csv", alt="Precision, recall, F1 of each tag.")
    with st.container(horizontal=True):
        st.page_link("pages/suggest.py", label="Suggest tags with it", query_params={"run": run.id})
        st.page_link("pages/compare.py", label="Compare it", query_params={"run": _with_alike(run)})
        st.page_link(
            "pages/train.py", label="Run again with changes", query_params={"base": run.id}
        )


def _with_alike(run: Run) -> list[str]:
    """Ids of this run and of the newest runs of other methods on the same data and split."""
    others = [other for other in RunStore().finished() if other.id != run.id]
    alike = [other.id for other in choose_alike([run, *others])]
    return [run.id, *(run_id for run_id in alike if run_id != run.id)]


def _show_notes(report: RunReport) -> None:
    st.markdown(
        f"Articles without any tag: **{report.empty_rate:.1%}** · "
        f"exactly the right tags: **{report.subset_accuracy:.1%}** · "
        f"tags per article: **{report.tags_per_article:.2f}**"
    )
    if not (cv := report.cv):
        return
    st.caption(
        f"Chosen by cross-validation: C = {cv.params.C:g}, {plain(cv.scorer)} "
        f"{cv.score:.3f} in {cv.folds} folds; {report.test_scorer:.3f} on the test part."
    )
    if not cv.is_sound:
        st.warning(plain(FOLDS_NOTE))


def _show_untested(run: Run) -> None:
    from core.metrics.report import untested_note

    if note := untested_note(run.per_tag):
        st.warning(plain(note))


def _show_published(run: Run) -> None:
    if not run.config.preset or not (published := preset_named(run.config.preset).published):
        return
    with st.expander(f"The study's own figures ({PUBLISHED_NOTE})"):
        show_figures(averages_frame(published.averages), alt="Published averages.")
        if published.cv_score is not None:
            st.caption(f"Cross-validation score there: {published.cv_score:.4f}.")
