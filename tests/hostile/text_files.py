"""Text files of every encoding and delimiter met, and broken ones."""

from __future__ import annotations

import gzip

from tests.hostile.case import case

LINES = "编号,院落,内容\nA1,丽晶公馆,电梯坏了\n"
CELLS = [["编号", "院落", "内容"], ["A1", "丽晶公馆", "电梯坏了"]]


@case("utf8.csv", cells=CELLS, rows=[1, 2], encoding="utf-8")
def _() -> bytes:
    return LINES.encode()


@case("utf8_mark.csv", cells=CELLS, encoding="utf-8-sig")
def _() -> bytes:
    return LINES.encode("utf-8-sig")


@case("gb18030.csv", cells=CELLS, encoding="gb18030")
def _() -> bytes:
    return LINES.encode("gb18030")


@case("short_gbk.csv", cells=[["院"], ["甲"]], encoding="gb18030")
def _() -> bytes:
    return "院\n甲\n".encode("gbk")


@case("rare_name.csv", cells=[["姓名", "院落"], ["𠮷㐂", "丽晶公馆"]], encoding="gb18030")
def _() -> bytes:
    return "姓名,院落\n𠮷㐂,丽晶公馆\n".encode("gb18030")


@case("utf16_little.csv", cells=CELLS, encoding="utf-16")
def _() -> bytes:
    return b"\xff\xfe" + LINES.encode("utf-16-le")


@case("utf16_big.csv", cells=CELLS, encoding="utf-16")
def _() -> bytes:
    return b"\xfe\xff" + LINES.encode("utf-16-be")


@case("utf16_without_mark.csv", cells=CELLS, encoding="utf-16-le")
def _() -> bytes:
    return LINES.encode("utf-16-le")


@case("semicolons.csv", cells=[["编号", "内容"], ["1", "甲,乙"], ["2", "丙"]])
def _() -> bytes:
    return "编号;内容\n1;甲,乙\n2;丙\n".encode()


@case("tabs_named_xls.xls", cells=[["编号", "内容"], ["1", "甲,乙，丙"]], encoding="gb18030")
def _() -> bytes:
    return "编号\t内容\n1\t甲,乙，丙\n".encode("gb18030")


@case("bars_in_gbk.csv", cells=[["编号", "内容"], ["1", "亅"], ["2", "诉求"]], encoding="gb18030")
def _() -> bytes:
    """亅 has 0x7C, the bar itself, as its second byte."""
    return "编号|内容\n1|亅\n2|诉求\n".encode("gb18030")


@case("wide_commas.csv", cells=[["编号", "时间", "内容"], ["1", "2024-06-03", "漏水,请修"]])
def _() -> bytes:
    return "编号，时间，内容\n1，2024-06-03，漏水,请修\n".encode()


@case("ideographic_commas.csv", cells=[["编号", "时间", "内容"], ["1", "2024-06-03", "漏水"]])
def _() -> bytes:
    return "编号、时间、内容\n1、2024-06-03、漏水\n".encode()


@case("commas_in_sentences.csv", cells=[["编号", "内容"], ["1", "水、电、气，都停了"]])
def _() -> bytes:
    return "编号,内容\n1,水、电、气，都停了\n".encode()


@case("hinted.csv", cells=[["a", "b"], ["1,2", "3"]], rows=[2, 3])
def _() -> bytes:
    return b"sep=;\r\na;b\r\n1,2;3\r\n"


@case("old_mac.csv", cells=[["a", "b"], ["x\ry", "2"]], rows=[1, 2])
def _() -> bytes:
    return b'a,b\r"x\ry",2\r'


@case("line_breaks_in_cells.csv", cells=[["a", "b"], ['说"好"\n再来', "2"], ["3", "4"]], rows=[1, 2, 3])
def _() -> bytes:
    return 'a,b\n"说""好""\n再来",2\n3,4\n'.encode()


@case("vertical_tab_and_separators.csv", cells=[["a", "b"], ["x\x0by\x0cz\u2028w\x85", "2"]], rows=[1, 2])
def _() -> bytes:
    return "a,b\nx\x0by\x0cz\u2028w\x85,2\n".encode()


@case("nul_inside.csv", cells=[["a", "b"], ["", "2"], ["34", "5"]], notes=("nul_removed",))
def _() -> bytes:
    return b"a,b\n\0,2\n3\x004,5\n"


@case("nul_tail.csv", cells=[["a", "b"], ["1", "2"]], rows=[1, 2], notes=("nul_removed",))
def _() -> bytes:
    """As a power cut leaves a file whose space was reserved."""
    return b"a,b\n1,2\n" + b"\0" * 5000


