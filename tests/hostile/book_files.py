"""Workbooks: XLSX as libraries and by hand, ODS, XLS, and what only looks like one."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Mapping

import msoffcrypto
import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.hostile import biff
from tests.hostile.case import case

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CELLS = [["编号", "院落"], ["A1", "丽晶公馆"]]
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>编号</t></is></c><c r="B1" t="inlineStr"><is><t>院落</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>A1</t></is></c><c r="B2" t="inlineStr"><is><t>丽晶公馆</t></is></c></row>'
)


def package(
    rows: str,
    *,
    after: str = "",
    styles: str = "",
    book: str = "",
    main: str = MAIN,
    prolog: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """A minimal XLSX with one sheet whose rows are given as XML."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{OFFICE}">{book}'
        '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    return archive({**{name: text.encode() for name, text in parts.items()}, **(extra or {})})


def archive(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def simple() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = "表"
    for line in CELLS:
        book.active.append(line)
    return book


@case("plain.xlsx", cells=CELLS, rows=[1, 2])
def _() -> bytes:
    return saved(simple())


@case("named_csv.csv", cells=CELLS)
def _() -> bytes:
    return saved(simple())


@case("with_macro.xlsm", cells=CELLS)
def _() -> bytes:
    return package(ROWS, extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro"})


@case("escaping_paths.xlsx", cells=CELLS)
def _() -> bytes:
    return package(ROWS, extra={"../../../evil.txt": b"x", "/etc/evil": b"x", "C:\\evil.exe": b"x"})


@case("strict.xlsx", cells=[["编号", "DATE"], [7, "MOMENT"]])
def _() -> bytes:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>编号</t></is></c><c r="B1" s="1" t="d"><v>2024-06-03</v></c></row>'
        '<row r="2"><c r="A2"><v>7</v></c><c r="B2" s="2"><v>45446</v></c></row>'
    )
    return package(rows, styles=styles, main=STRICT)


@case("prefixed.xlsx", cells=CELLS)
def _() -> bytes:
    data = package(ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet = (
        sheet.replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
        .replace("xmlns=", "xmlns:x=")
    )
    return archive({**parts, "xl/worksheets/sheet1.xml": sheet.encode()})


@case(
    "cells_without_places.xlsx",
    cells=[["a", None, None], ["b", "#N/A", "#FORMULA_WITHOUT_VALUE"]],
    rows=[1, 2],
    notes=("formula_without_value",),
)
def _() -> bytes:
    return package(
        '<row><c t="inlineStr"><is><t>a</t></is></c></row>'
        '<row><c t="inlineStr"><is><t>b</t></is></c><c t="e"><v>#N/A</v></c><c><f>A1</f></c></row>'
    )


@case("wrong_dimension.xlsx", cells=CELLS)
def _() -> bytes:
    with zipfile.ZipFile(io.BytesIO(package(ROWS))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>')
    return archive({**parts, "xl/worksheets/sheet1.xml": sheet})


@case(
    "date_1904.xlsx", cells=[["日期", "时间"], ["DATE", dt.datetime(2024, 6, 3, 8, 5)]], notes=("date_1904",)
)
def _() -> bytes:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["日期", "时间"])
    book.active.append([dt.date(2024, 6, 3), dt.datetime(2024, 6, 3, 8, 5)])
    return saved(book)


@case(
    "dates.xlsx",
    cells=[
        [
            "DATE",
            "MOMENT",
            "DATE",
            dt.datetime(2024, 6, 3, 8, 5),
            dt.time(8, 5),
            dt.timedelta(hours=30),
            45446,
        ]
    ],
)
def _() -> bytes:
    """Midnight in a format with a time of day stays a moment; format 31 is Chinese Excel's own."""
    styles = (
        '<numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>'
        '<numFmt numFmtId="177" formatCode="[h]:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="176"/>'
        '<xf numFmtId="22"/><xf numFmtId="31"/><xf numFmtId="20"/><xf numFmtId="177"/></cellXfs>'
    )
    values = (
        (1, "45446"),
        (2, "45446"),
        (3, "45446"),
        (2, "45446.336805555555"),
        (4, "0.336805555555"),
        (5, "1.25"),
        (0, "45446"),
    )
    cells = "".join(
        f'<c r="{"ABCDEFG"[i]}1" s="{style}"><v>{value}</v></c>' for i, (style, value) in enumerate(values)
    )
    return package(f'<row r="1">{cells}</row>', styles=styles)


@case("numbers.xlsx", cells=[["007", 7, 7.5, 510115202406030016, 1e300, True, "NA", "#N/A", "_x000D_", "\r"]])
def _() -> bytes:
    """Ids as text and as number, and a text that reads like an error or an escape."""
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>007</t></is></c><c r="B1"><v>7</v></c><c r="C1"><v>7.5</v></c>'
        '<c r="D1"><v>5.1011520240603E+17</v></c><c r="E1"><v>1E+300</v></c><c r="F1" t="b"><v>1</v></c>'
        '<c r="G1" t="inlineStr"><is><t>NA</t></is></c><c r="H1" t="inlineStr"><is><t>#N/A</t></is></c>'
        '<c r="I1" t="inlineStr"><is><t>_x005F_x000D_</t></is></c><c r="J1" t="inlineStr"><is><t>_x000D_</t></is></c></row>'
    )
    return package(rows)


@case(
    "errors_and_formulas.xlsx",
    cells=[["编号", "值"], ["a", "#DIV/0!"], ["b", "#FORMULA_WITHOUT_VALUE"], ["c", None], ["d", 5]],
    rows=[1, 2, 3, 4, 5],
    notes=("formula_without_value",),
)
def _() -> bytes:
    """A formula that was calculated to an empty text is blank; one never calculated is not."""
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>编号</t></is></c><c r="B1" t="inlineStr"><is><t>值</t></is></c></row>'
    values = (
        't="e"><f>1/0</f><v>#DIV/0!</v>',
        "><f>A1&amp;A2</f><v></v>",
        't="str"><f>""</f><v></v>',
        "><f>2+3</f><v>5</v>",
    )
    return package(
        head
        + "".join(
            f'<row r="{i}"><c r="A{i}" t="inlineStr"><is><t>{name}</t></is></c><c r="B{i}" {value}</c></row>'
            for i, (name, value) in enumerate(zip("abcd", values, strict=True), start=2)
        )
    )


@case(
    "merged.xlsx",
    cells=[["台账", None, None], ["院落", "编号", None], ["甲", 1, "x"], ["甲", 2, None], ["乙", 3, None]],
    rows=[1, 2, 3, 4, 6],
    notes=("merged_filled",),
)
def _() -> bytes:
    """A merge down a column is filled on rows that hold something; a blank row inside stays blank."""
    book = openpyxl.Workbook()
    sheet = book.active
    for line in [["台账"], ["院落", "编号"], ["甲", 1, "x"], [None, 2], [], ["乙", 3]]:
        sheet.append(line)
    for place in ("A1:C1", "A3:A5", "C3:D3"):
        sheet.merge_cells(place)
    return saved(book)


@case("hidden_rows.xlsx", cells=[["编号"], [1], [2], [3]], rows=[1, 2, 3, 4], notes=("hidden_rows",))
def _() -> bytes:
    book = openpyxl.Workbook()
    for value in ("编号", 1, 2, 3):
        book.active.append([value])
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[9].hidden = True
    return saved(book)


@case("readme_first.xlsx", cells=CELLS, notes=("other_sheets", "hidden_sheets"))
def _() -> bytes:
    """A sheet of remarks, a hidden sheet, then the table."""
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由系统导出"])
    hidden = book.create_sheet("藏")
    hidden.sheet_state = "veryHidden"
    hidden.append(["a", "b"])
    hidden.append([1, 2])
    for line in CELLS:
        (book["表"] if "表" in book.sheetnames else book.create_sheet("表")).append(line)
    return saved(book)


@case("nothing_visible.xlsx", refused="no_table")
def _() -> bytes:
    book = openpyxl.Workbook()
    hidden = book.create_sheet("藏")
    hidden.sheet_state = "hidden"
    hidden.append(["a", "b"])
    return saved(book)


@case("far_cell.xlsx", refused="far_cell")
def _() -> bytes:
    return package(ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


@case("far_column.xlsx", refused="far_cell")
def _() -> bytes:
    return package(ROWS + '<row r="3"><c r="A3"><v>1</v></c><c r="XFD3"><v>1</v></c></row>')


@case("beyond_the_sheet.xlsx", refused="far_cell")
def _() -> bytes:
    return package(ROWS + '<row r="99999999"><c r="ZZZZ99999999"><v>1</v></c></row>')


@case("far_but_blank.xlsx", cells=CELLS)
def _() -> bytes:
    return package(
        ROWS + '<row r="1048576"><c r="XFD1048576" s="0"/></row>',
        styles='<cellXfs><xf numFmtId="14"/></cellXfs>',
    )


@case("bomb.xlsx", refused="unpacked_too_big")
def _() -> bytes:
    """Two entries whose directory says that each unpacks to 2 GB."""
    data = bytearray(package(ROWS, extra={"xl/media/1.bin": b"", "xl/media/2.bin": b""}))
    for name in (b"xl/media/1.bin", b"xl/media/2.bin"):
        place = data.rfind(name) - 46
        data[place + 24 : place + 28] = struct.pack("<I", 2 << 30)
    return bytes(data)


@case("bomb_that_lies.xlsx", refused="damaged")
def _() -> bytes:
    """The directory says that the sheet unpacks to 1,000 bytes; it does to 40 MB."""
    data = bytearray(package(" " * (40 << 20)))
    place = data.rfind(b"xl/worksheets/sheet1.xml") - 46
    data[place + 24 : place + 28] = struct.pack("<I", 1_000)
    return bytes(data)


@case("many_entries.xlsx", refused="too_many_entries")
def _() -> bytes:
    return package(ROWS, extra={f"xl/x{i}": b"" for i in range(6_000)})


@case("entity_bomb.xlsx", refused="xml_entities")
def _() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {c} "{f"&{b};" * 10}">' for b, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c></row>'
    return package(cell, prolog=f"<!DOCTYPE worksheet [{entities}]>")


@case("outside_entity.xlsx", refused="xml_entities")
def _() -> bytes:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>'
    return package(cell, prolog='<!DOCTYPE worksheet [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


@case("repeated_string_bomb.xlsx", refused="too_heavy")
def _() -> bytes:
    """One text of 100,000 characters in a million cells: small on disk, 100 GB in memory."""
    strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * 100_000}</t></si></sst>'.encode()
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 100_001))
    relations = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ).encode()
    return package(rows, extra={"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": relations})


