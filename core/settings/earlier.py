"""The method as earlier versions wrote it: a kind of features and a kind of classifier.

Files, jobs, finished runs and commands of that time are read through here and nowhere else.
"""

from collections.abc import Mapping
from typing import Any

_PAIRS = {
    "tfidf": ("tfidf", "svm"),
    "encoder": ("encoder", "svm"),
    "hybrid": ("hybrid", "svm"),
    "finetune": ("encoder", "finetune"),
}
EARLIER_NAMES = ("features.kind", "classifier.kind")


def with_method(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of an experiment with `method` in place of features.kind and classifier.kind.

    One of the two that is missing is taken from `method`, or from the defaults of that time.

    >>> with_method({"features": {"kind": "hybrid"}})
    {'features': {}, 'method': 'hybrid'}
    >>> with_method({"method": "encoder", "classifier": {"kind": "finetune"}})
    {'method': 'finetune', 'classifier': {}}
    """
    changed = dict(values)
    features, classifier = _PAIRS.get(changed.get("method", "tfidf"), ("tfidf", "svm"))
    parts = {"features": features, "classifier": classifier}
    found = {
        name: changed[name]["kind"]
        for name in parts
        if isinstance(changed.get(name), Mapping) and "kind" in changed[name]
    }
    if not found:
        return changed
    for name in found:
        changed[name] = {key: value for key, value in changed[name].items() if key != "kind"}
    parts |= found
    is_svm = parts["classifier"] == "svm"
    changed["method"] = parts["features"] if is_svm else parts["classifier"]
    return changed


def without_method(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that differ from the defaults, with the method as earlier versions wrote it.

    A run's key is made of them, so that runs of those versions keep theirs.

    >>> without_method({"method": "finetune", "classifier": {"C": [1.0]}})
    {'classifier': {'C': [1.0], 'kind': 'finetune'}, 'features': {'kind': 'encoder'}}
    """
    changed = dict(values)
    if changed.get("method") not in _PAIRS:
        return changed
    features, classifier = _PAIRS[changed.pop("method")]
    for name, kind, usual in (("features", features, "tfidf"), ("classifier", classifier, "svm")):
        if kind != usual:
            changed[name] = {**changed.get(name, {}), "kind": kind}
    return changed
