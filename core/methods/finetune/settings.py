"""The settings of fine-tuning that an encoder learns by, whichever method trains it."""

LEARNING_SETTINGS = tuple(
    f"finetune.{name}"
    for name in (
        "loss",
        "pooling",
        "epochs",
        "batch_size",
        "learning_rate",
        "head_learning_rate",
        "warmup_share",
        "adam_epsilon",
        "weight_decay",
        "clip_norm",
        "dropout",
        "attention_dropout",
        "balance",
        "group_by_length",
        "precision",
        "extra_words",
    )
)