@case("password.xlsx", refused="password")
def _() -> bytes:
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(saved(simple()))).encrypt("secret", out)
    return out.getvalue()


@case("protected_structure.xlsx", cells=CELLS)
def _() -> bytes:
    """Encrypted by Excel with its own password; nobody set one."""
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(saved(simple()))).encrypt("VelvetSweatshop", out)
    return out.getvalue()


@case("cut.xlsx", refused="damaged")
def _() -> bytes:
    return saved(simple())[:2_000]


@case("broken_sheet.xlsx", refused="damaged")
def _() -> bytes:
    return package('<row r="1"><c r="A1"><v>1</c></row>')


@case("letter.docx", refused="not_a_table")
def _() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


@case("files.zip", refused="archive")
def _() -> bytes:
    return archive({"台账.csv": "编号\n1\n".encode()})


@case("binary.xlsb", refused="xlsb")
def _() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\x01\x00"})


ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0">'
    '<office:automatic-styles><style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/>'
    '</style:style><number:date-style style:name="n1"><number:year/><number:hours/></number:date-style>'
    '<style:style style:name="moment" style:data-style-name="n1"/></office:automatic-styles><office:body><office:spreadsheet>'
)


def ods(tables: str) -> bytes:
    content = f"{ODS_HEAD}{tables}</office:spreadsheet></office:body></office:document-content>"
    return archive(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()}
    )


