"""The encoding of a text file, found by reading it."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from core.articles.formats.compressed import open_bytes

# What a person may choose from; any other that Python knows can be named too.
COMMON_ENCODINGS = (
    *("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1250"),
    *("iso8859_2", "cp1251", "koi8_r", "mac_roman"),
)
_BLOCK = 1 << 20
# A file of fewer bytes is held in memory, and not unpacked again to be read.
KEPT_BYTES = 32 << 20
_SAMPLE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Japanese and Korean mail and archives: seven bits, and escape sequences.
_ESCAPES = ((b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"), (b"\x1b$)C", "iso2022_kr"))
_UTF8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# What few names of encodings would tell a person.
_MOST_NAMED = 3


@dataclass(frozen=True)
class Encoding:
    """What a text is in. guessed: from the look of its bytes. doubt: why it cannot be told.

    lines: how many it has, where they were counted on the way; else 0. Where there is a doubt, the
    name is "ascii": what comes before the first other byte is read.
    """

    name: str
    lines: int = 0
    guessed: bool = False
    doubt: str = ""

    @property
    def note(self) -> str:
        """What to say of it to a person; nothing for UTF-8."""
        if self.name == "utf-8" or self.doubt:
            return ""
        if not self.guessed:
            return f"The text is in {self.name}."
        return (
            f"The text was taken for {self.name}. If letters look wrong, name its encoding "
            "(--encoding NAME) or save it as UTF-8."
        )


def open_detected(path: Path) -> tuple[BinaryIO, Encoding]:
    """The file's bytes from its start, and its encoding; unpacked once, unless it is long.

    UTF-8 if the whole file is; else by its byte order mark, its zeros, or the look of its bytes.
    Raises what opening and unpacking the file raises.
    """
    with open_bytes(path) as file:
        start = file.read(KEPT_BYTES)
        encoding = _encoding_of(start, file)
        if len(start) < KEPT_BYTES:
            return io.BytesIO(start), encoding
    return open_bytes(path), encoding


def looks_like(path: Path) -> str:
    """The encoding that the text seems to be in, whatever it declares; "" in doubt."""
    file, encoding = open_detected(path)
    file.close()
    return "" if encoding.doubt else encoding.name


def _encoding_of(start: bytes, rest: BinaryIO) -> Encoding:
    sample = start[:_SAMPLE]
    if marked := next((name for mark, name in _MARKS if sample.startswith(mark)), ""):
        return Encoding(marked)
    if wide := _wide_encoding(sample):
        return Encoding(wide, guessed=True)
    if escaped := next((name for escape, name in _ESCAPES if escape in start), ""):
        return Encoding(escaped, guessed=True)
    blocks = (start[at : at + _BLOCK] for at in range(0, len(start), _BLOCK))
    more = chain(blocks, iter(lambda: rest.read(_BLOCK), b""))
    return _utf8_or_narrow(more)


def _utf8_or_narrow(blocks: Iterator[bytes]) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    block, lines, characters = b"", 0, 0
    try:
        for block in blocks:
            characters += len(decoder.decode(block)) < len(block)
            lines += block.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        at = min(error.start, len(block))
        around = _whole_lines(block, at) + next(blocks, b"")
        line = lines + block.count(b"\n", 0, at) + 1
        return _narrow_encoding(around[:_SAMPLE], line, had_utf8=characters > 0)
    return Encoding("utf-8", lines + 1)


def _whole_lines(block: bytes, at: int) -> bytes:
    """The block from the start of a line before the byte at `at`: no character begins before."""
    start = max(0, at - _SAMPLE // 2)
    return block[block.find(b"\n", start, at) + 1 if start else 0 :]


def _wide_encoding(sample: bytes) -> str:
    """UTF-16 without a mark: of its ASCII, and only of that, every other byte is zero."""
    even, odd = sample[:4096:2], sample[1:4096:2]
    if len(odd) < 2 or even.count(0) == odd.count(0):
        return ""
    less, more, name = sorted(
        ((odd.count(0), even.count(0), "utf-16-be"), (even.count(0), odd.count(0), "utf-16-le"))
    )[0]
    if more < 0.02 * len(odd) or less > 0.1 * more:
        return ""
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return ""
    return name if "\n" in text or "\r" in text or more > 0.4 * len(odd) else ""


def _narrow_encoding(sample: bytes, line: int, *, had_utf8: bool) -> Encoding:
    high = sum(byte >= 0x80 for byte in sample)
    utf8 = _UTF8_CHARACTER.findall(sample)
    if had_utf8 or (len(utf8) > 2 and sum(map(len, utf8)) > 0.8 * high):
        return Encoding("ascii", doubt=f"is UTF-8 text, but damaged in line {line}. Mend that line")
    from core.articles.formats.encoding_guess import guess_encodings  # few files need it

    found = guess_encodings(sample)
    if len(found) == 1:
        return Encoding(found[0], guessed=True)
    may_be = f" It may be {' or '.join(found[:_MOST_NAMED])}." if found else ""
    return Encoding(
        "ascii",
        doubt="is not UTF-8 text, and its encoding cannot be detected."
        f"{may_be} Name its encoding (--encoding {found[0] if found else 'NAME'})",
    )
