"""XML read as a stream: entity definitions are refused, nothing outside the file is ever fetched."""

from __future__ import annotations

import re
from typing import IO, Any, Final, NoReturn
from xml.parsers import expat

from analytics.intake.refusals import Unreadable

_CHUNK: Final = 1 << 20


def new_parser(namespaces: bool = False) -> expat.XMLParserType:
    """A parser that joins a name and its namespace by a blank, if asked to tell namespaces apart."""
    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entities
    parser.UnparsedEntityDeclHandler = _refuse_entities
    parser.ExternalEntityRefHandler = _refuse_entities
    return parser


def feed(parser: expat.XMLParserType, stream: IO[bytes]) -> None:
    """Parse ``stream`` to its end; raises :class:`Unreadable` where it is not well-formed XML."""
    try:
        while block := stream.read(_CHUNK):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable("damaged") from error


def without_declaration(text: str) -> str:
    """The declared encoding no longer holds once the text is decoded."""
    return text[text.find("?>") + 2 :].lstrip() if text.startswith("<?xml") else text


def local(name: str) -> str:
    """The name without its namespace or prefix."""
    return re.split("[ :]", name)[-1]


def _refuse_entities(*_declaration: Any) -> NoReturn:
    raise Unreadable("xml_entities")