def _text(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{value}</text:p></table:table-cell>'


@case(
    "open_document.ods",
    cells=[
        ["院落", "编号", "时间", None],
        ["甲", 1, "DATE", "MOMENT"],
        ["甲", 2.5, dt.datetime(2024, 6, 3, 8, 5), "#FORMULA_WITHOUT_VALUE"],
        ["重\n复", "重\n复", None, None],
        ["重\n复", "重\n复", None, None],
    ],
    rows=[1, 2, 3, 6, 7],
    notes=("merged_filled", "hidden_rows", "formula_without_value", "hidden_sheets"),
)
def _() -> bytes:
    spanning, twice = 'table:number-rows-spanned="2"', 'table:number-columns-repeated="2"'
    moment = 'table:style-name="moment"'
    number = '<table:table-cell office:value-type="float" office:value="{}"/>'
    date = '<table:table-cell {} office:value-type="date" office:date-value="{}"/>'
    hidden = f'<table:table table:name="藏" table:style-name="hid"><table:table-row>{_text("x")}</table:table-row></table:table>'
    rows = (
        f"<table:table-row>{_text('院落')}{_text('编号')}{_text('时间')}"
        '<table:table-cell table:number-columns-repeated="1020"/></table:table-row>'
        f"<table:table-row>{_text('甲', spanning)}{number.format(1)}{date.format('', '2024-06-03')}"
        f"{date.format(moment, '2024-06-03')}</table:table-row>"
        f'<table:table-row table:visibility="filter"><table:covered-table-cell/>{number.format(2.5)}'
        f"{date.format('', '2024-06-03T08:05:00')}"
        '<table:table-cell table:formula="of:=[.A1]"><office:annotation><text:p>批注</text:p></office:annotation></table:table-cell>'
        '</table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2">'
        f"{_text('重<text:line-break/>复', twice)}</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048560"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    )
    return ods(f'{hidden}<table:table table:name="表">{rows}</table:table>')


@case("repeat_bomb.ods", refused="too_many_cells")
def _() -> bytes:
    cell = _text("x", 'table:number-columns-repeated="1000"')
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    return ods(f'<table:table table:name="表">{row}</table:table>')


@case("password.ods", refused="password")
def _() -> bytes:
    manifest = b"<manifest><file-entry><encryption-data/></file-entry></manifest>"
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return archive({"mimetype": mime, "content.xml": b"\1\2", "META-INF/manifest.xml": manifest})


@case("letter.odt", refused="not_a_table")
def _() -> bytes:
    return archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})


