"""The contract of the records: every row below the heading is accepted, or rejected with all its faults.

The whole table is checked before anything is said, so that one correction round is enough.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.i18n import gettext as _
from analytics.intake import cleaning, values
from analytics.intake.aliases import BUILDING_UNIT, COLUMNS, REQUIRED
from analytics.intake.cleaning import Strings, Texts
from analytics.intake.faults import reason, remark
from analytics.intake.headings import Heading
from analytics.intake.progress import Tell, told, untold
from analytics.intake.values import VALUE_FAULTS, Circumstances, Coerced
from analytics.vocabulary import PETITION_TIMES

if TYPE_CHECKING:
    from analytics.intake.result import IntakeWarning
    from analytics.intake.tables import RawTable

#: What makes two rows of one file the same record. Events repeat their case, and reports are told apart whole.
_KEYS: Final = {
    "petitions": ("case_id",),
    "complaints": ("complaint_id",),
    "complaint_months": ("month", "community", "courtyard"),
    "courtyards": ("community", "courtyard"),
    "progress": ("case_id", "reported_at", "note", "by"),
}
_TOTAL: Final = (
    r"^\s*(?:合计|小计|总计|共计|累计|总数|总和|本[页月年](?:合计|小计|累计)|全年合计|(?i:total|subtotal|grand total))数?"
    r"(?:\s*[:：(（].*)?\s*$"
)
_SIGNATURE: Final = (
    r"^\s*(?:(?:制表|填表|填报|审核|复核|审批|批准|负责|经办|统计|报送|分管|主管)"
    r"(?:人|领导|单位|部门|日期|时间|人员)?(?:签名|签字|签章)?(?:[(（][^)）]*[)）])?\s*[:：]"
    r"|(?:签名|签字|签章|盖章|单位盖章|日期|备注|注|说明|填表说明|填报说明)\s*[:：]"
    r"|(?:打印|导出|制表)(?:时间|日期)\s*[:：]"
    r"|(?:单位)?[(（]?(?:盖章|公章|签字|签名|签章)[)）]?\s*[:：]?$|第\s*\d+\s*页|共\s*\d+\s*[页条件])"
)
_SHOWN_CHARACTERS: Final = 200
_MIDNIGHTS_TO_DOUBT: Final = 10


@dataclass(frozen=True)
class Checked:
    """The rows of a table under the contract; see Intake for the frames.

    ``rejected_keys``: of each rejected row what its first required column says, where that could be read.
    """

    columns: tuple[str, ...]
    records: pd.DataFrame
    rejected: pd.DataFrame
    raw_rejected: pd.DataFrame
    rejected_keys: pd.Series
    rows_read: int
    warnings: tuple[IntakeWarning, ...]


@dataclass
class _Body:
    """The lines below the heading that are not blank, and the faults found so far."""

    kind: str
    heading: Heading
    cells: pd.DataFrame
    rows: np.ndarray
    faults: list[pd.DataFrame] = field(default_factory=list)
    warnings: list[IntakeWarning] = field(default_factory=list)

    def reject(
        self, places: np.ndarray, column: str, shown: list[str], code: str, reasons: list[str]
    ) -> None:
        """Note one fault for each of ``places`` (positions of lines)."""
        self.faults.append(
            pd.DataFrame({"place": places, "column": column, "value": shown, "code": code, "reason": reasons})
        )


def check(table: RawTable, heading: Heading, given: Circumstances, tell: Tell = untold) -> Checked:
    """Read and check every line below ``heading``, column by column.

    For ``events`` the records are the accepted event lines, not yet petitions.
    """
    body, known = _body(table, heading)
    beside = _not_cases(body, known)
    coerced = {
        column: values.coerce(column, known[column], given) for column in told([*known], tell, "check")
    }
    _value_faults(body, known, coerced, beside)
    _repeats(body, known, coerced, beside)
    _doubt_midnights(body, coerced)
    return _checked(body, coerced)


def _body(table: RawTable, heading: Heading) -> tuple[_Body, dict[str, Texts]]:
    """The lines that are not blank, and the text of each of our columns."""
    first = heading.line + 1
    cells, rows = table.cells.iloc[first:], table.rows[first:]
    filled = ~_blank_lines(cells, heading)
    if not filled.all():
        cells, rows = cells[filled], rows[filled]
    body = _Body(heading.kind, heading, cells.reset_index(drop=True), np.asarray(rows, np.int64))
    known = {
        column: cleaning.first_filled([cleaning.texts_of(body.cells[place]) for place in places])
        for column, places in heading.columns.items()
    }
    _reject_extra_cells(body, table.source)
    return body, _split(body, known)


def _blank_lines(cells: pd.DataFrame, heading: Heading) -> np.ndarray:
    """Lines without one visible character; only those whose first required cell is blank are looked at."""
    key = heading.columns[REQUIRED[heading.kind][0]][0]
    blank = cleaning.is_blank(cleaning.texts_of(cells[key]).text)
    for place in cells.columns:
        suspects = np.flatnonzero(blank)
        if not len(suspects):
            break
        blank[suspects] = cleaning.is_blank(cleaning.texts_of(cells[place].iloc[suspects]).text)
    return blank


def _split(body: _Body, known: dict[str, Texts]) -> dict[str, Texts]:
    if BUILDING_UNIT in known:
        both = known.pop(BUILDING_UNIT)
        known["building"], known["unit"], room = values.split_building(both)
        if room.any():
            rows = tuple(body.rows[room].tolist())
            body.warnings.append(remark("room_left_out", rows, heading=body.heading.name_of(BUILDING_UNIT)))
    order = COLUMNS[body.kind]
    return {column: known[column] for column in order if column in known}


def _reject_extra_cells(body: _Body, source: str) -> None:
    """A text line longer than its heading has slipped sideways: a separator stands inside a value."""
    width = max((i for i, name in enumerate(body.heading.names) if name), default=0) + 1
    beyond = (
        [cleaning.texts_of(body.cells[place]) for place in body.cells.columns[width:]]
        if source == "csv"
        else []
    )
    if not beyond:
        return
    first = cleaning.first_filled(beyond).text
    places = np.flatnonzero(~cleaning.is_blank(first))
    body.reject(places, "", _shown(first, places), "extra_cells", [reason("extra_cells")] * len(places))


def _not_cases(body: _Body, known: dict[str, Texts]) -> np.ndarray:
    """Total, signature and note lines, and headings printed again on the next page."""
    beside, incomplete = np.zeros((2, len(body.rows)), bool)
    for i, column in enumerate(REQUIRED[body.kind]):
        text = known[column].text
        beside |= _matches(text, f"{_TOTAL}|{_SIGNATURE}" if i == 0 else _TOTAL)
        beside |= np.asarray(pc.equal(text, body.heading.name_of(column)))
        incomplete |= cleaning.is_blank(text)
    doubtful = np.flatnonzero(incomplete & ~beside)
    beside[doubtful] = _matches(_first_texts(body.cells, doubtful), f"{_TOTAL}|{_SIGNATURE}")
    places = np.flatnonzero(beside)
    shown = _shown(_first_texts(body.cells, places))
    body.reject(places, "", shown, "not_a_case", [reason("not_a_case")] * len(places))
    return beside


def _matches(text: Strings, pattern: str) -> np.ndarray:
    return np.asarray(pc.match_substring_regex(text, pattern))


def _first_texts(cells: pd.DataFrame, places: np.ndarray) -> Strings:
    """The first cell with something in it, of each of some lines."""
    some = cells.iloc[places]
    return cleaning.first_filled([cleaning.texts_of(some[place]) for place in some.columns]).text


def _shown(text: Strings, places: np.ndarray | None = None) -> list[str]:
    """Values as a message shows them."""
    some = text if places is None else text.take(pa.array(places))
    return pc.utf8_slice_codeunits(some, 0, _SHOWN_CHARACTERS).to_pylist()


def _value_faults(
    body: _Body, known: dict[str, Texts], coerced: dict[str, Coerced], beside: np.ndarray
) -> None:
    """Every bad value and every blank where something is required."""
    for column, found in coerced.items():
        fault = np.where(beside, 0, found.fault)
        heading = body.heading.name_of(column)
        for number in np.unique(fault[fault > 0]):
            code = VALUE_FAULTS[number]
            places = np.flatnonzero(fault == number)
            shown = _shown(known[column].text, places)
            body.reject(places, column, shown, code, [reason(code, heading)] * len(places))
        if column in REQUIRED[body.kind]:
            places = np.flatnonzero(found.values.isna().to_numpy() & (found.fault == 0) & ~beside)
            shown = _shown(known[column].text, places)
            body.reject(places, column, shown, "required", [reason("required", heading)] * len(places))


def _repeats(body: _Body, known: dict[str, Texts], coerced: dict[str, Coerced], beside: np.ndarray) -> None:
    """Records that the file has more than once: equal ones count once, unequal ones not at all."""
    names = [column for column in _KEYS.get(body.kind, ()) if column in coerced]
    if not names:
        return
    keys = pd.DataFrame({column: coerced[column].values for column in names})
    whole = ~keys[[name for name in names if name in REQUIRED[body.kind]]].isna().any(axis=1).to_numpy()
    again = np.flatnonzero(keys.duplicated(keep=False).to_numpy() & whole & ~beside)
    if not len(again):
        return
    group = keys.iloc[again].groupby(names, dropna=False, sort=False).ngroup().to_numpy()
    content = _content(known, coerced, again).assign(group=group)
    first = ~content.duplicated().to_numpy()
    versions = np.bincount(group, weights=first)
    _reject_repeats(body, names[0], known, again[~first & (versions[group] == 1)], again, group, "duplicate")
    _reject_repeats(body, names[0], known, again[versions[group] > 1], again, group, "conflict")


def _content(known: dict[str, Texts], coerced: dict[str, Coerced], places: np.ndarray) -> pd.DataFrame:
    """What some lines say, to compare them: values where they could be read, else the text itself."""
    columns: dict[str, pd.Series] = {}
    for column, found in coerced.items():
        value = found.values.iloc[places].astype("str").reset_index(drop=True)
        written = pd.Series(known[column].text.take(pa.array(places)).to_pylist(), dtype="str")
        columns[column] = value.where(found.fault[places] == 0, written)
        if found.date_only is not None:
            columns[f"{column} date only"] = pd.Series(found.date_only[places])
    return pd.DataFrame(columns)


def _reject_repeats(
    body: _Body,
    column: str,
    known: dict[str, Texts],
    places: np.ndarray,
    again: np.ndarray,
    group: np.ndarray,
    code: str,
) -> None:
    """Reject ``places``, naming the lines they repeat: the first, or the others of a conflict."""
    if not len(places):
        return
    members = pd.Series(body.rows[again]).groupby(group).agg(list)
    heading = body.heading.name_of(column)
    group_of = dict(zip(again.tolist(), group.tolist(), strict=True))
    reasons = []
    for place in places.tolist():
        rows = members[group_of[place]]
        others = rows[:1] if code == "duplicate" else [row for row in rows[:7] if row != body.rows[place]][:6]
        reasons.append(reason(code, heading, _("、").join(map(str, others))))
    body.reject(places, column, _shown(known[column].text, places), code, reasons)


def _doubt_midnights(body: _Body, coerced: dict[str, Coerced]) -> None:
    """A whole column at 00:00:00 is most likely a column of dates; say so, do not decide."""
    for column, found in coerced.items():
        if found.date_only is None:
            continue
        clocked = found.values[~found.date_only & found.values.notna().to_numpy()]
        seconds = clocked.to_numpy().astype("datetime64[s]").astype(np.int64)
        if len(seconds) >= _MIDNIGHTS_TO_DOUBT and not (seconds % 86_400).any():
            heading = body.heading.name_of(column)
            body.warnings.append(remark("midnight_only", heading=heading, column=column))


def _checked(body: _Body, coerced: dict[str, Coerced]) -> Checked:
    rejected = _rejected(body)
    accepted = np.ones(len(body.rows), bool)
    accepted[rejected["place"].to_numpy(np.int64)] = False
    raw = body.cells.loc[~accepted].reset_index(drop=True)
    raw.columns = pd.Index(_distinct(body.heading.names, len(raw.columns)))
    return Checked(
        columns=tuple(coerced),
        records=_records(body, coerced, accepted),
        rejected=rejected.drop(columns="place"),
        raw_rejected=raw.assign(row=body.rows[~accepted]),
        rejected_keys=coerced[REQUIRED[body.kind][0]].values[~accepted].dropna(),
        rows_read=len(body.rows),
        warnings=tuple(body.warnings),
    )


def _rejected(body: _Body) -> pd.DataFrame:
    columns = ["place", "column", "value", "code", "reason"]
    faults = [frame for frame in body.faults if len(frame)]
    found = pd.concat(faults, ignore_index=True) if faults else pd.DataFrame(columns=columns)
    found = found.sort_values("place", kind="stable", ignore_index=True)
    places = found["place"].to_numpy(np.int64)
    found.insert(1, "row", body.rows[places])
    return found.astype(dict.fromkeys(("column", "value", "code", "reason"), "str"))


def _records(body: _Body, coerced: dict[str, Coerced], accepted: np.ndarray) -> pd.DataFrame:
    everything = accepted.all()
    columns = {
        name: found.values if everything else found.values[accepted].reset_index(drop=True)
        for name, found in coerced.items()
    }
    records = pd.DataFrame(columns)
    records["row"] = body.rows[accepted]
    if body.kind in ("petitions", "events"):
        bits = np.zeros(len(body.rows), np.int32)
        for bit, name in enumerate(PETITION_TIMES):
            if name in coerced and (dated := coerced[name].date_only) is not None:
                bits |= dated.astype(np.int32) << bit
        records["date_only"] = bits[accepted]
    if body.kind == "events":
        records["at_date_only"] = coerced["at"].date_only[accepted]  # type: ignore[index]
    return records


def _distinct(names: tuple[str, ...], width: int) -> list[str]:
    """Headings made different, so that each column of the rejected rows can be told by its name."""
    distinct: list[str] = []
    for place in range(width):
        name = (names[place] if place < len(names) else "") or f"（{place + 1}）"
        times = sum(name == other.rsplit(" (", 1)[0] for other in ("row", *distinct))
        distinct.append(f"{name} ({times + 1})" if times else name)
    return distinct
