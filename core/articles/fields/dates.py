"""The day that a cell names, in the order of day and month that its column has."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal

_ISO = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)(?:$|[T ]\d\d:?\d\d)")
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?([1-7])")
# 2020/1/5, 2020.01.05, 2020年1月5日, 2020년 1월 5일; what follows is a weekday or the time.
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\s*[日号號일.]?(.*)", re.DOTALL
)
# 05/04/2020, 5.4.20: which is the day, only the column can tell.
_YEAR_LAST = re.compile(r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d\d)(?!\d)(.*)", re.DOTALL)
_TIME = re.compile(
    r"[\s,T]*([(（]?[^\s\d]{1,9}[)）]?\s*)?\d{1,2}[:.时時点].*|[\s,]*[^\d\s]{0,12}|[+-]\d\d:?\d\d",
    re.DOTALL,
)
_REMARK = re.compile(r"\s*\([^()]*\)$")  # of a time zone, as browsers print it
_NUMBER = re.compile(r"\d+(\.\d+)?")
_NET = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_PART = re.compile(r"\d{4}(\s*[-/.年년]\s*\d{1,2}\s*[月월]?)?\s*[年년]?")
_FIRST_EXCEL, _LAST_EXCEL = 20_000, 80_000  # 1954 to 2119
_EXCEL_EPOCH = date(1899, 12, 30)
_UNITS = {10: 1, 9: 1, 13: 1_000, 12: 1_000, 16: 1_000_000, 19: 1_000_000_000}
_LONGEST = 100
_NO_DATE = "it is not a date"
_NOT_WHOLE = "it is not a whole date"

Order = Literal["day first", "month first"]


@dataclass(frozen=True)
class DateForm:
    """How a column writes days whose year comes last.

    order: "" if no cell is written so. sure: some cell can be read in this order only.
    """

    order: Order | Literal[""] = ""
    sure: bool = True

    @property
    def sentence(self) -> str:
        """The order, for a report; "" where no cell depends on it."""
        if not self.order:
            return ""
        doubt = "" if self.sure else "; no cell tells for sure"
        return f"Dates such as 05/04/2020 are read {self.order}{doubt}."


# What a text does not say is taken from these; where they differ in the outcome, it is missing.
_DEFAULTS = (datetime(2000, 1, 2), datetime(1999, 12, 3))


def guess_date_form(cells: Iterable[Any]) -> DateForm:
    """The order of day and month of a column: what most of the cells that can tell have.

    If none can tell, dots are taken for day first, other marks for month first.
    """
    short = (cell for cell in cells if isinstance(cell, str) and len(cell) <= _LONGEST)
    written = [found for cell in short if (found := _YEAR_LAST.match(_plain(cell)))]
    pairs = [(int(found[1]), int(found[3])) for found in written]
    days_first = sum(first > 12 >= second for first, second in pairs)
    months_first = sum(second > 12 >= first for first, second in pairs)
    if not pairs:
        return DateForm()
    if days_first == months_first:
        dots = {found[2] for found in written} == {"."}
        return DateForm("day first" if dots else "month first", sure=False)
    # 20-04-09 may as well begin with its year, unless another cell ends with what is no day.
    sure = any(int(found[4]) > 31 for found in written)
    return DateForm("day first" if days_first > months_first else "month first", sure=sure)


def day_of_cell(value: Any, form: DateForm = DateForm("month first")) -> date | None:
    """The day of a cell; None for an empty one. Never depends on today.

    Raises ValueError if the value is no date, or does not name year, month and day.

    >>> day_of_cell("05/04/2020", DateForm("day first")).isoformat()
    '2020-04-05'
    """
    if isinstance(value, str):
        return _day_of_text(value, form) if value.strip() else None
    if value is None or (isinstance(value, float | datetime) and value != value):
        return None  # also pandas' "not a time"
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        return day_of_cell(next(iter(value.values())), form)  # {"$date": ...}, {"date-parts": ...}
    if isinstance(value, list | tuple) and value:
        return _day_of_list(value, form)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _day_of_number(float(value))
    raise ValueError(_NO_DATE)


def _day_of_text(value: str, form: DateForm) -> date:
    if len(value) > _LONGEST:
        raise ValueError(_NO_DATE)
    text = _plain(value)
    if found := _ISO.match(text):
        return _day(found[1], found[3], found[4])
    if found := _WEEK.fullmatch(text):
        return _day_of_week(*map(int, found.groups()))
    if found := _NET.fullmatch(text):
        return _day_of_stamp(int(found[1]) / 1000)
    if _NUMBER.fullmatch(text):
        return _day_of_digits(text)
    if (found := _YEAR_FIRST.match(text)) and _TIME.fullmatch(found[4]):
        return _day(found[1], found[2], found[3])
    if (found := _YEAR_LAST.match(text)) and _TIME.fullmatch(found[5]):
        first, second, year = found[1], found[3], _whole_year(found[4])
        if form.order == "day first":
            first, second = second, first
        return _day(year, first, second)
    if _PART.fullmatch(text):
        raise ValueError(_NOT_WHOLE)
    return _day_in_words(text)


def _day_in_words(text: str) -> date:
    """English names of months; a text without any letter has been read before, or is no date."""
    from dateutil.parser import ParserError, parse  # few columns need it

    if not re.search(r"[A-Za-z]{3}", text) or not re.search(r"\d", text):
        raise ValueError(_NO_DATE)
    said = _REMARK.sub("", text).lstrip("@")
    try:
        days = {
            parse(said, parserinfo=_years_of_posix(), default=start, ignoretz=True).date()
            for start in _DEFAULTS
        }
    except (ParserError, OverflowError, TypeError, AttributeError, IndexError):
        raise ValueError(_NO_DATE) from None
    if len(days) > 1:
        raise ValueError(_NOT_WHOLE)
    return days.pop()


@cache
def _years_of_posix() -> Any:
    """Two digits are 1969 to 2068, as POSIX has it: the library would go by today's year."""
    from dateutil.parser import parserinfo

    info: Any = parserinfo()
    info._year, info._century = 2019, 2000
    return info