@case(
    "excel97.xls",
    cells=[
        ["院落", "日期", "时间"],
        ["甲", "DATE", "MOMENT"],
        ["甲", "#N/A", dt.datetime(2024, 6, 3, 12)],
        [7, None, 7.5],
    ],
    rows=[1, 2, 3, 5],
    notes=("merged_filled", "hidden_rows", "hidden_sheets"),
)
def _() -> bytes:
    cells: dict[tuple[int, int], object] = {
        (0, 0): "院落", (0, 1): "日期", (0, 2): "时间", (1, 0): "甲", (1, 1): (45446.0, 1), (1, 2): (45446.0, 2),
        (2, 1): ("error", 0x2A), (2, 2): (45446.5, 2), (4, 0): 7.0, (4, 2): 7.5,
    }  # fmt: skip
    sheet = biff.Sheet("表", cells, hidden_rows=[2], merges=[(1, 2, 0, 0)])
    return biff.workbook(
        [sheet, biff.Sheet("藏", {(0, 0): "x"}, state=1)], ["yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    )


@case("excel97_1904.xls", cells=[["DATE"]], notes=("date_1904",))
def _() -> bytes:
    return biff.workbook([biff.Sheet("表", {(0, 0): (43984.0, 1)})], ["yyyy-mm-dd"], is_1904=True)


@case("excel97_password.xls", refused="password")
def _() -> bytes:
    return biff.workbook([biff.Sheet("表", {(0, 0): "x"})], password=True)


@case("letter.doc", refused="not_a_table")
def _() -> bytes:
    return biff.container({"WordDocument": b"x"})


@case("cut.xls", refused="damaged")
def _() -> bytes:
    return biff.workbook([biff.Sheet("表", {(0, 0): "x"})])[:900]
