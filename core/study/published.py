"""The study's own figures: articles of LinkedInfo.co, 2020, its averages over its test part."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.metrics.averages import MACRO, MICRO, SAMPLES, WEIGHTED, Average

PUBLISHED_NOTE = "published, LinkedInfo 2020, another data set"


@dataclass(frozen=True)
class Published:
    """What the study printed for one experiment; cv_score: None where it had none."""

    cv_score: float | None
    averages: Mapping[str, Average]


def _published(
    cv_score: float | None, support: int, *figures: tuple[float, float, float]
) -> Published:
    names = (MICRO, MACRO, WEIGHTED, SAMPLES)
    averages = {n: Average(*prf, support) for n, prf in zip(names, figures, strict=True)}
    return Published(cv_score, averages)


# Precision, recall, F1 of micro, macro, weighted and samples average.
PUBLISHED = {
    "study-01": _published(
        0.5793,
        1238,
        (0.8929, 0.2423, 0.3812),
        (0.1737, 0.0925, 0.1111),
        (0.6086, 0.2423, 0.3242),
        (0.4041, 0.2742, 0.3123),
    ),
    "study-02": _published(
        0.4954,
        1238,
        (0.6840, 0.2973, 0.4144),
        (0.1780, 0.1098, 0.1276),
        (0.5223, 0.2973, 0.3622),
        (0.4016, 0.3146, 0.3379),
    ),
    "study-03": _published(
        0.3293,
        1191,
        (0.6741, 0.3560, 0.4659),
        (0.2308, 0.1621, 0.1818),
        (0.5516, 0.3560, 0.4207),
        (0.4604, 0.3777, 0.3926),
    ),
    "study-04": _published(
        0.9250,
        1194,
        (0.6163, 0.3484, 0.4452),
        (0.2248, 0.1629, 0.1809),
        (0.5200, 0.3484, 0.4065),
        (0.4426, 0.3738, 0.3847),
    ),
    "study-05": _published(
        0.8944,
        765,
        (0.5936, 0.4353, 0.5023),
        (0.5240, 0.3613, 0.4167),
        (0.5866, 0.4353, 0.4908),
        (0.4583, 0.4721, 0.4441),
    ),
    "study-06": _published(
        None,
        764,
        (0.2441, 0.7317, 0.3661),
        (0.2884, 0.5523, 0.3108),
        (0.2945, 0.7317, 0.3699),
        (0.2677, 0.7957, 0.3813),
    ),
    "study-07": _published(
        0.9456,
        764,
        (0.7936, 0.7147, 0.7521),
        (0.7573, 0.6423, 0.6718),
        (0.7826, 0.7147, 0.7321),
        (0.7987, 0.7621, 0.7543),
    ),
    "study-08": _published(
        0.9987,
        764,
        (0.9558, 0.3678, 0.5312),
        (0.7403, 0.2506, 0.3536),
        (0.8474, 0.3678, 0.4879),
        (0.4526, 0.3965, 0.4129),
    ),
    "study-09": _published(
        0.9963,
        1426,
        (0.8843, 0.4180, 0.5676),
        (0.8046, 0.3114, 0.4239),
        (0.8495, 0.4180, 0.5320),
        (0.4875, 0.4334, 0.4464),
    ),
    "study-10": _published(
        0.9720,
        1428,
        (0.8919, 0.4797, 0.6239),
        (0.8587, 0.3860, 0.5027),
        (0.8641, 0.4797, 0.5850),
        (0.5591, 0.4944, 0.5110),
    ),
}
