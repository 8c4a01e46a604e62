"""Arbitrary bytes and arbitrary tables through the whole import: ``python -m tests.fuzz --minutes 5``.

Each file is read as each kind it may be taken for, tried, stored, stored again, reviewed and taken back. It may be
refused in words; anything else that is raised, a row that is not accounted for, a trial that promises something
else than the import does, a second import that changes something, or an undo that leaves something is a failure,
printed with the smallest file that shows it.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics import dataset, intake, policy, store
from analytics.intake.aliases import NATIVE, OTHERS, REQUIRED
from analytics.review import review
from tests.hostile.make_files import CASES
from tests.stored import NOW, counts, dump, save, undo

KINDS: Final = ("petitions", "complaints", "courtyards", "progress", "events")
EXTENSIONS: Final = ("csv", "tsv", "txt", "xlsx", "xls", "et", "ods", "html", "xml", "json", "gz", "")
_MAGIC: Final = (
    b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08", b"<html><table>", b"<?xml version='1.0'?>",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"[{", b"sep=;\n", b"%PDF-1.4", "诉求编号,上报时间,院落\n".encode("gb18030"),
)  # fmt: skip
#: The largest hostile files take seconds each and have tests of their own.
_LIGHT: Final = [made for made in CASES if "bomb" not in made.name and "far" not in made.name]


@dataclass
class Tally:
    """What became of the files so far."""

    outcomes: Counter[str]

    def note(self, outcome: str) -> None:
        self.outcomes[outcome] += 1


# --- what is fed in ---------------------------------------------------------------------------------------


def mutated(choice: tuple[Any, list[tuple[int, int]], int | None]) -> bytes:
    """A hostile file with some of its bytes changed, perhaps cut."""
    made, changes, cut = choice
    whole = bytearray(made.build())
    for place, byte in changes:
        whole[place % len(whole) if whole else 0 : place % len(whole) + 1 if whole else 0] = bytes([byte])
    return bytes(whole if cut is None else whole[: cut % (len(whole) + 1)])


BYTES: Final = st.one_of(
    st.builds(lambda magic, rest: magic + rest, st.sampled_from(_MAGIC), st.binary(max_size=400)),
    st.builds(lambda magic, rest: magic + rest.encode(), st.sampled_from(_MAGIC[:1] + _MAGIC[4:7]), st.text(max_size=200)),
    st.tuples(
        st.sampled_from(_LIGHT), st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=4),
        st.one_of(st.none(), st.integers(0, 1 << 20)),
    ).map(mutated),
)  # fmt: skip

_HEADINGS: Final = {
    kind: sorted({heading for words in (NATIVE[kind], OTHERS[kind]) for heading in words}) for kind in NATIVE
}
_TIMES: Final = st.one_of(
    st.datetimes(dt.datetime(1995, 1, 1), dt.datetime(2025, 1, 1)),
    st.sampled_from(
        ("2024年6月3日 8:05", "2024.6.3", "2024/6/3 24:00", "2024-06-31", "6月3日", "03/04/2024", "45446.337", "45446",
         "2024-06-03T08:05:00Z", "2024-06-03 08:05:00.999+09:00", "0000-00-00", "9999-12-31 23:59:59", "下午3点", "24-6-3")
    ),
)  # fmt: skip
_WORDS: Final = st.sampled_from(
    ("丽晶公馆", "1号院", "３号院", "太极社区", "NA", "0012", "1.23E+17", "12345678901234567890", "绿", "红色", "灰", "是",
     "否", "√", "满意", "非常不满意", "3", "6", "-1", "1e9", "99999999999999999999", "已办结", "合计", "制表人：", "#N/A", "=1+1",
     "", " ", "\u200b", "_x000D_", "a,b", 'x"y', "第一行\n第二行", "2024-06", "2024年6月", "社区", "物业", "响应", "办结", "12栋3单元")
)  # fmt: skip
CELLS: Final = st.one_of(
    _TIMES,
    _WORDS,
    _WORDS,
    st.integers(-(10**6), 10**12),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=12),
)


def _spellings(kind: str, column: str) -> list[str]:
    """The headings under which a column may come."""
    return [word for words in (NATIVE[kind], OTHERS[kind]) for word, ours in words.items() if ours == column]


@st.composite
def tables(draw: Callable[..., Any]) -> tuple[str, list[list[Any]]]:
    """A kind, and a table whose headings belong to it, mostly: each column of one sort of cells, mostly."""
    kind = draw(st.sampled_from(sorted(_HEADINGS)))
    required = [draw(st.sampled_from(_spellings(kind, column))) for column in REQUIRED[kind]]
    others = draw(st.lists(st.one_of(st.sampled_from(_HEADINGS[kind]), st.text(max_size=6)), max_size=8))
    headings = [*required, *others] if draw(st.integers(0, 9)) else others
    sorts = [draw(st.sampled_from((_TIMES, _WORDS, CELLS))) for _heading in headings]
    if headings[: len(required)] == required and len(required) > 1 and draw(st.booleans()):
        sorts[0] = st.integers(0, 30).map(str)  # ids that repeat, and times that can be read
        sorts[1] = st.datetimes(dt.datetime(2023, 1, 1), dt.datetime(2024, 7, 1))
    rows = draw(st.lists(st.tuples(*sorts).map(list), max_size=12))
    titles = draw(st.sampled_from(([], [["诉求台账"]], [["诉求台账"], [None]])))
    return kind, [*titles, headings, *rows]


def as_csv(table: list[list[Any]], delimiter: str, encoding: str) -> bytes:
    """The table as text; characters that the encoding lacks become ``?``."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(
        [["" if cell is None else str(cell).replace("\r", " ") for cell in row] for row in table]
    )
    return out.getvalue().encode(encoding, "replace")