def _day_of_digits(text: str) -> date:
    whole = text.partition(".")[0]
    if len(whole) in (12, 14) and whole[:2] in ("19", "20"):
        return _day(whole[:4], whole[4:6], whole[6:8])
    return _day_of_number(float(text))


def _day_of_number(number: float) -> date:
    """A year, an Excel serial number, 20200105, or seconds (or parts of them) since 1970, UTC."""
    digits = len(str(int(number))) if abs(number) < 1e20 else 0
    whole = str(int(number)) if digits else ""
    if _FIRST_EXCEL <= number <= _LAST_EXCEL:
        return _EXCEL_EPOCH + timedelta(days=int(number))
    if digits == 8 and whole[:2] in ("18", "19", "20"):
        return _day(whole[:4], whole[4:6], whole[6:])
    if digits in _UNITS and number > 0:
        return _day_of_stamp(number / _UNITS[digits])
    raise ValueError(_NOT_WHOLE if digits in (4, 6) and number > 0 else _NO_DATE)


def _day_of_stamp(seconds: float) -> date:
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (OverflowError, OSError, ValueError):
        raise ValueError(_NO_DATE) from None


def _day_of_list(value: list[Any] | tuple[Any, ...], form: DateForm) -> date | None:
    """[2020, 1, 5] and [[2020, 1, 5]], as Crossref has it, or a list of one date."""
    if len(value) == 1 and not isinstance(value[0], int):
        return day_of_cell(value[0], form)
    if not all(type(part) is int for part in value) or len(value) > 7:
        raise ValueError(_NO_DATE)
    if len(value) < 3:
        raise ValueError(_NOT_WHOLE)
    return _day(*value[:3])


def _day(year: str | int, month: str | int, day: str | int) -> date:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        raise ValueError(f"there is no day {year}-{month}-{day}") from None


def _day_of_week(year: int, week: int, day: int) -> date:
    try:
        return date.fromisocalendar(year, week, day)
    except ValueError:
        raise ValueError(f"there is no week {week} in {year}") from None


def _whole_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year > 68 else 2000)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
