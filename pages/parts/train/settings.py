"""The settings of an experiment, grouped; only those that matter for the chosen method."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.train import names
from pages.parts.train.finetune import show_finetuning
from pages.parts.train.form import Form
from pages.parts.train.method import show_classifier, show_encoder, show_hybrid, show_keywords

# How vectors are made and compared: as best-encoder has it, and as best-hybrid has it.
_READING = {
    "features.encoder.pooling": ("layers", "mean"),
    "classifier.vector_kernel": ("rbf", "linear"),
}


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
    method = "finetune" if form.get("classifier.kind") == "finetune" else form.get("features.kind")
    key = form.seeded("method", method)
    chosen = st.segmented_control(
        "Method",
        list(names.METHODS),
        format_func=names.METHODS.__getitem__,
        key=key,
        required=True,
        wrap=True,
        help="Keywords: tf-idf of words under an SVM. Vectors: BERT's reading of the meaning under "
        "an SVM. Both: keywords and vectors in one SVM. Fine-tuned: BERT itself learns the tags.",
    )
    form.set("features.kind", "encoder" if chosen == "finetune" else chosen)
    form.set("classifier.kind", "finetune" if chosen == "finetune" else "svm")
    kept = st.session_state[form.seeded("reading", {})]
    if chosen != method:
        kept[method] = {setting: form.get(setting) for setting in _READING}
        if chosen in ("encoder", "hybrid"):
            for setting, (of_vectors, of_both) in _READING.items():
                best = of_vectors if chosen == "encoder" else of_both
                form.restart(setting, kept.get(chosen, {}).get(setting, best))


def show_details(form: Form, encoders: Mapping[str, str]) -> None:
    """Every other setting, folded. encoders: name to label, offered for choice."""
    finetune = form.get("classifier.kind") == "finetune"
    with st.expander("Split and seed"):
        show_split(form)
    with st.expander("Augmentation"):
        show_augmentation(form)
    if form.get("features.kind") == "tfidf":
        with st.expander("Keywords"):
            show_keywords(form)
    else:
        if form.get("features.kind") == "hybrid":
            with st.expander("Weights of words and vectors"):
                show_hybrid(form)
        with st.expander("Encoder"):
            show_encoder(form, encoders, finetune=finetune)
    hears = form.get("features.kind") == "hybrid" and form.get("features.hybrid.finetuned")
    if finetune or hears:
        with st.expander("Fine-tuning"):
            show_finetuning(form, chooses_epoch=finetune)
    if not finetune:
        with st.expander("Classifier"):
            show_classifier(form, vectors=form.get("features.kind") == "encoder")
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
