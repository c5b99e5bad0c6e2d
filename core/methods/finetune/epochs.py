"""The epochs of fine-tuning: loss, steps, watching, early stopping and checkpoints."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from core.base.files import new_folder, read_json, write_json
from core.features.encoder import autocast, pool
from core.features.encoder_tokens import pad
from core.settings.classifier import FinetuneConfig

# Rows sorted by length at a time: batches are even, yet their order is random.
_ROWS_TO_SORT = 1600
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class Network(nn.Module):
    """An encoder with dropout and one linear layer over its pooled output."""

    def __init__(self, encoder: Any, tags: int, config: FinetuneConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(encoder.config.hidden_size, tags)
        self._pooling = config.pooling
        nn.init.normal_(self.head.weight, std=encoder.config.initializer_range)
        nn.init.zeros_(self.head.bias)

    def expect(self, truth: NDArray[np.float32]) -> None:
        """Start the biases at each tag's log odds in truth (n, K), not at even chances."""
        share = np.clip(truth.mean(axis=0), 1e-4, 1 - 1e-4)
        with torch.no_grad():
            self.head.bias.copy_(torch.from_numpy(np.log(share / (1 - share))))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (rows, K): unbounded, one a tag."""
        output = self.encoder(input_ids=ids, attention_mask=mask)
        if self._pooling == "pooler":
            pooled = output.pooler_output
        else:
            pooled = pool(output.last_hidden_state, mask, self._pooling)
        return self.head(self.dropout(pooled))


@dataclass(frozen=True)
class Batch:
    """Token ids and mask (rows, longest) with truth (rows, K), as float32."""

    ids: torch.Tensor
    mask: torch.Tensor
    truth: torch.Tensor


@dataclass(frozen=True)
class Rows:
    """Token ids of n texts, special tokens included, and dense truth float32 (n, K)."""

    ids: Sequence[list[int]]
    truth: NDArray[np.float32]

    def batch(self, rows: Sequence[int], pad_id: int, device: torch.device) -> Batch:
        """The chosen rows, padded to the longest of them, on the device."""
        ids, mask = pad([self.ids[row] for row in rows], pad_id)
        truth = torch.from_numpy(self.truth[list(rows)])
        return Batch(ids.to(device), mask.to(device), truth.to(device))


@dataclass
class State:
    """Where a training is: epochs done, the best of them, and what each one gave."""

    epoch: int = 0
    best_epoch: int = 0
    best_score: float = -1.0
    curve: list[dict[str, float]] = field(default_factory=list)


def training_loss(
    logits: torch.Tensor, truth: torch.Tensor, config: FinetuneConfig, weights: torch.Tensor
) -> torch.Tensor:
    """Mean loss of a batch; weights (K,): of the positive side of each tag.

    first_tag: softmax cross-entropy on each row's lowest true column, as the study had it.
    """
    if config.loss == "first_tag":
        return functional.cross_entropy(logits, truth.argmax(dim=1))
    return functional.binary_cross_entropy_with_logits(logits, truth, pos_weight=weights)


def positive_weights(truth: NDArray[np.float32], *, balance: bool) -> torch.Tensor:
    """(K,): sqrt(negatives / positives) of each tag, or 1."""
    if not balance:
        return torch.ones(truth.shape[1])
    positives = np.maximum(truth.sum(axis=0), 1)
    return torch.from_numpy(np.sqrt((len(truth) - positives) / positives).astype(np.float32))


def parameter_groups(network: nn.Module, config: FinetuneConfig) -> list[dict[str, Any]]:
    """Groups by learning rate and weight decay: biases and layer norms have no decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        of_head = name.startswith("head.") and config.head_learning_rate
        rate = config.head_learning_rate if of_head else config.learning_rate
        spared = name.endswith("bias") or "LayerNorm" in name
        groups.setdefault((rate, 0.0 if spared else config.weight_decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "full_lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def rate_factor(step: int, steps: int, warmup_share: float) -> float:
    """Share of the full learning rate at a step: a linear rise, then a linear fall to 0."""
    warmup = math.ceil(steps * warmup_share)
    if step < warmup:
        return (step + 1) / warmup
    return (steps - step) / max(steps - warmup, 1)


@contextmanager
def attention_for_learning(encoder: Any, device: torch.device) -> Iterator[None]:
    """On a CPU, plain matrix products: the backward pass of fused attention is twice as slow."""
    usual = encoder.config._attn_implementation
    with ExitStack() as after:  # also after a cancel, which may come at any batch
        after.callback(encoder.set_attn_implementation, usual)
        encoder.set_attn_implementation("eager" if device.type == "cpu" else usual)
        yield


def epoch_batches(
    lengths: Sequence[int], config: FinetuneConfig, rng: np.random.Generator
) -> list[list[int]]:
    """Every row once, in batches of batch_size and random order, of like length if grouped."""
    order = rng.permutation(len(lengths)).tolist()
    if config.group_by_length:
        blocks = [order[i : i + _ROWS_TO_SORT] for i in range(0, len(order), _ROWS_TO_SORT)]
        order = [row for block in blocks for row in sorted(block, key=lambda row: lengths[row])]
    batches = [order[at : at + config.batch_size] for at in range(0, len(order), config.batch_size)]
    turns = rng.permutation(len(batches)) if config.group_by_length else range(len(batches))
    return [batches[i] for i in turns]


@dataclass
class Trainer:
    """One training, which can be picked up from `checkpoint` after a kill.

    Every epoch draws from generators of its own seed, so it does not matter whether the epochs
    before it ran in this process. on_tokens gets tokens done and in all.
    """

    network: Network
    config: FinetuneConfig
    pad_id: int
    device: torch.device
    seed: int
    checkpoint: Path
    on_tokens: Callable[[int, int], None]
    state: State = field(default_factory=State)
    epochs_made: int = 0  # in this process

    def train(
        self,
        rows: Rows,
        watch: Callable[[], dict[str, float]],
        on_epoch: Callable[[dict[str, float]], None],
    ) -> None:
        """Train to the last epoch, or until `watch`'s "score" has not risen for `patience`.

        watch: called after each epoch for its figures. With a "score" the best epoch's weights
        stand in the end, else the last one's.
        """
        weights = positive_weights(rows.truth, balance=self.config.balance).to(self.device)
        optimizer = self.optimizer()
        self._resume(optimizer)
        for figures in self.state.curve:
            on_epoch(figures)
        while self.state.epoch < self.config.epochs and not self._is_stuck():
            loss = self.run_epoch(rows, optimizer, weights)
            figures = {"epoch": self.state.epoch + 1, "train_loss": loss, **watch()}
            self._count(figures)
            self.epochs_made += 1
            self._save(optimizer)
            on_epoch(figures)
        if self.state.best_epoch:
            load_model_file(self.network, self.checkpoint / "best.safetensors")

    def optimizer(self) -> torch.optim.AdamW:
        """AdamW over the groups of parameter_groups."""
        groups = parameter_groups(self.network, self.config)
        return torch.optim.AdamW(groups, eps=self.config.adam_epsilon, fused=True)

    def _is_stuck(self) -> bool:
        best = self.state.best_epoch
        return bool(best) and self.state.epoch - best >= self.config.patience

    def run_epoch(self, rows: Rows, optimizer: torch.optim.AdamW, weights: torch.Tensor) -> float:
        """One pass over all rows; the mean of the batches' losses."""
        config, epoch = self.config, self.state.epoch
        lengths = [len(ids) for ids in rows.ids]
        batches = epoch_batches(lengths, config, np.random.default_rng([self.seed, epoch]))
        done, total = epoch * sum(lengths), config.epochs * sum(lengths)
        losses = []
        self.network.train()
        torch.manual_seed(self.seed + epoch)
        with attention_for_learning(self.network.encoder, self.device):
            for number, chosen in enumerate(batches):
                step = epoch * len(batches) + number
                factor = rate_factor(step, config.epochs * len(batches), config.warmup_share)
                for group in optimizer.param_groups:
                    group["lr"] = group["full_lr"] * factor
                batch = rows.batch(chosen, self.pad_id, self.device)
                with autocast(self.device, config.precision):
                    logits = self.network(batch.ids, batch.mask)
                loss = training_loss(logits.float(), batch.truth, config, weights)
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(self.network.parameters(), config.clip_norm)
                optimizer.step()
                optimizer.zero_grad()
                losses.append(loss.detach())
                done += sum(lengths[row] for row in chosen)
                self.on_tokens(done, total)
        return float(torch.stack(losses).mean())

    def _count(self, figures: dict[str, float]) -> None:
        self.state.epoch += 1
        self.state.curve.append(figures)
        if figures.get("score", -1.0) > self.state.best_score:
            self.state.best_score, self.state.best_epoch = figures["score"], self.state.epoch

    def _save(self, optimizer: torch.optim.AdamW) -> None:
        """Weights, optimizer and state, all or nothing; the best epoch's weights beside them."""
        with new_folder(self.checkpoint, replace=True) as folder:
            save_model_file(self.network, folder / "last.safetensors")
            save_file(_optimizer_tensors(optimizer), folder / "optimizer.safetensors")
            if self.state.best_epoch == self.state.epoch:
                save_model_file(self.network, folder / "best.safetensors")
            elif self.state.best_epoch:
                (folder / "best.safetensors").hardlink_to(self.checkpoint / "best.safetensors")
            write_json(folder / "state.json", asdict(self.state))

    def _resume(self, optimizer: torch.optim.AdamW) -> None:
        if not (self.checkpoint / "state.json").is_file():
            return
        self.state = State(**read_json(self.checkpoint / "state.json"))
        load_model_file(self.network, self.checkpoint / "last.safetensors")
        stored = load_file(self.checkpoint / "optimizer.safetensors", device=str(self.device))
        for name, parameter in _numbered(optimizer):
            moments = {key: stored.get(f"{name}.{key}") for key in _MOMENTS}
            # A layer that the loss does not reach (BERT's pooler under mean pooling) has none.
            if moments["step"] is not None:
                optimizer.state[parameter] = moments


def save_model_file(network: nn.Module, path: Path) -> None:
    """Write all weights as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, path)


def load_model_file(network: nn.Module, path: Path) -> None:
    """Read weights that save_model_file wrote into the network."""
    network.load_state_dict(load_file(path))


def _numbered(optimizer: torch.optim.AdamW) -> Iterator[tuple[str, torch.Tensor]]:
    parameters = (p for group in optimizer.param_groups for p in group["params"])
    return ((str(number), parameter) for number, parameter in enumerate(parameters))


def _optimizer_tensors(optimizer: torch.optim.AdamW) -> dict[str, torch.Tensor]:
    return {
        f"{name}.{key}": value
        for name, parameter in _numbered(optimizer)
        for key, value in optimizer.state[parameter].items()
    }
