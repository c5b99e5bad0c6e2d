"""The settings of an experiment, grouped; only those that matter for the chosen method."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.methods.registry import list_methods
from pages.parts.train import names
from pages.parts.train.finetune import show_finetuning
from pages.parts.train.form import Form, default_of
from pages.parts.train.method import show_classifier, show_encoder, show_hybrid, show_keywords


def show_first_settings(form: Form) -> None:
    """What is changed most often: the method, the text and the rarest tag."""
    choose_method(form)
    form.choice("data.text_column", "Text", names.TEXTS, help="What is read of each article.")
    if form.get("data.text_column") == "partial_text":
        form.number(
            "data.partial_length",
            "Characters of the full text",
            50,
            100_000,
            step=250,
            help="How much of the start of each full text is read.",
        )
    form.number(
        "data.min_tag_count",
        "Keep tags in at least so many articles",
        1,
        100_000,
        help="Rarer tags are left out, and articles without any other tag with them.",
    )


def choose_method(form: Form) -> None:
    """The method; another one starts with the settings under which it does best."""
    methods = {method.name: method for method in list_methods()}
    before = form.get("method")
    chosen = st.segmented_control(
        "Method",
        list(methods),
        format_func=lambda name: methods[name].title,
        key=form.seeded("method", before),
        required=True,
        wrap=True,
        help=" ".join(f"{method.title}: {method.about}" for method in methods.values()),
    )
    assert chosen is not None  # for one is required
    form.set("method", chosen)
    if chosen != before:
        kept = st.session_state[form.seeded("kept", {})]
        differing = {name for method in methods.values() for name in method.preferred}
        kept[before] = {name: form.get(name) for name in differing}
        for name in differing:
            best = methods[chosen].preferred.get(name, default_of(name))
            form.restart(name, kept.get(chosen, {}).get(name, best))


def show_details(form: Form, encoders: Mapping[str, str]) -> None:
    """Every other setting that the method reads, folded. encoders: name to label, for choice."""
    with st.expander("Split and seed"):
        show_split(form)
    with st.expander("Augmentation"):
        show_augmentation(form)
    if form.reads("features.analyzer"):
        with st.expander("Keywords"):
            show_keywords(form)
    if form.reads("features.hybrid"):
        with st.expander("Weights of words and vectors"):
            show_hybrid(form)
    if form.reads("features.encoder"):
        with st.expander("Encoder"):
            show_encoder(form, encoders)
    if form.reads("finetune"):
        with st.expander("Fine-tuning"):
            show_finetuning(form)
    if form.reads("classifier.C"):
        with st.expander("Classifier"):
            show_classifier(form)
    with st.expander("Cut"):
        show_cut(form)


def show_articles(form: Form, languages: Sequence[str], others: Sequence[str]) -> None:
    """others: names of sets that are not in the data."""
    form.several(
        "data.languages",
        "Languages",
        languages,
        help="Articles in other languages are left out.",
        placeholder="All",
    )
    if form.get("data.text_column") != "title":
        form.toggle("data.prepend_title", "Title first", help="The title stands before the text.")
    form.number(
        "data.min_description_length",
        "Shortest description, characters",
        0,
        10_000,
        step=10,
        help="Articles with a shorter description are left out.",
    )
    form.number(
        "data.most_articles",
        "Articles at most (0: all)",
        0,
        10_000_000,
        step=500,
        help="A fixed random part of the data, for a first look at less cost.",
    )
    form.several(
        "data.extra",
        "Learn from these too",
        others,
        help="Sets whose articles are learnt from and never tested on. Their tags count where this "
        "data has them, by name or by a known alias; copies of test articles are left out.",
        placeholder="No other set",
    )
    if form.get("data.extra"):
        form.number(
            "data.extra_most",
            "Extra articles at most (0: all)",
            0,
            10_000_000,
            step=500,
            help="A fixed random part of them, so that they do not outweigh the data's own.",
        )


def show_split(form: Form) -> None:
    form.choice(
        "split.method",
        "Test articles are chosen",
        names.SPLITS,
        help="Stratified gives each tag the same share of test articles. By pairs is the rule of "
        "the study, which can leave a tag without any.",
    )
    if form.get("split.method") != "file":
        form.number(
            "split.test_share",
            "Share of test articles",
            0.05,
            0.9,
            step=0.05,
            help="These articles are not learnt from; the figures come from them.",
        )
        form.toggle(
            "split.group_duplicates",
            "Keep copies of an article on one side",
            help="Otherwise a training copy reveals the tags of its test copy.",
        )
    form.number(
        "seed",
        "Seed",
        0,
        2**32 - 1,
        help="The same seed gives the same split, copies, folds and weights again.",
    )


def show_augmentation(form: Form) -> None:
    form.number(
        "augment.level",
        "Copies of each training article",
        0,
        20,
        help="Cropped copies are learnt from as well; test articles are never copied.",
    )
    form.number(
        "augment.rare_tag_rows",
        "Rows wanted for each rare tag (0: none)",
        0,
        10_000,
        step=10,
        help="Articles of rare tags are copied until each tag has about so many.",
    )
    if form.get("augment.level") or form.get("augment.rare_tag_rows"):
        form.number(
            "augment.crop_ratio",
            "Crop up to this share at each end",
            0.0,
            0.49,
            step=0.05,
            help="How much of the start and of the end a copy may lose.",
        )
        form.choice(
            "augment.unit", "Crop by", names.UNITS, help="Chinese and Japanese have no spaces."
        )


def show_cut(form: Form) -> None:
    rules = names.RULES
    form.choice(
        "thresholds.rule",
        "A score becomes a tag at",
        rules,
        help="Tuned on training articles that the scoring model had not seen.",
    )
    rule = form.get("thresholds.rule")
    if rule == "value":
        form.number(
            "thresholds.value", "Margin", -10.0, 10.0, step=0.1, help="Suggest above this score."
        )
    elif rule in ("global", "per_tag"):
        form.number(
            "thresholds.beta",
            "Weight of recall against precision (beta)",
            0.1,
            10.0,
            step=0.1,
            help="The beta of F-beta: 1 weighs both alike, 0.5 prefers fewer wrong tags.",
        )
    if rule == "per_tag":
        form.number(
            "thresholds.min_support",
            "Own threshold from so many articles",
            1,
            1000,
            help="A rarer tag keeps the common threshold, because its own would be uncertain.",
        )
