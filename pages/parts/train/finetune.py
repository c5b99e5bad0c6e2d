"""The settings of fine-tuning."""

from pages.parts.train import names
from pages.parts.train.form import Form


def show_finetuning(form: Form) -> None:
    """All that the method reads of them."""
    show_course(form)
    if form.reads("finetune.validation_share"):
        show_choice_of_epoch(form)
    show_rates(form)
    show_network(form)


def show_course(form: Form) -> None:
    form.number("finetune.epochs", "Epochs", 1, 200, help="Passes over all training texts.")
    form.number(
        "finetune.batch_size",
        "Texts in a batch",
        1,
        1024,
        help="Fewer take less memory; more are faster on a GPU.",
    )


def show_choice_of_epoch(form: Form) -> None:
    form.number(
        "finetune.validation_share",
        "Share of validation articles to choose the epoch",
        0.0,
        0.5,
        step=0.05,
        help="Also tunes the threshold; at 0 the test articles choose the epoch, as in the study.",
    )
    if form.get("finetune.validation_share"):
        form.number(
            "finetune.patience",
            "Stop after epochs without gain",
            1,
            200,
            help="So many epochs in a row without a better micro F1 end the training.",
        )


def show_rates(form: Form) -> None:
    form.number(
        "finetune.learning_rate",
        "Learning rate",
        1e-7,
        0.1,
        step=1e-5,
        format="%g",
        help="Step size; if it is too high, BERT loses what it learnt before.",
    )
    form.number(
        "finetune.head_learning_rate",
        "Learning rate of the last layer (0: the same)",
        0.0,
        0.5,
        step=1e-3,
        format="%g",
        help="That layer is new and can learn faster.",
    )
    form.number(
        "finetune.warmup_share",
        "Share of steps to warm up",
        0.0,
        0.9,
        step=0.05,
        help="The rate rises from 0 over these first steps.",
    )
    form.number(
        "finetune.adam_epsilon",
        "Epsilon of Adam",
        1e-12,
        1e-2,
        step=1e-8,
        format="%g",
        help="Adam's epsilon: keeps steps finite where gradients are almost 0.",
    )
    form.number(
        "finetune.weight_decay",
        "Weight decay",
        0.0,
        1.0,
        step=0.01,
        help="Weight decay: pulls weights to zero, against overfitting.",
    )
    form.number(
        "finetune.clip_norm",
        "Longest gradient",
        0.01,
        1000.0,
        step=0.1,
        help="Longer ones are shortened, so that one unusual batch does no harm.",
    )


def show_network(form: Form) -> None:
    form.choice("finetune.loss", "Learn from", names.LOSSES, help="Which tags of an article count.")
    form.choice(
        "finetune.pooling",
        "A text's vector is",
        names.HEADS,
        help="The vector that the last layer reads.",
    )
    form.number(
        "finetune.dropout",
        "Dropout",
        0.0,
        0.9,
        step=0.05,
        help="Share of the vector that is hidden at random in each step.",
    )
    form.toggle(
        "finetune.balance", "Weigh rare tags more", help="By the square root of how rare they are."
    )
    form.toggle(
        "finetune.group_by_length",
        "Batch texts of similar length",
        help="Saves time otherwise spent on padding.",
    )
    form.choice(
        "finetune.precision",
        "Precision of the training",
        names.TUNE_PRECISIONS,
        help="16 bit where the device computes in it, else 32 bit.",
    )
    form.number(
        "finetune.extra_words",
        "Words to add to the vocabulary",
        0,
        5000,
        step=100,
        help="Frequent words that BERT breaks into pieces become tokens of their own.",
    )
