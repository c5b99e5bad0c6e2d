"""Seeded texts, values, bodies and files that mean no good."""

import json
import random
from typing import Any

PIECES = (
    "<script>window.hit('script')</script>",
    "<img src=x onerror=\"window.hit('img')\">",
    "<svg/onload=window.hit('svg')>",
    "<iframe srcdoc=\"<script>parent.hit('iframe')</script>\"></iframe>",
    "<a href='javascript:window.hit(1)'>x</a>",
    "[link](javascript:window.hit('link'))",
    "![image](x\" onerror=\"window.hit('md'))",
    "**bold** `code` :red[x] :material/delete: $x^2$ $$\\href{javascript:hit()}{x}$$",
    "'; DROP TABLE corrections; --",
    "' OR '1'='1",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "%s%n%x {0.__class__} {settings}",
    "!!python/object/apply:os.system ['touch hit']",
    "__import__('os').system('touch hit')",
    "${jndi:ldap://127.0.0.1/x}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\r\nSet-Cookie: hit=1\r\n\r\n",
    "\x00\x01\x07\x1b[2J\x1b]0;title\x07",
    "\ud800 half",
    "\u202eright to left\u202c \u200b\ufeff",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "👩‍👩‍👧‍👦" * 20,
    "数据库的索引为什么很快",
    "NaN",
    "1e400",
    "-0",
    "true",
    "null",
    "\t \u3000 \n",
    "goroutine channel pprof we show how the service",
    "a" * 3000,
    "x " * 2000,
    "(" * 500,
    "&amp;&lt;&#x3c;&lt;script&gt;",
    "C++ C# .NET node.js",
)
FIELDS = ("title", "description", "fulltext", "url", "tags", "rejected", "shown", "run", "name")


def hostile_text(chance: random.Random, most_pieces: int = 6) -> str:
    text = " ".join(chance.choices(PIECES, k=chance.randint(0, most_pieces)))
    if chance.random() < 0.02:
        text *= chance.choice([10, 300])
    return text


def hostile_value(chance: random.Random, depth: int = 3) -> Any:
    """Anything that JSON can say, and what Python's JSON says beyond it."""
    kind = chance.randrange(10 if depth else 7)
    if kind < 3:
        return hostile_text(chance)
    if kind < 7:
        whole = chance.choice([0, -1, 2**31, 2**63, 10**400, -(10**20)])
        odd = chance.choice([0.5, float("nan"), float("inf"), 1e308, -0.0])
        return chance.choice([None, True, False, whole, odd])
    if kind < 9:
        return [hostile_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return {hostile_text(chance, 1): hostile_value(chance, depth - 1) for _ in range(3)}


def hostile_message(chance: random.Random) -> dict[str, Any]:
    """Fields of the API, some as they should be and some not."""
    message: dict[str, Any] = {}
    for field in chance.sample(FIELDS, k=chance.randint(0, 5)):
        lists = field in ("tags", "rejected")
        usual: Any = [hostile_text(chance, 2)] if lists else hostile_text(chance)
        message[field] = usual if chance.random() < 0.7 else hostile_value(chance)
    if chance.random() < 0.1:
        message[hostile_text(chance, 1)] = hostile_value(chance)
    return message


def hostile_body(chance: random.Random) -> bytes:
    kind = chance.randrange(20)
    if kind == 0:
        return chance.randbytes(chance.randint(0, 2000))
    if kind == 1:
        return chance.choice([b"[", b'{"title":']) * chance.choice([10, 1000, 100_000])
    if kind == 2:
        return b'{"title": "a", "title": "b", "description": ' + b"9" * 5000 + b"}"
    text = json.dumps(hostile_message(chance), ensure_ascii=chance.random() < 0.5)
    encoding = "utf-16" if kind == 3 else "utf-8"
    body = text.encode(encoding, errors="surrogatepass")
    return body[: chance.randrange(len(body) + 1)] if kind == 4 else body


def hostile_rows(chance: random.Random) -> str:
    """An article file as JSON Lines or CSV, with a plain row or two so that it may be read."""
    rows = [
        {
            "title": hostile_text(chance, 2),
            "description": hostile_text(chance),
            "tags": [hostile_text(chance, 1), "go"],
            **({"id": hostile_text(chance, 1)} if chance.random() < 0.3 else {}),
            **({"url": hostile_text(chance, 1)} if chance.random() < 0.3 else {}),
        }
        for _ in range(chance.randint(1, 6))
    ]
    if chance.random() < 0.3:
        rows.append({"title": hostile_value(chance), "tags": hostile_value(chance)})
    lines = [json.dumps(row, ensure_ascii=chance.random() < 0.5) for row in rows]
    return "\n".join(chance.sample(lines, k=len(lines)))


def hostile_settings(chance: random.Random, names: list[str]) -> str:
    """A settings file as TOML that names settings, known and not, with any value."""
    lines = []
    for _ in range(chance.randint(1, 4)):
        name = chance.choice(names) if chance.random() < 0.8 else hostile_text(chance, 1)
        value = hostile_value(chance, 1)
        lines.append(f"{name} = {json.dumps(value)}")
    return "\n".join(lines)
