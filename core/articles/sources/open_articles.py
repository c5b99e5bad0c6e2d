"""A ready-made set: openly licensed articles of technical publishers, from their repositories."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.articles.aliases import SAME_THING
from core.articles.check import ArticleCheck, CheckReport
from core.articles.formats.row import Row
from core.articles.importing import keep_stream
from core.articles.mapping import ReadingPlan
from core.articles.sources.markdown import read_posts
from core.articles.sources.polite import PoliteClient
from core.articles.store.record import SetInfo
from core.articles.store.versions import require_free
from core.base.home import home_folder
from core.base.progress import Progress, no_progress

_MOST_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Repository:
    """address: of a zip of the whole repository. folder: where its articles lie."""

    name: str
    address: str
    folder: str
    licence: str


def _on_github(name: str, project: str, folder: str, licence: str) -> Repository:
    return Repository(name, f"https://github.com/{project}/archive/HEAD.zip", folder, licence)


REPOSITORIES = (
    _on_github("google-cloud-community", "GoogleCloudPlatform/community", "tutorials", "CC BY 4.0"),
    _on_github("hetzner-community", "hetzneronline/community-content", "tutorials", "MIT"),
    _on_github("go-blog", "golang/website", "_content/blog", "CC BY 4.0"),
    _on_github("v8-blog", "v8/v8.dev", "src/blog", "Apache-2.0"),
    _on_github("kubevirt-blog", "kubevirt/kubevirt.github.io", "_posts", "MIT"),
    _on_github("18f-blog", "18F/18f.gsa.gov", "_posts", "CC0 1.0"),
)
_TAG_OF = {alias: group[0] for group in SAME_THING for alias in group}


def fetch_open_articles(
    name: str,
    client: PoliteClient,
    *,
    repositories: Sequence[Repository] = REPOSITORIES,
    update: bool = False,
    replace: bool = False,
    progress: Progress = no_progress,
) -> tuple[SetInfo, CheckReport]:
    """Fetch the archives that are not here yet and keep their tagged articles as a set.

    Each article's source names publisher and licence. Posts that cannot be read are counted and
    left out, as is an archive without any; the next fetch asks for such an archive again. Raises
    FetchError if an archive cannot be had, DataError if one cannot be read, there is no article at
    all, or the name is impossible.
    """
    require_free(name, replace=update or replace)
    folder = home_folder() / "cache" / "fetch" / "open-articles"
    folder.mkdir(parents=True, exist_ok=True)
    for number, repository in enumerate(repositories, start=1):
        archive = folder / f"{repository.name}.zip"
        if not archive.exists():
            client.download(repository.address, archive, most_bytes=_MOST_BYTES)
        progress("fetch", number, len(repositories), "archives")
    check = ArticleCheck("open-articles", ReadingPlan())
    rows = (row for r in repositories for row in _tagged_rows(r, folder / f"{r.name}.zip"))
    info = keep_stream(
        name, check.articles_of(rows), origin="open-articles", update=update, replace=replace
    )
    return info, check.report()


def fold_tag(tag: str) -> str:
    """Lower case with hyphens, and the common name of what has several."""
    plain = re.sub(r"[\s_]+", "-", tag.strip().lower())
    return _TAG_OF.get(plain, plain)


def _tagged_rows(repository: Repository, archive: Path) -> Iterator[Row]:
    """The rows of an archive, which is not kept for the next fetch if it has none."""
    found = 0
    try:
        for row in _rows_of(repository, archive):
            found += 1
            yield row
    finally:
        if not found:
            archive.unlink(missing_ok=True)
    if not found:
        problem = f"has no tagged posts in {repository.folder}: its publisher may have moved them"
        yield Row(1, None, problem, place=repository.name)


def _rows_of(repository: Repository, archive: Path) -> Iterator[Row]:
    for row in read_posts(archive):
        inside = PurePosixPath(*PurePosixPath(row.place).parts[1:])
        if not inside.is_relative_to(repository.folder):
            continue
        place = f"{repository.name}/{inside}"
        if row.cells is None:
            yield Row(row.line, None, row.problem, place=place)
        elif row.cells["tags"]:
            yield Row(row.line, _credited(row.cells, repository, place), place=place)


def _credited(cells: dict[str, Any], repository: Repository, place: str) -> dict[str, Any]:
    tags = list(dict.fromkeys(fold_tag(tag) for tag in cells["tags"]))
    credit = f"{repository.name}, {repository.licence}"
    return {**cells, "id": place, "tags": tags, "source": credit}
