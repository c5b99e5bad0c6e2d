"""The settings of keywords, of an encoder's vectors, and of the classifier on them."""

from collections.abc import Mapping

from pages.parts.train import names
from pages.parts.train.form import Form


def show_keywords(form: Form) -> None:
    form.choice(
        "features.analyzer",
        "Words",
        names.ANALYZERS,
        help="Technical keeps C++, .NET and node.js whole and cuts Chinese into words.",
    )
    form.grid(
        "features.ngram_range",
        "Words in a row",
        [[1, 1], [1, 2], [1, 3], [1, 4]],
        help="Phrases of so many words count as keywords; several ranges are compared.",
    )
    form.grid(
        "features.max_df",
        "Drop words in more than this share of articles",
        [0.5, 0.8, 1.0],
        help="Words in nearly every article do not help to tell tags apart.",
    )
    form.number(
        "features.min_df",
        "Drop words in fewer articles than",
        1,
        1000,
        help="Words in one or two articles cannot be learnt from, and cost memory.",
    )
    form.toggle(
        "features.sublinear_tf",
        "Dampen repeated words",
        help="The tenth mention of a word counts less than the first.",
    )


def show_hybrid(form: Form) -> None:
    parts = {
        "words": ("Words", "Keywords of the whole text."),
        "title_words": ("Words of the title", "Keywords of the first line."),
        "characters": (
            "Parts of words",
            "Sequences of three to five characters: forms of a word become similar.",
        ),
        "text_vector": ("Meaning of the text", "The encoder's vector of the whole text."),
        "title_vector": ("Meaning of the title", "The encoder's vector of the first line."),
    }
    for name, (label, help_text) in parts.items():
        form.number(
            f"features.hybrid.{name}",
            label,
            0.0,
            100.0,
            step=0.5,
            help=f"{help_text} 0 leaves it out.",
        )
    if form.get("features.hybrid.second_stage"):
        form.toggle(
            "features.hybrid.finetuned",
            "Use a fine-tuned encoder too",
            help="Its logits become features. The fine-tuning takes many minutes more.",
        )


def show_encoder(form: Form, encoders: Mapping[str, str]) -> None:
    form.text(
        "features.encoder.name",
        "Encoder",
        encoders,
        help="minilm works offline; or type a hub id, a folder, or run:ID of a fine-tuned run.",
    )
    if form.reads("features.encoder.pooling"):
        form.choice(
            "features.encoder.pooling",
            "A text's vector is",
            names.POOLINGS,
            help="The study took [CLS]. A mean is better, and with the middle layer, which still "
            "knows the words, better again.",
        )
        form.choice(
            "features.encoder.long_texts",
            "Longer texts are",
            names.LONG_TEXTS,
            help="Windows read all of a long text, at the cost of its length.",
        )
    form.number(
        "features.encoder.max_tokens",
        "Tokens read of a text",
        8,
        512,
        step=32,
        help="Time grows with it; a word is about 1.3 tokens, a Chinese character one.",
    )
    form.choice(
        "features.encoder.precision",
        "Precision of the vectors",
        names.PRECISIONS,
        help="16 bit is faster where the device has it, and nearly as exact.",
    )
    form.choice(
        "features.encoder.device", "Device", names.DEVICES, help="Where the encoder computes."
    )
    form.number(
        "features.encoder.batch_tokens",
        "Tokens in a batch",
        8,
        1_000_000,
        step=1024,
        help="More is faster on a GPU and takes more memory; the vectors stay the same.",
    )


def show_classifier(form: Form) -> None:
    if form.reads("classifier.vector_kernel"):
        form.choice(
            "classifier.vector_kernel",
            "Kernel",
            names.KERNELS,
            help="By nearness a tag's articles may lie in several places, which no straight line "
            "takes together. The study took linear; the penalty l1 always is.",
        )
    form.grid(
        "classifier.C",
        "C",
        [0.01, 0.1, 0.5, 1.0, 10.0],
        help="Higher follows the training articles more closely; several are compared.",
    )
    form.grid(
        "classifier.penalty",
        "Penalty",
        ["l1", "l2"],
        help="l1 keeps few keywords a tag and is slower; l2 weighs all.",
    )
    form.grid(
        "classifier.dual",
        "Dual",
        ["auto", True, False],
        help="How the solver works: auto picks the faster way; l1 needs no.",
    )
    form.choice(
        "classifier.scorer",
        "Best by",
        names.SCORERS,
        help="The figure that decides between the values above.",
    )
    form.number(
        "classifier.folds",
        "Folds",
        2,
        20,
        help="Each value is tried so many times, on another part of the training articles.",
    )
    form.toggle(
        "classifier.grouped_folds",
        "Keep an article's copies in one fold",
        help="Without it the score is far too high: the study's leak.",
    )
    form.toggle(
        "classifier.shuffle_folds",
        "Shuffle before folding",
        help="Without it a fold may hold one source or one year only.",
    )
