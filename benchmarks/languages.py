"""How often the language of a text is found: titles of real sets, sentences in 13 languages.

python -m benchmarks.languages FILE ...    (JSON Lines as data check reads them, with languages)

2,000 articles of each file, drawn at random, seed 0. py3langid alone chooses among 140 languages
without a margin. "Expected" are the file's languages; of the sentences, English, as for a model of
English articles. A text without any word that the library knows has no language, and a model does
not warn of it.
"""

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import py3langid

from core.articles.languages.codes import language_code
from core.articles.languages.language import detect_language
from core.articles.store.sets import read_sources

MOST = 2000
SENTENCES = Path(__file__).parent.parent / "tests" / "sentences.json"


def py3langid_alone(text: str) -> str:
    return language_code(str(py3langid.classify(text)[0]))


def measure(
    name: str, kind: str, texts: Sequence[str], languages: Sequence[str], among: Sequence[str]
) -> None:
    ways = {
        "py3langid alone": [py3langid_alone(text) for text in texts],
        "script, margin": [detect_language(text) for text in texts],
        "script, margin, expected": [detect_language(text, among) for text in texts],
    }
    for way, found in ways.items():
        pairs = list(zip(found, languages, strict=True))
        right = sum(code == language for code, language in pairs)
        none = found.count("")
        wrong = len(texts) - right - none
        print(f"| {name} | {kind} | {way} | {len(texts):,} | {right:,} | {none} | {wrong} |")


def main() -> None:
    print("| texts | of | decided by | number | right | no language | wrong |")
    print("|---|---|---|---|---|---|---|")
    for path in sys.argv[1:]:
        articles = list(read_sources([path]))
        some = random.Random(0).sample(articles, min(MOST, len(articles)))
        languages = [article.language for article in some]
        name = Path(path).name.split(".")[0]
        measure(
            name, "title", [article.title for article in some], languages, sorted(set(languages))
        )
        both = [f"{article.title}\n{article.description}" for article in some]
        measure(name, "title and description", both, languages, sorted(set(languages)))
    for language, sentences in json.loads(SENTENCES.read_text("utf-8")).items():
        measure(language, "sentence", sentences, [language] * len(sentences), ["en"])


if __name__ == "__main__":
    main()
