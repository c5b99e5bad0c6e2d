"""The encoding of a text file, found by reading it."""

import codecs
import io
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from core.articles.compressed import open_bytes

AUTO = "auto"
_BLOCK = 1 << 20
# A file of fewer bytes is held in memory, and not unpacked again to be read.
_KEPT = 32 << 20
_SAMPLE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Rows of GB 2312 by their lead byte: the rarer half of its characters, by pronunciation then
# radical. Running Chinese has a good part of its characters there; EUC-KR's syllables end before.
_SECOND_HALF = range(0xC9, 0xF8)
_HANZI = range(0xB0, 0xF8)


def open_detected(path: Path) -> tuple[BinaryIO, str]:
    """The file's bytes from its start, and its encoding; unpacked once, unless it is long.

    UTF-8 if the whole file is; else by its byte order mark, its zeros, or the look of its bytes.
    Raises what opening and unpacking the file raises.
    """
    with open_bytes(path) as file:
        start = file.read(_KEPT)
        encoding = _encoding_of(start, file)
        if len(start) < _KEPT:
            return io.BytesIO(start), encoding
    return open_bytes(path), encoding


def _encoding_of(start: bytes, rest: BinaryIO) -> str:
    sample = start[:_SAMPLE]
    if marked := next((name for mark, name in _MARKS if sample.startswith(mark)), ""):
        return marked
    if wide := _wide_encoding(sample):
        return wide
    decoder = codecs.getincrementaldecoder("utf-8")()
    blocks = (start[at : at + _BLOCK] for at in range(0, len(start), _BLOCK))
    more = chain(blocks, iter(lambda: rest.read(_BLOCK), b""))
    block = b""
    try:
        for block in more:
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        around = block[max(0, error.start - _SAMPLE // 2) :][:_SAMPLE]
        return _narrow_encoding((around + next(more, b""))[:_SAMPLE])
    return "utf-8"


def _wide_encoding(sample: bytes) -> str:
    """UTF-16 without a mark: every other byte of its ASCII is zero."""
    even, odd = sample[:4096:2], sample[1:4096:2]
    if len(odd) < 2:
        return ""
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return ""


def _narrow_encoding(sample: bytes) -> str:
    if _looks_chinese(sample):
        return "gb18030"
    if _stands_alone(sample) and _decodes(sample, "cp1252"):
        return "cp1252"
    best = from_bytes(sample).best()
    # Wide encodings and UTF-8 were ruled out above.
    return best.encoding if best and not best.encoding.startswith("utf") else "cp1252"


def _looks_chinese(sample: bytes) -> bool:
    """Whether the high bytes pair up into characters of which enough are Chinese."""
    pairs, at = [], 0
    while at < len(sample) - 1:
        if sample[at] < 0x80:
            at += 1
            continue
        pairs.append((sample[at], sample[at + 1]))
        at += 2
    if not pairs or not _decodes(sample, "gb18030"):
        return False
    simple = sum(0xA1 <= lead <= 0xF7 and trail >= 0xA1 for lead, trail in pairs)
    hanzi = [lead for lead, trail in pairs if lead in _HANZI and trail >= 0xA1]
    rare = sum(lead in _SECOND_HALF for lead in hanzi)
    return simple >= 0.9 * len(pairs) and rare >= 0.15 * len(hanzi) > 0


def _stands_alone(sample: bytes) -> bool:
    """Whether most high bytes have ASCII on both sides, as accents in Latin text do."""
    high = [at for at, byte in enumerate(sample) if byte >= 0x80]
    lonely = sum(sample[at - 1 : at] < b"\x80" and sample[at + 1 : at + 2] < b"\x80" for at in high)
    return lonely >= 0.7 * len(high)


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError as error:
        # A sample may begin in the middle of a character.
        return error.start < 2 and len(sample) > 4 and _decodes(sample[error.start + 1 :], encoding)
    return True
