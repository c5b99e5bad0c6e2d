"""Parts of a file tagged all over a Ray cluster: Ray Data over a pool of actors.

The machines share the folder of the parts and that of the runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.articles.mapping import ReadingPlan
from core.base.errors import JobError
from core.base.progress import Progress
from core.runs.operating_points import OperatingPoint
from core.runs.store import RunStore
from core.suggest.bulk import Tagging, read_set_aside, rows_beside
from core.suggest.suggester import Suggester

if TYPE_CHECKING:
    from ray.data import Dataset

# A block is what an actor takes at once. Beyond so many, a block holds several parts.
_MOST_BLOCKS = 2000


class PartTagger:
    """One actor: a model, loaded once, that tags one part after another."""

    def __init__(
        self,
        run: str,
        runs: Path,
        point: OperatingPoint | None,
        source: Path,
        plan: ReadingPlan,
    ) -> None:
        stored = RunStore(runs).load(run)
        suggester = Suggester(stored, stored.read_tagger(), point)
        self._tagging = Tagging(source, suggester, plan)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Tag the parts at these paths; a part that was tagged before a machine was lost stays."""
        for path in map(Path, batch["path"]):
            if not path.exists():
                self._tagging.write_part(path, read_set_aside(path))
            rows_beside(path).unlink(missing_ok=True)
        return batch


def tag_on_cluster(
    tagging: Tagging, parts: Sequence[Path], progress: Progress, *, wants_gpu: bool
) -> None:
    """Tag the parts with as many actors as the cluster has processors, or GPUs, to give away.

    Runs inside a job of the cluster. Raises JobError if a machine cannot do its part.
    """
    with _connected():
        from ray.exceptions import RayError

        done = 0
        try:
            for batch in _dataset(tagging, parts, wants_gpu).iter_batches(batch_size=None):
                done += len(batch["path"])
                progress("tag", done, len(parts), "parts")
        except RayError as error:
            raise JobError(
                "A machine of the Ray cluster could not tag its part "
                f"({str(error).strip().splitlines()[-1][:300]}). All machines need the project, "
                "the data folder and the folder of the file under the same paths."
            ) from error


def _dataset(tagging: Tagging, parts: Sequence[Path], wants_gpu: bool) -> "Dataset":
    """The parts; each block is passed on as soon as its parts are written."""
    import ray.data
    from ray.data import ActorPoolStrategy

    has = ray.cluster_resources()  # type: ignore[no-untyped-call]
    on_gpu = wants_gpu and has.get("GPU", 0) >= 1
    most = int(has["GPU"] if on_gpu else has.get("CPU", 1))
    run = tagging.suggester.run
    items = [{"path": str(path.resolve())} for path in parts]
    return ray.data.from_items(
        items, override_num_blocks=min(len(items), _MOST_BLOCKS)
    ).map_batches(
        PartTagger,
        fn_constructor_args=(
            run.id,
            run.folder.parent,
            tagging.suggester.point,
            tagging.source,
            tagging.plan,
        ),
        batch_size=1,
        compute=ActorPoolStrategy(min_size=1, max_size=max(most, 1)),
        num_cpus=0 if on_gpu else 1,
        num_gpus=1 if on_gpu else 0,
    )


@contextmanager
def _connected() -> Iterator[None]:
    """A connection to the cluster that runs this process, whose address it left in RAY_ADDRESS."""
    import ray.data

    ray.init(address="auto", log_to_driver=False)
    # Progress goes to the job's record; bars would fill its log.
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield
    finally:
        ray.shutdown()
