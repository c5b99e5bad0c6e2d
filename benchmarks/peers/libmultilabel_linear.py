"""LibMultiLabel's linear models; runs in the peers' environment, without Tagsmith.

python libmultilabel_linear.py ARTICLES.json FOLDER
"""

import json
import sys
import time
from pathlib import Path

import libmultilabel.linear as linear
import numpy as np

WAYS = {
    "LibMultiLabel 1-vs-rest": linear.train_1vsrest,
    "LibMultiLabel cost-sensitive, micro": linear.train_cost_sensitive_micro,
    "LibMultiLabel cost-sensitive, macro": linear.train_cost_sensitive,
}


def main() -> None:
    given, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for side in ("train", "test"):
        lines = [
            f"{row}\t{' '.join(map(str, article['tags']))}\t{' '.join(article['text'].split())}\n"
            for row, article in enumerate(given[side])
        ]
        (folder / f"{side}.txt").write_text("".join(lines))
    for name, train in WAYS.items():
        begun = time.perf_counter()
        data = linear.load_dataset("txt", str(folder / "train.txt"), str(folder / "test.txt"))
        preprocessor = linear.Preprocessor()
        preprocessor.fit(data)
        data = preprocessor.transform(data)
        model = train(data["train"]["y"], data["train"]["x"], "-s 2 -q")
        values = np.asarray(linear.predict_values(model, data["test"]["x"]))
        scores = np.full((len(given["test"]), len(given["names"])), -9.0)
        scores[:, [int(tag) for tag in preprocessor.label_mapping]] = values
        seconds = time.perf_counter() - begun
        size = float(np.asarray(model.weights).size * 8)
        np.savez(folder / f"{name}.npz", scores=scores, cut=0.0, seconds=seconds, bytes=size)


if __name__ == "__main__":
    main()