def as_xlsx(table: list[list[Any]]) -> bytes:
    """The table as a workbook with typed cells."""
    out = io.BytesIO()
    options = {"in_memory": True, "nan_inf_to_errors": True, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for i, row in enumerate(table):
            for j, cell in enumerate(row):
                if isinstance(cell, dt.datetime):
                    sheet.write_datetime(i, j, cell, moment)
                else:
                    sheet.write(i, j, cell)
    return out.getvalue()


# --- what must hold ---------------------------------------------------------------------------------------


def through(data: bytes, name: str, kind: str, tally: Tally) -> None:
    """Read, try, store, store again, review, take back."""
    try:
        read = intake.read(data, name, kind, now=NOW)
    except intake.IntakeRefused as refusal:
        if name not in refusal.message:
            raise AssertionError(f"{refusal.code} does not name the file") from refusal
        tally.note("refused")
        return
    assert read.kind == "petitions" or read.rows_read >= len(read.records)
    rejected = read.rejected["row"].nunique()
    if kind != "events":
        assert read.rows_read == len(read.records) + rejected
    stored_and_taken_back(read)
    tally.note("stored" if len(read.records) else "nothing accepted")


def stored_and_taken_back(read: intake.Intake) -> None:
    """The promises of the store, on an empty database in memory."""
    engine = store.connect("sqlite:///:memory:")
    try:
        before, trial = dump(engine), save(engine, read, dry_run=True)
        assert dump(engine) == before
        saved = save(engine, read)
        assert counts(saved) == counts(trial)
        first = dump(engine)
        again = save(engine, read)
        assert (again.inserted, again.updated) == (0, 0)
        review(dataset.open(engine, NOW, policy.load()))
        assert store.check(engine).problems == ()
        if again.batch:
            undo(engine, again.batch)
        assert dump(engine) == first
        if saved.batch:
            undo(engine, saved.batch)
        assert dump(engine) == before
    finally:
        engine.dispose()


def bytes_and_tables(examples: int, tally: Tally) -> tuple[Callable[[], None], Callable[[], None]]:
    """The two tests, each of ``examples`` new files."""
    ways = settings(
        max_examples=examples, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    @ways
    @given(BYTES, st.sampled_from(EXTENSIONS), st.sampled_from(KINDS))
    def any_bytes(data: bytes, extension: str, kind: str) -> None:
        through(data, f"x.{extension}", kind, tally)

    @ways
    @given(
        tables(),
        st.sampled_from(("csv", "csv", "csv", "xlsx")),
        st.sampled_from(",;\t|"),
        st.sampled_from(("utf-8", "utf-8-sig", "gb18030", "utf-16")),
    )
    def any_table(table: tuple[str, list[list[Any]]], form: str, delimiter: str, encoding: str) -> None:
        kind, lines = table
        data = as_xlsx(lines) if form == "xlsx" else as_csv(lines, delimiter, encoding)
        through(data, f"x.{form}", "complaints" if kind == "complaint_months" else kind, tally)

    return any_bytes, any_table


def main() -> None:
    """Feed files until the time is over; a failure ends it with Hypothesis's report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    args = parser.parse_args()
    end, tallies = time.monotonic() + args.minutes * 60, (Tally(Counter()), Tally(Counter()))
    while time.monotonic() < end:
        bytes_and_tables(100, tallies[0])[0]()
        bytes_and_tables(100, tallies[1])[1]()
    for what, tally in zip(("bytes", "tables"), tallies, strict=True):
        told = ", ".join(f"{n} {outcome}" for outcome, n in tally.outcomes.most_common())
        print(f"{sum(tally.outcomes.values())} files of arbitrary {what} without a failure: {told}")


if __name__ == "__main__":
    sys.exit(main())
