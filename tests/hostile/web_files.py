"""Web pages and XML named .xls."""

from __future__ import annotations

from tests.hostile.case import case

HEAD = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="gb2312"><style>td{x:y}</style></head><body>'
XML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
)


@case(
    "page.xls",
    cells=[["编号", "内容"], ["001", "水\n电"], ["002", "\xa0<好>"]],
    rows=[1, 2, 3],
    encoding="gb18030",
)
def _() -> bytes:
    body = "<table><tr><th>编号<th>内容<tr><td>001<td> 水<br> 电 <tr><td>002<td>&nbsp;&lt;好&gt;</table>"
    return (HEAD + body).encode("gbk")


@case(
    "page_spans.xls",
    cells=[["院落", "编号", None], ["甲", "1", "a"], ["甲", "2", "b"], ["乙", "3", None]],
    notes=("merged_filled", "hidden_rows"),
)
def _() -> bytes:
    return (
        "<table><tr><td>院落</td><td colspan=2>编号</td></tr><tr><td rowspan='2'>甲</td><td>1</td><td>a</td></tr>"
        "<tr style='display:none'><td>2</td><td>b</td></tr><tr><td>乙</td><td>3</td></tr></table>"
    ).encode()


@case(
    "page_layout.xls",
    cells=[["编号", "内容"], ["1", "甲 内"], ["编号", "内容"], ["2", "乙"]],
    rows=[1, 2, 3, 4],
)
def _() -> bytes:
    """A layout table around two data tables, one with a trivial table inside a cell."""
    one = "<table><tr><th>编号<th>内容<tr><td>1<td>甲 <table><tr><td>内</table></table>"
    two = "<table><tr><th>编号<th>内容<tr><td>2<td>乙</table>"
    return f"<html><body><table><tr><td>菜单<td>{one}{two}</table></body></html>".encode()


@case("page_nul.xls", cells=[["编号", "内容"], ["1", "甲"]])
def _() -> bytes:
    return "<table><tr><td>编号<td>内容\0<tr><td>1<td>甲</table>".encode()


@case("page_deep.xls", cells=[["a", "b"], *[[str(i), "x"] for i in range(400)]])
def _() -> bytes:
    rows = "".join(f"<tr><td><font><b>{i}<td><font><i>x" for i in range(400))
    return f"<table><tr><td>a<td>b{rows}</table>".encode()


@case("page_cut.xls", refused="damaged")
def _() -> bytes:
    return "<table><tr><td>编号<td>内容<tr><td>1<td>甲<!-- 没有写完".encode()


@case("sign_in.xls", refused="web_page")
def _() -> bytes:
    return "<!DOCTYPE html><html><body><form>请登录<input name=user></form></body></html>".encode()


@case("one_file_page.xls", cells=[["编号", "内容"], ["1", "甲"]])
def _() -> bytes:
    page = "<html><table><tr><td>编号<td>内容<tr><td>1<td>甲</table></html>"
    return (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + page
        + "\r\n--b--\r\n"
    ).encode()


@case(
    "xml2003.xls",
    cells=[["编号", "日期", "时间"], [7, "DATE", "MOMENT"], [8.5, None, "ERROR"]],
    rows=[1, 2, 5],
    notes=("hidden_rows", "hidden_sheets"),
)
def _() -> bytes:
    return (
        XML_HEAD + '<Styles><Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style></Styles>'
        '<Worksheet ss:Name="表"><Table><Row><Cell><Data ss:Type="String">编号</Data></Cell>'
        '<Cell><Data ss:Type="String">日期</Data></Cell><Cell><Data ss:Type="String">时间</Data></Cell></Row>'
        '<Row ss:Hidden="1"><Cell><Data ss:Type="Number">7</Data></Cell>'
        '<Cell ss:StyleID="d"><Data ss:Type="DateTime">2024-06-03T00:00:00.000</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2024-06-03T00:00:00.000</Data></Cell></Row>'
        '<Row ss:Index="5"><Cell><Data ss:Type="Number">8.5</Data></Cell>'
        '<Cell ss:Index="3"><Data ss:Type="Error">#N/A</Data><Comment><ss:Data>批注</ss:Data></Comment></Cell></Row></Table></Worksheet>'
        '<Worksheet ss:Name="藏"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>'
        '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible>'
        "</WorksheetOptions></Worksheet></Workbook>"
    ).encode()


@case("xml2003_in_gbk.xls", cells=[["诉求"]], encoding="gb18030")
def _() -> bytes:
    text = (
        XML_HEAD
        + '<Worksheet ss:Name="表"><Table><Row><Cell><Data ss:Type="String">诉求</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    return text.replace("UTF-8", "GB2312").encode("gbk")


@case("xml2003_bomb.xls", refused="xml_entities")
def _() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {c} "{f"&{b};" * 10}">' for b, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    head, body = XML_HEAD.rsplit("<Workbook", 1)
    cell = '<Worksheet ss:Name="x"><Table><Row><Cell><Data ss:Type="String">&i;</Data></Cell></Row></Table></Worksheet></Workbook>'
    return f"{head}<!DOCTYPE Workbook [{entities}]><Workbook{body}{cell}".encode()


@case("xml2003_outside.xls", refused="xml_entities")
def _() -> bytes:
    head, body = XML_HEAD.rsplit("<Workbook", 1)
    cell = '<Worksheet ss:Name="x"><Table><Row><Cell><Data ss:Type="String">&e;</Data></Cell></Row></Table></Worksheet></Workbook>'
    return (
        f'{head}<!DOCTYPE Workbook [<!ENTITY e SYSTEM "file:///etc/passwd">]><Workbook{body}{cell}'.encode()
    )
