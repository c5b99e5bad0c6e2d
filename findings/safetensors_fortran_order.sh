#!/usr/bin/env bash
# Package: safetensors 0.8.0 with numpy 2.4.6.
# Behaviour: safetensors.numpy.save_file writes the bytes of an array as they lie in memory, under
# the array's shape. An array in Fortran order (a transpose, or what many BLAS routines return)
# comes back with the right shape and the right numbers, each in another place. Nothing is said.
# Why a good guess is wrong: numpy.save and pickle keep such arrays as they are, and save_file
# checks dtype and shape; one expects it to copy into C order or to refuse, as it does for torch.
# Here: our models keep their arrays in numpy's own form, so no user is hurt.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
"$folder/venv/bin/python" - "$folder/a.safetensors" <<'PYTHON'
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

path = sys.argv[1]
straight = np.arange(6, dtype=np.float32).reshape(2, 3)
turned = np.asfortranarray(straight)
assert (straight == turned).all()
save_file({"straight": straight, "turned": turned}, path)
back = load_file(path)
print("saved :", turned.tolist())
print("loaded:", back["turned"].tolist())
assert (back["straight"] == straight).all()
assert back["turned"].shape == (2, 3)
if (back["turned"] == turned).all():
    sys.exit("The behaviour has changed: the array comes back as it was saved.")
PYTHON
