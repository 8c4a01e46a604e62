"""The readers: every hostile file has its outcome, every real one opens or is refused in words."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.intake import sandbox
from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell, CellError, SheetInfo
from analytics.intake.encoding import examine
from analytics.intake.grid import Grid, column_letters, column_number
from analytics.intake.number_formats import shows
from analytics.intake.progress import untold
from analytics.intake.refusals import REFUSALS, Note, Unreadable
from analytics.intake.result import IntakeRefused
from analytics.intake.source import Source
from analytics.intake.tables import RawTable, read_tables
from analytics.intake.text import _dialect, _finish, _read_carefully, _read_fast
from analytics.intake.transfer import decode, encode
from tests.hostile.book_files import package, saved, simple
from tests.hostile.make_files import CASES, Case

DATA = Path(__file__).parents[2] / "shared" / "data"
ROOT = Path(__file__).parents[1]
#: What a hostile file's expected cells say by name.
STAND_INS = {"DATE": dt.date(2024, 6, 3), "MOMENT": dt.datetime(2024, 6, 3), "ERROR": CellError("#N/A")}
#: Texts that stand for error values where they are expected, except in the file that has one as a text.
ERRORS = ("#N/A", "#DIV/0!", str(FORMULA_WITHOUT_VALUE))


def lines(table: RawTable) -> list[list[Cell]]:
    return table.cells.to_numpy(dtype=object).tolist()


def typed(cells: list[list[Cell]]) -> list[list[tuple[type, Cell]]]:
    """Cells with their types, so that 1 is not True and an error value is not a text that reads the same."""
    return [[(type(cell), cell) for cell in line] for line in cells]


def expected(made: Case) -> list[list[Cell]]:
    def cell(value: Cell) -> Cell:
        if isinstance(value, str) and value in ERRORS and made.name != "numbers.xlsx":
            return CellError(value)
        return STAND_INS.get(value, value) if isinstance(value, str) else value

    return [[cell(value) for value in line] for line in made.cells or []]


def refused_or_read(source: Path | bytes, name: str) -> str | None:
    """The code of the refusal, whose sentence names the file, or None: it was read, line by line."""
    try:
        table = read_tables(source, name)
    except IntakeRefused as refusal:
        return refusal.code if name in refusal.message else f"{refusal.code} without the name"
    return None if len(table.cells) == len(table.rows) > 0 else "not read"


@pytest.mark.parametrize("made", CASES, ids=lambda made: made.name)
def test_hostile_file_has_its_outcome(made: Case) -> None:
    if made.refused:
        with pytest.raises(IntakeRefused) as refusal:
            read_tables(made.build(), made.name)
        assert refusal.value.code == made.refused
        assert made.name in refusal.value.message
        return
    table = read_tables(made.build(), made.name)
    assert {note.code for note in table.notes} == set(made.notes)
    if made.cells is not None:
        assert typed(lines(table)) == typed(expected(made))
    if made.rows is not None:
        assert table.rows.tolist() == made.rows
    if made.encoding is not None:
        assert table.encoding == made.encoding


def test_hostile_names_are_unique() -> None:
    assert len({made.name for made in CASES}) == len(CASES) >= 60


# --- real files ---------------------------------------------------------------------------------------


def real_files(pattern: str) -> list[Path]:
    return sorted((DATA / "intake").glob(pattern))


@pytest.mark.parametrize("path", real_files("*/*.*"), ids=lambda path: path.name)
def test_real_file_opens_or_is_refused_in_words(path: Path) -> None:
    refusal = refused_or_read(path, path.name)
    assert refusal in (None, "empty", "unknown_encoding") or path.suffix == ".json"


#: Upstream's own slips: the CSV has another number than the JSON, and lost its carriage returns.
UNEQUAL = {"location_coordinates", "newlines_crlf"}


@pytest.mark.parametrize("path", real_files("csv-spectrum/*.csv"), ids=lambda path: path.stem)
def test_csv_spectrum_reads_as_its_json(path: Path) -> None:
    name = path.stem.removeprefix("csvs_")
    if name in UNEQUAL:
        pytest.skip("the two published files differ")
    heading, *records = lines(read_tables(path, path.name))
    published = json.loads(path.with_name(f"json_{name}.json").read_text("utf-8"))
    assert [dict(zip(heading, record, strict=True)) for record in records] == published


@pytest.mark.skipif(not DATA.exists(), reason="no real data here")
def test_real_times_arrive_whole() -> None:
    """The time column of this file mixes 4,197 texts and 129 dates (its first line is the heading)."""
    table = read_tables(DATA / "petitions" / "taidi2020C_附件3.xlsx", "附件3.xlsx")
    heading, *records = lines(table)
    kinds = Counter(type(record[heading.index("留言时间")]) for record in records)
    assert kinds == {str: 4_197, dt.datetime: 129}


# --- the entry ----------------------------------------------------------------------------------------


def test_a_sheet_is_read_by_its_name_even_if_hidden() -> None:
    book = simple()
    hidden = book.create_sheet("藏")
    hidden.sheet_state = "hidden"
    hidden.append(["x", 1])
    table = read_tables(saved(book), "a.xlsx", sheet="藏")
    assert lines(table) == [["x", 1]]
    assert table.sheets == (SheetInfo("表", True, 2), SheetInfo("藏", False, 1))
    assert table.notes == ()


def test_an_unknown_sheet_is_refused_naming_those_there_are() -> None:
    with pytest.raises(IntakeRefused, match=r"「六月」.*「表」") as refusal:
        read_tables(saved(simple()), "a.xlsx", sheet="六月")
    assert refusal.value.code == "unknown_sheet"


def test_text_has_no_sheets() -> None:
    with pytest.raises(IntakeRefused) as refusal:
        read_tables(b"a,b\n1,2\n", "a.csv", sheet="六月")
    assert refusal.value.code == "no_sheets"


def test_a_path_reads_as_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "台账 {1}.csv"
    path.write_bytes("编号,院落\n1,甲\n".encode("gb18030"))
    by_path, by_bytes = read_tables(path, path.name), read_tables(path.read_bytes(), path.name)
    pd.testing.assert_frame_equal(by_path.cells, by_bytes.cells)
    assert (by_path.cells.dtypes == "str").all()


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "没有.csv", tmp_path):
        with pytest.raises(IntakeRefused) as refusal:
            read_tables(path, "{没有}.csv")
        assert (refusal.value.code, "{没有}.csv" in str(refusal.value)) == ("not_found", True)


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A sparse file: two gigabytes that take no room."""
    path = tmp_path / "big.csv"
    with path.open("wb") as stream:
        stream.write(b"a,b\n")
        stream.truncate(2 << 30)
    with pytest.raises(IntakeRefused, match=r"2048 MB.*1024 MB") as refusal:
        read_tables(path, path.name)
    assert refusal.value.code == "file_too_big"


