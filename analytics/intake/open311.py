"""Open311 GeoReport v2: service requests as JSON or XML, one request per line under the standard's own names.

The standard has no time of closing; it says that ``updated_datetime`` of a closed request is when it was
closed. That is told here as ``closed_datetime``, which the shipped layout takes for 办结时间.
http://wiki.open311.org/GeoReport_v2/
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, Final

import orjson

from analytics.intake.grid import Grid
from analytics.intake.refusals import Unreadable
from analytics.intake.sheet_builder import SheetBuilder
from analytics.intake.xml_stream import feed, local, new_parser, without_declaration

SOURCE: Final = "open311"
_ID: Final = "service_request_id"
_CLOSED: Final = "closed_datetime"
#: The element of one request below the root, and fields below that.
_REQUEST_DEPTH, _FIELD_DEPTH = 2, 3


def read_json(data: bytes, codec: str) -> Grid:
    """The requests of a JSON array, or of an object that holds one."""
    try:
        answer = orjson.loads(data.decode(codec, "replace").lstrip("\ufeff"))
    except orjson.JSONDecodeError as error:
        raise Unreadable("damaged") from error
    if isinstance(answer, dict):
        lists = [value for value in answer.values() if isinstance(value, list)]
        answer = lists[0] if lists else [answer]
    return _grid(request for request in answer if isinstance(request, dict))


def read_xml(data: bytes, codec: str) -> Grid:
    """The requests below the root element; entity definitions are refused."""
    reader = _Requests()
    parser = new_parser()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    text = without_declaration(data.decode(codec, "replace").lstrip("\ufeff \t\r\n"))
    feed(parser, io.BytesIO(text.encode("utf-8")))
    return _grid(reader.found)


class _Requests:
    """Handlers: what stands directly below a request is a field; what is nested deeper is not read."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self.depth = 0
        self.text: list[str] = []

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self.depth += 1
        self.text = []
        if self.depth == _REQUEST_DEPTH:
            self.found.append({})

    def characters(self, text: str) -> None:
        if self.depth == _FIELD_DEPTH:
            self.text.append(text)

    def end(self, name: str) -> None:
        if self.depth == _FIELD_DEPTH:
            self.found[-1][local(name)] = "".join(self.text).strip()
        self.depth -= 1


def _grid(requests: Iterable[dict[str, Any]]) -> Grid:
    """Line 1: the names of the fields in the order in which they come; then one line per request."""
    sheet = SheetBuilder()
    places: dict[str, int] = {}
    for row, request in enumerate(map(_with_closing, requests), start=2):
        for name, value in request.items():
            if name not in places:
                places[name] = len(places) + 1
                sheet.put(1, places[name], name)
            sheet.put(row, places[name], _text(value))
    if _ID not in places:
        raise Unreadable("not_a_table", kind="json")
    sheet.finish()
    return sheet.grid(SOURCE)


def _with_closing(request: dict[str, Any]) -> dict[str, Any]:
    is_closed = str(request.get("status", "")).strip().lower() == "closed"
    if not is_closed or request.get(_CLOSED):
        return request
    return {**request, _CLOSED: request.get("updated_datetime")}


def _text(value: Any) -> str | None:
    """Ids are exact as text; lists and objects (notes, attributes) are not read."""
    return None if value is None or isinstance(value, (dict, list)) else str(value).strip()
