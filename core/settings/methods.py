"""The values of the setting `method`, each with the module that defines it."""

import difflib
from typing import Annotated

from pydantic import AfterValidator

# The module of a method has it as METHOD. To add one, add its line here; core.methods.registry
# imports the module when the method is first asked for, and adds what other code registers.
METHOD_MODULES = {
    "tfidf": "core.methods.tfidf.method",
    "encoder": "core.methods.encoder.method",
    "hybrid": "core.methods.hybrid.method",
    "finetune": "core.methods.finetune.method",
}


def _require_known(name: str) -> str:
    if name not in METHOD_MODULES:
        near = difflib.get_close_matches(name, METHOD_MODULES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(METHOD_MODULES)}"
        raise ValueError(f"there is no such method; {hint}".removesuffix("?"))
    return name


MethodName = Annotated[str, AfterValidator(_require_known)]
