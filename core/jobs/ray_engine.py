"""Jobs on a Ray cluster: one of its machines runs the same command and fills the same folder.

All machines share TAGSMITH_HOME and have the project and its environment under the same path.
"""

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from core.base.errors import JobError
from core.base.home import PROJECT, home_folder
from core.jobs.job import Job

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

# The slot of a job for which Ray has set resources aside.
RAY_SLOT = "ray"
# The job of these tasks only distributes work to actors, which ask for processors themselves. It
# must not hold one: on a cluster of one processor the actors would wait for it for ever.
SHARED_TASKS = ("tag",)
_DEFAULT_ADDRESS = "http://127.0.0.1:8265"


class RayEngine:
    """Ray Jobs at RAY_ADDRESS. Raises JobError where Ray is not installed or does not answer."""

    def __init__(self) -> None:
        self._address = os.environ.get("RAY_ADDRESS", "").strip() or _DEFAULT_ADDRESS

    def start(self, job: Job) -> None:
        """Submit the job's worker to the cluster, with the resources that its task asks for."""
        client = self._client()
        log = shlex.quote(str(job.folder / "log.txt"))
        command = shlex.join([sys.executable, "-m", "core", "work", job.id, "--slot", RAY_SLOT])
        is_shared = job.task in SHARED_TASKS
        wants_gpu = not is_shared and job.device_kind == "gpu" and self._has_gpus()
        try:
            client.submit_job(
                submission_id=job.id,
                entrypoint=f"cd {shlex.quote(str(PROJECT))} && exec {command} >> {log} 2>&1",
                entrypoint_num_cpus=None if is_shared else 1,
                entrypoint_num_gpus=1 if wants_gpu else None,
                runtime_env={"env_vars": {"TAGSMITH_HOME": str(home_folder())}},
                metadata={"title": job.title},
            )
        except RuntimeError as error:
            raise JobError(f"The Ray cluster refused the job: {_first_line(error)}.") from None

    def stop(self, job: Job) -> None:
        """Withdraw a job that waits for resources; one at work sees the cancel by itself."""
        if job.state == "queued":
            self._client().stop_job(job.id)

    def failure_of(self, job: Job) -> str:
        """Say why a job will never begin; "" while it still may."""
        from ray.job_submission import JobStatus

        try:
            status = self._client().get_job_status(job.id)
        except (RuntimeError, JobError) as error:
            return f"The Ray cluster does not know the job: {_first_line(error)}."
        if status not in (JobStatus.FAILED, JobStatus.STOPPED):
            return ""
        message = self._client().get_job_info(job.id).message or ""
        return f"The Ray cluster ended the job before it began: {_first_line(message)}"

    def _client(self) -> "JobSubmissionClient":
        try:
            from ray.job_submission import JobSubmissionClient
        except ImportError:
            raise JobError(
                "Ray is not installed: pip install -r requirements-ray.txt, or use the local "
                "engine."
            ) from None
        try:
            return JobSubmissionClient(self._address)
        except (ConnectionError, RuntimeError):
            raise JobError(
                f"No Ray cluster answers at {self._address}. Start one (ray start --head), or "
                "name another in RAY_ADDRESS."
            ) from None

    def _has_gpus(self) -> bool:
        from ray.util.state import list_nodes

        nodes: list[Any] = list_nodes(address=self._address, detail=True)
        return any("GPU" in (node.resources_total or {}) for node in nodes)


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:300]
