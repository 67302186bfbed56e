"""When a CronJob's schedule is due: its days and minutes, the longest it may be silent, and how often it was due in a span. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from remediation.quantities import parse_duration

_MACROS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_WORDS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
    "sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6,
}  # fmt: skip
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_ZONE = re.compile(r"^(?:CRON_)?TZ=\S+\s+")
_A_YEAR, _EVERY_LEAP = 400, 3300  # days, looked at for the longest gap: the other where the one holds no two starts
_LOOKED_BACK = timedelta(days=36_525)
COUNTED = 1000  # starts, at most
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of each month


@dataclass(frozen=True, kw_only=True)
class Times:
    """every: of an `@every`, None for a schedule by the clock.  minutes: of the day, in order.  any_day: whether one of the two is `*`."""

    every: timedelta | None = None
    minutes: tuple[int, ...] = ()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = True

    def on(self, moment: datetime) -> bool:
        """Whether a day is one of its days: by month, and by day of the month and of the week; by either where both are named."""
        of_month, of_week = moment.day in self.days, moment.isoweekday() % 7 in self.weekdays
        return moment.month in self.months and ((of_month and of_week) if self.any_day else (of_month or of_week))

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The first thousand starts after the one moment and not after the other, by the clock of both."""
        yield from islice(self._between(after, until), COUNTED)

    def _between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        if self.every is not None:
            yield from (after + self.every * number for number in range(1, (until - after) // self.every + 1))
            return
        after = max(after, until - _LOOKED_BACK)
        day = after.replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range((until - day).days + 1 if self._comes() else 0):
            date = day + timedelta(days=number)
            starts = (date + timedelta(minutes=minute) for minute in (self.minutes if self.on(date) else ()))
            yield from (start for start in starts if after < start <= until)

    def _comes(self) -> bool:
        """Whether any year has one of its days: none has a 30th of February."""
        return not self.any_day or any(day <= _LONGEST[month - 1] for month in self.months for day in self.days)

    def longest_gap(self, near: datetime) -> timedelta | None:
        """The longest time between two starts, whatever the time of day is; None where it is never due."""
        if self.every is not None:
            return self.every
        within = max((b - a for a, b in pairwise(self.minutes)), default=0)
        days: list[int] = []
        for most in (_A_YEAR, _EVERY_LEAP) if self._comes() else ():
            if len(days) < 2:  # noqa: PLR2004 - a gap is between two
                days = [number for number in range(most) if self.on(near - timedelta(days=number))]
        if len(days) < 2 or not self.minutes:  # noqa: PLR2004 - as above
            return None
        overnight = max(b - a for a, b in pairwise(days)) * 24 * 60 - (self.minutes[-1] - self.minutes[0])
        return timedelta(minutes=max(within, overnight))


def times_of(schedule: str) -> Times | None:
    """As robfig's parser reads it, which Kubernetes uses; None for what is no schedule."""
    text = _ZONE.sub("", schedule.strip())
    if text.startswith("@every "):
        return _every(text.removeprefix("@every ").strip())
    fields = _MACROS.get(text, text).lower().split()
    if len(fields) != len(_BOUNDS):
        return None
    try:
        minutes, hours, days, months, weekdays = (_values(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True))
    except ValueError:
        return None
    return Times(
        minutes=tuple(sorted(60 * hour + minute for hour in hours for minute in minutes)),
        days=days, months=months, weekdays=frozenset(day % 7 for day in weekdays), any_day=_free(fields[2]) or _free(fields[4]),
    )  # fmt: skip


def _every(span: str) -> Times | None:
    try:
        every = parse_duration(span)
    except ValueError:
        return None
    return Times(every=every) if every > timedelta() else None


def _free(field: str) -> bool:
    return field.startswith(("*", "?"))


def _values(field: str, least: int, most: int) -> frozenset[int]:
    """The numbers of `*`, `*/5`, `1-5`, `1-9/2`, `mon,wed`. Raises ValueError."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, last = _span(span, least, most, stepped=bool(step))
        if not least <= first <= last <= most or (step and int(step) < 1):
            raise ValueError(field)
        found.update(range(first, last + 1, int(step) if step else 1))
    return frozenset(found)


def _span(span: str, least: int, most: int, *, stepped: bool) -> Sequence[int]:
    if span in ("*", "?"):
        return least, most
    first, dash, last = span.partition("-")
    begin = _number(first)
    return begin, (_number(last) if dash else most if stepped else begin)


def _number(word: str) -> int:
    return _WORDS.get(word, -1) if word.isalpha() else int(word)
