"""The study's own figures: articles of LinkedInfo.co, 2020, its averages over its test part."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.metrics.averages import AVERAGES, Average

PUBLISHED_NOTE = "published, LinkedInfo 2020, another data set"
# Score of the cross-validation (- without one); true (article, tag) pairs of the test part;
# precision, recall, F1 of the micro, macro, weighted and samples average.
_TABLE = """
study-01 .5793 1238  .8929 .2423 .3812 .1737 .0925 .1111 .6086 .2423 .3242 .4041 .2742 .3123
study-02 .4954 1238  .6840 .2973 .4144 .1780 .1098 .1276 .5223 .2973 .3622 .4016 .3146 .3379
study-03 .3293 1191  .6741 .3560 .4659 .2308 .1621 .1818 .5516 .3560 .4207 .4604 .3777 .3926
study-04 .9250 1194  .6163 .3484 .4452 .2248 .1629 .1809 .5200 .3484 .4065 .4426 .3738 .3847
study-05 .8944  765  .5936 .4353 .5023 .5240 .3613 .4167 .5866 .4353 .4908 .4583 .4721 .4441
study-06     -  764  .2441 .7317 .3661 .2884 .5523 .3108 .2945 .7317 .3699 .2677 .7957 .3813
study-07 .9456  764  .7936 .7147 .7521 .7573 .6423 .6718 .7826 .7147 .7321 .7987 .7621 .7543
study-08 .9987  764  .9558 .3678 .5312 .7403 .2506 .3536 .8474 .3678 .4879 .4526 .3965 .4129
study-09 .9963 1426  .8843 .4180 .5676 .8046 .3114 .4239 .8495 .4180 .5320 .4875 .4334 .4464
study-10 .9720 1428  .8919 .4797 .6239 .8587 .3860 .5027 .8641 .4797 .5850 .5591 .4944 .5110
"""


@dataclass(frozen=True)
class Published:
    """What the study printed for one experiment.

    cv_score: the score of its cross-validation, None where it had none. averages: by "micro avg",
    "macro avg", "weighted avg", "samples avg"; shares are in 0..1.
    """

    cv_score: float | None
    averages: Mapping[str, Average]


def _read_line(line: str) -> tuple[str, Published]:
    name, cv_score, support, *texts = line.split()
    figures = iter(map(float, texts))
    averages = {
        average: Average(next(figures), next(figures), next(figures), int(support))
        for average in AVERAGES
    }
    return name, Published(None if cv_score == "-" else float(cv_score), averages)


# By the name of the study's preset.
PUBLISHED = dict(map(_read_line, _TABLE.strip().splitlines()))