@case(
    "title_and_blank_lines.csv",
    cells=[["六月台账", ""], ["编号", "院落"], ["1", "甲"], ["2", "乙"]],
    rows=[1, 3, 4, 6],
)
def _() -> bytes:
    return "六月台账\n\n编号,院落\n1,甲\n\n2,乙\n\n\n\n".encode()


@case(
    "longer_than_heading.csv",
    cells=[["a", "b", ""], ["1", "2", ""], ["3", "4", "多余"], ["5", "", ""]],
    rows=[1, 2, 3, 4],
)
def _() -> bytes:
    return "a,b\n1,2\n3,4,多余\n5\n".encode()


@case("ghost_columns.csv", cells=[["a", "b"], ["1", "2"]])
def _() -> bytes:
    return ("a,b" + "," * 16_000 + "\n1,2" + "," * 16_000 + "\n").encode()


@case(
    "stray_quotes.csv",
    cells=[["编号", "内容"], ["1", "停水的问题"], ["2", "37'36.8\"N"], ["3", "好"]],
    rows=[1, 2, 3, 4],
)
def _() -> bytes:
    return '编号,内容\n1,"停水"的问题\n2,37\'36.8"N\n3,好\n'.encode()


@case(
    "unpaired_quote_but_regular.csv",
    cells=[["编号", "内容", "时间"], ["1", '"停水', "6月"], ["2", "漏水", "6月"], ["3", '噪音"扰民', "6月"]],
    rows=[1, 2, 3, 4],
    notes=("quotes_literal",),
)
def _() -> bytes:
    """The csv module would make one record of three lines here."""
    return '编号,内容,时间\n1,"停水,6月\n2,漏水,6月\n3,噪音"扰民,6月\n'.encode()


@case("unclosed_quote.csv", refused="broken_quotes")
def _() -> bytes:
    return '编号,内容\n1,"水,电"\n2,"漏水,三楼\n3,好\n'.encode()


@case("excel_text_formula.csv", cells=[["编号", "院落"], ['="0012"', "甲"]])
def _() -> bytes:
    return '编号,院落\n="0012",甲\n'.encode()


@case(
    "cut_utf8_character.csv",
    cells=[["编号", "内容"], ["1", "电梯坏了请尽快修理，谢谢谢\ufffd"]],
    notes=("damaged_text",),
)
def _() -> bytes:
    """As a database column that counts bytes cuts a text; GB18030 would decode the whole as nonsense."""
    return "编号,内容\n1,电梯坏了请尽快修理，谢谢谢谢".encode()[:-1] + b"\n"


@case("cut_gbk_character.csv", notes=("damaged_text",), encoding="gb18030")
def _() -> bytes:
    return ("编号,内容\n" + "1,电梯坏了请尽快修理谢谢大家\n" * 20 + "2,漏").encode("gbk") + b"\xcb\n"


@case("latin1.csv", refused="unknown_encoding")
def _() -> bytes:
    return "name,ville\nJosé,Orléans\nRené,Nîmes\n".encode("latin-1")


@case("shift_jis.csv", refused="unknown_encoding")
def _() -> bytes:
    return "番号,内容\n1,エレベーターの故障について\n".encode("shift_jis")


@case("empty.csv", refused="empty")
def _() -> bytes:
    return b""


@case("blank.csv", refused="empty")
def _() -> bytes:
    return b"\xef\xbb\xbf \r\n\r\n\t\r\n"


@case("only_commas.csv", refused="empty")
def _() -> bytes:
    return b",,,\n,,,\n"


@case("long_cell.csv", refused="cell_too_long")
def _() -> bytes:
    return b"a,b\n1," + b"x" * 200_000 + b"\n"


@case("many_columns.csv", refused="too_many_columns")
def _() -> bytes:
    return b"a,b\n" + b"x," * 5_000 + b"x\n"


@case("packed.csv.gz", cells=CELLS, encoding="utf-8")
def _() -> bytes:
    return gzip.compress(LINES.encode())


@case("packed_and_cut.csv.gz", refused="damaged")
def _() -> bytes:
    return gzip.compress(LINES.encode() * 100)[:-10]


@case("data.json", refused="not_a_table")
def _() -> bytes:
    return b'[{"id": "1", "status": "open"}]'


@case("open311.xml", refused="not_a_table")
def _() -> bytes:
    return b'<?xml version="1.0"?><service_requests><request><id>1</id></request></service_requests>'


@case("report.pdf", refused="not_a_table")
def _() -> bytes:
    return b"%PDF-1.7\n1 0 obj<<>>endobj\n"


@case("photo.xlsx", refused="not_a_table")
def _() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@case("controls.csv", refused="not_a_table")
def _() -> bytes:
    return bytes(range(1, 9)) * 20


@case("excel2.xls", refused="old_excel")
def _() -> bytes:
    return b"\x09\x00\x04\x00\x02\x00\x10\x00" + b"\0" * 40
