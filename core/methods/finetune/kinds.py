"""The kind of work that fine-tuning is, named without loading torch."""

from core.base.machine import job_device
from core.features.encoder_files import EncoderFiles
from core.settings.experiment import ExperimentConfig


def finetune_kind(config: ExperimentConfig, files: EncoderFiles) -> str:
    """What decides the speed of fine-tuning."""
    tune, device = config.finetune, job_device(config.features.encoder.device).kind
    return f"finetune {files.base} {tune.precision} {device} batch {tune.batch_size}"
