"""One child process for all disturbances."""

import pytest

from tests.faults.campaign import Campaign


@pytest.fixture(scope="session")
def article_file(articles, tmp_path_factory):
    path = tmp_path_factory.mktemp("faults") / "articles.jsonl"
    path.write_text("".join(article.model_dump_json() + "\n" for article in articles))
    return path


@pytest.fixture(scope="session")
def campaign(article_file, tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("campaign")
    started = Campaign.start(folder, article_file, tiny_bert)
    yield started
    started.stop()
