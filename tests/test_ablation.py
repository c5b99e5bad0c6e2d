"""What an ablation learns from and is judged on."""

import numpy as np
from numpy.testing import assert_array_equal

from benchmarks.ablation import VARIANTS, judge
from core.dataset.split import split_dataset
from core.runs.experiment import read_dataset
from core.study.presets import configure, preset_named


def test_a_variant_is_judged_once_on_each_training_article_and_on_no_other(
    tiny_config, articles, tmp_path
):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(article.model_dump_json() + "\n" for article in articles))
    config = configure(tiny_config, sources=[str(path)])
    found, _ = judge("as it is", config)
    dataset = read_dataset(config)
    learnt = split_dataset(dataset, config.split, seed=config.seed).train
    ids = [dataset.articles[row].id for row in learnt]
    assert sorted(found.test_ids) == sorted(ids)
    row_of = {article.id: row for row, article in enumerate(dataset.articles)}
    rows = [row_of[article_id] for article_id in found.test_ids]
    assert_array_equal(found.truth.toarray(), dataset.Y[rows].toarray())
    # Better than chance, and not as good as on articles that were learnt.
    right = (found.scores > found.cuts)[found.truth.toarray()].mean()
    assert 0.5 < right < 1
    assert np.isfinite(found.scores).all()


def test_every_variant_is_a_change_that_its_preset_allows():
    for name, variants in VARIANTS.items():
        whole = preset_named(name).config()
        for changes in variants.values():
            assert configure(whole, assignments=changes) != whole
