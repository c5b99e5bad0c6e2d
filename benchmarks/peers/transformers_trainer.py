"""Hugging Face's Trainer on MiniLM with its own head for several tags, one cut for all.

Runs in the peers' environment, without Tagsmith:
python transformers_trainer.py ARTICLES.json FOLDER
The cut is chosen on a tenth of the training articles, which it does not learn from. The head, which
starts from nothing, has a learning rate of its own, as Tagsmith's fine-tuning has: without, 12
epochs taught it little more than which tags are frequent (mlprojects: micro F1 .441, with it .593).
A set so large that 12 epochs would be more than 4,000 steps gets fewer.
"""

import time
from collections.abc import Sequence

import numpy as np
import torch
from _tuned import best_cut, given
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    Trainer,
    TrainingArguments,
    set_seed,
)

EPOCHS, MOST_STEPS, BATCH, LONGEST = 12, 4_000, 16, 256
RATE, HEAD_RATE = 2e-4, 5e-3


def main() -> None:
    train, asked, folder, encoder = given()
    begun = time.perf_counter()
    set_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(encoder)

    def rows(texts: Sequence[str], tags: np.ndarray) -> list[dict]:
        read = tokenizer(list(texts), truncation=True, max_length=LONGEST)
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": of}
            for ids, mask, of in zip(
                read["input_ids"], read["attention_mask"], tags.astype(np.float32), strict=True
            )
        ]

    order = np.random.default_rng(0).permutation(len(train.texts))
    tenth = len(order) // 10
    kept_out, learnt = train.rows(order[:tenth]), train.rows(order[tenth:])
    epochs = min(EPOCHS, MOST_STEPS * BATCH // len(learnt.texts))
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder, num_labels=train.tags.shape[1], problem_type="multi_label_classification"
    )
    groups = [
        {"params": model.base_model.parameters()},
        {"params": model.classifier.parameters(), "lr": HEAD_RATE},
    ]
    trainer = Trainer(
        model,
        TrainingArguments(
            str(folder / "trainer"),
            num_train_epochs=epochs,
            learning_rate=RATE,
            warmup_steps=0.1,
            per_device_train_batch_size=BATCH,
            per_device_eval_batch_size=32,
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=rows(*learnt),
        processing_class=tokenizer,
        optimizers=(torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01), None),
    )
    trainer.train()
    cut = best_cut(kept_out.tags, logits(trainer, rows(*kept_out)))
    unknown = np.zeros((len(asked), train.tags.shape[1]))
    np.savez(
        folder / f"Trainer on MiniLM, {epochs} epochs, one tuned cut.npz",
        scores=logits(trainer, rows(asked, unknown)),
        cut=cut,
        seconds=time.perf_counter() - begun,
        bytes=float(sum(p.numel() * p.element_size() for p in model.parameters())),
    )


def logits(trainer: Trainer, rows: list[dict]) -> np.ndarray:
    return trainer.predict(rows).predictions


if __name__ == "__main__":
    main()
