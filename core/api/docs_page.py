"""The API described for people, on one page that fetches nothing from elsewhere."""

import json
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tagsmith API</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: auto; padding: 1rem }}
pre {{ overflow: auto; padding: .75rem; border: 1px solid #8886; border-radius: .5rem }}
table {{ border-collapse: collapse }} td {{ padding: .1rem 1rem .1rem 0; vertical-align: top }}
</style></head><body>
<h1>Tagsmith API</h1>
<p>{description} Machines read <a href="openapi.json">openapi.json</a>.</p>
{operations}
</body></html>
"""


def docs_page(openapi: dict[str, Any]) -> str:
    """Write an OpenAPI description as one page of HTML.

    >>> paths = {"/healthz": {"get": {"description": "Whether the server answers."}}}
    >>> page = docs_page({"info": {"description": "Tags."}, "paths": paths})
    >>> "<code>GET /healthz</code></h2><p>Whether the server answers.</p>" in page
    True
    """
    operations = "".join(
        _operation(path, method, operation, openapi)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    )
    return _PAGE.format(description=escape(openapi["info"]["description"]), operations=operations)


def _operation(path: str, method: str, operation: dict[str, Any], openapi: dict[str, Any]) -> str:
    parameters = "".join(_parameter(parameter) for parameter in operation.get("parameters", []))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p>{escape(operation.get('description', ''))}</p>"
        + (f"<p>In the address:</p><table>{parameters}</table>" if parameters else "")
        + (_fields(body["schema"], openapi) if body else "")
    )


def _parameter(parameter: dict[str, Any]) -> str:
    name, text = escape(parameter["name"]), escape(parameter.get("description", ""))
    return f"<tr><td><code>{name}</code></td><td>{text}</td></tr>"


def _fields(schema: dict[str, Any], openapi: dict[str, Any]) -> str:
    """The fields of a JSON body with an empty value each."""
    name = schema["$ref"].rsplit("/", 1)[1]
    properties = openapi["components"]["schemas"][name]["properties"]
    example = {
        field: [] if about.get("type") == "array" else "" for field, about in properties.items()
    }
    return f"<p>The body, JSON:</p><pre>{escape(json.dumps(example, indent=1))}</pre>"