# --- text ---------------------------------------------------------------------------------------------

SNIPPETS = st.lists(
    st.sampled_from(
        ["a", "院", "1", " ", ",", ",", '"', '""', '","', "\n", "\n", "\r\n", "\r", "\t", ";", "=", '"\n"']
    ),
    max_size=30,
)


@given(SNIPPETS)
@settings(deadline=None)
def test_arrow_reads_as_the_csv_module_does(snippets: list[str]) -> None:
    source = Source("".join(snippets).encode())
    try:
        text = examine(source)
    except Unreadable:
        return
    dialect = _dialect(source, text)
    fast = _read_fast(source, text, dialect, untold)
    if fast is None:
        return
    careful, notes = _read_carefully(source, text, dialect, untold)
    assert notes == []
    outcomes = []
    for columns, rows in (fast, careful):
        try:
            table = _finish(columns, rows, text, [])
            outcomes.append((table.cells.to_numpy().tolist(), table.rows.tolist()))
        except Unreadable as reason:
            outcomes.append(reason.code)
    assert outcomes[0] == outcomes[1]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=("Cc",), include_characters="\t\r\n")),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
    )
)
@settings(deadline=None)
def test_what_python_writes_is_read_back(records: list[list[str]]) -> None:
    """Accepted + blank = the file's records, whatever the cells hold."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["编号", "内容"], *records])
    table = read_tables(out.getvalue().encode(), "a.csv")
    kept = [(i, record) for i, record in enumerate(records, start=2) if any(record)]
    assert table.rows.tolist() == [1, *(i for i, _ in kept)]
    assert lines(table)[1:] == [record for _, record in kept]


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    if data[:2] in (b"PK", b"\xd0\xcf") or data.lstrip()[:1] == b"<":
        return  # the child process has its own test
    assert refused_or_read(data, "x.csv") in (None, *REFUSALS)


def test_a_large_regular_file_and_a_ragged_one_agree() -> None:
    """Over several blocks, with quoted line breaks; one longer line sends the file through the csv module."""
    body = "".join(f'{i},院落{i % 7},"说""好""\n{"长" * 40}"\n' for i in range(70_000))
    regular = read_tables(("编号,院落,内容\n" + body).encode(), "a.csv")
    ragged = read_tables(("编号,院落,内容\n" + body + "1,2,3,4\n").encode(), "a.csv")
    assert regular.rows[-1] == 70_001
    assert regular.cells.equals(ragged.cells.iloc[:-1, :3])
    assert ragged.cells.iloc[-1].tolist() == ["1", "2", "3", "4"]


# --- the child process --------------------------------------------------------------------------------


def test_the_child_starts_without_pandas_and_streamlit() -> None:
    code = (
        "import sys; import analytics.intake.child, analytics.intake.spreadsheet, analytics.intake.ods;"
        "import analytics.intake.html_table, analytics.intake.spreadsheet_xml;"
        "print({'pandas', 'numpy', 'pyarrow', 'streamlit', 'sqlalchemy', 'babel'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "set()"


def test_the_child_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@host/db")
    telling = "import json, os; print(json.dumps({'refused': 'damaged', 'details': dict(os.environ)}))"
    monkeypatch.setattr(sandbox, "_BOOT", telling)
    with pytest.raises(Unreadable) as refusal:
        sandbox.read_in_child("zip", b"")
    assert "DATABASE_URL" not in refusal.value.details


@pytest.mark.parametrize(
    ("boot", "code"),
    [
        ("import time; time.sleep(60)", "too_slow"),
        ("while True: pass", "too_slow"),
        ("import os; os.abort()", "too_heavy"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("print('not an answer')", "damaged"),
        ("print()", "damaged"),
        ("pass", "damaged"),
        ("raise SystemExit(1)", "damaged"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_whatever_becomes_of_the_child_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, boot: str, code: str
) -> None:
    monkeypatch.setattr(sandbox, "_BOOT", boot)
    monkeypatch.setattr(sandbox, "CHILD_SECONDS", 1)
    with pytest.raises(Unreadable) as refusal:
        sandbox.read_in_child("zip", b"x" * 1_000_000)
    assert refusal.value.code == code


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_damaged_workbooks_are_read_or_refused(data: st.DataObject) -> None:
    """One of the hostile workbooks, cut, or with some bytes changed."""
    made = data.draw(
        st.sampled_from([made for made in CASES if made.name.endswith(("xlsx", "xls", "ods", "xlsm"))])
    )
    if made.name == "repeated_string_bomb.xlsx":
        return
    whole = bytearray(made.build())
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(whole[: data.draw(st.integers(1, len(whole)))] if data.draw(st.booleans()) else whole)
    assert refused_or_read(broken, made.name) in (None, *REFUSALS)


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8")),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.integers(0, 10**9).map(lambda seconds: dt.timedelta(seconds=seconds)),
    st.sampled_from(["#N/A", "x"]).map(CellError),
)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=4))
@settings(deadline=None)
def test_a_grid_crosses_the_border_unchanged(columns: list[list[Cell]]) -> None:
    notes = [Note("merged_filled", (1, 2), {"columns": "A"})]
    grid = Grid(columns, [1, 2, 5], "xlsx", "表", [SheetInfo("表", True, 3)], notes, None)
    back = decode(encode(grid))
    assert back == grid
    assert typed(back.columns) == typed(grid.columns)


# --- small parts --------------------------------------------------------------------------------------


@given(st.integers(1, 20_000))
def test_column_letters_and_numbers_are_inverse(number: int) -> None:
    assert column_number(column_letters(number)) == number


def test_the_last_column_is_xfd() -> None:
    assert column_letters(16_384) == "XFD"


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (0, None, "neither"),
        (14, None, "date"),
        (22, None, "both"),
        (31, None, "date"),
        (33, None, "time"),
        (176, "yyyy\\-mm\\-dd", "date"),
        (176, 'yyyy"年"m"月"d"日";@', "date"),
        (176, "yyyy/m/d h:mm;@", "both"),
        (176, "mm:ss", "time"),
        (176, "[h]:mm:ss", "time"),
        (176, "[$-804]yyyy年m月", "date"),
        (176, "[DBNum1][$-804]m月d日", "date"),
        (176, "[Red]#,##0.00;[Blue]-0.00", "neither"),
        (176, '0.0"days"', "neither"),
        (176, "0.00E+00", "neither"),
        (176, "@", "neither"),
        (176, "General", "neither"),
        (0, "General Date", "both"),
        (0, "Short Date", "date"),
    ],
)
def test_number_formats_show_what_they_show(number: int, code: str | None, shown: str) -> None:
    assert shows(number, code) == shown


def test_values_from_a_sheet_keep_their_own_types_in_the_frame() -> None:
    """A column of dates and numbers is not unified by pandas."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1.5</v></c></row>'
    table = read_tables(package(rows), "a.xlsx")
    assert [type(cell) for cell in table.cells[0]] == [int, float]
    assert table.cells[0].dtype == object
