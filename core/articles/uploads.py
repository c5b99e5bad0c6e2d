"""Files that a browser sent, kept until they are imported."""

import hashlib
import shutil
import time
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from core.base.files import replacing
from core.base.home import home_folder

Content: TypeAlias = bytes | memoryview

_KEPT_SECONDS = 24 * 3600


def keep_upload(name: str, content: Content) -> Path:
    """The file under its own name, in a folder named by its content; older uploads are removed."""
    folder = home_folder() / "cache" / "uploads"
    _remove_old(folder)
    own = folder / hashlib.sha256(content).hexdigest()[:16]
    # The user's name for the file stands in messages; its folders are never used.
    target = own / PurePosixPath(name.replace("\\", "/")).name[-100:]
    if not target.exists():
        own.mkdir(parents=True, exist_ok=True)
        with replacing(target) as partial:
            partial.write_bytes(content)
    return target


def drop_upload(path: str | Path) -> None:
    """Remove a file that `keep_upload` kept, once it has been imported."""
    shutil.rmtree(Path(path).parent, ignore_errors=True)


def _remove_old(folder: Path) -> None:
    for old in folder.glob("*/"):
        if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
