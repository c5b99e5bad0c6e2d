"""An encoder fine-tuned on the tags."""
