"""Reading SQLite in columns with ADBC, in a process of its own.

ADBC brings a second copy of SQLite. In one process, the second copy closing the file would release the
locks that the first one holds (POSIX drops all locks of a process on any close), in the middle of an import.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.ipc
from sqlalchemy import Engine, Select, literal, select, union_all

from analytics.store.values import arrow_type

_READER: Final = Path(__file__).with_name("apart_reader.py")
_EXAMPLES: Final = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.5}


class ReaderFailed(Exception):  # noqa: N818 - the caller has another way
    """The other process did not come to an end; what it gave is true, but not all."""


def batches_apart(engine: Engine, query: Select) -> Iterator[pa.RecordBatch]:
    """The query's rows, as last committed, types as ``arrow_type``. Raises :class:`ReaderFailed`."""
    # The driver guesses types from the first rows, so the first row shows it every type.
    first = select(*(literal(_EXAMPLES[arrow_type(c)]).label(c.name) for c in query.selected_columns))
    statement = union_all(first, query).compile(engine, compile_kwargs={"literal_binds": True})
    order = {"file": str(Path(str(engine.url.database)).resolve()), "query": str(statement)}
    command = [sys.executable, "-P", str(_READER), json.dumps(order)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            stream = pa.ipc.open_stream(process.stdout)
            yield stream.read_next_batch().slice(1)
            yield from stream
        except (OSError, StopIteration, pa.ArrowInvalid):
            raise ReaderFailed from None
    if process.returncode:
        raise ReaderFailed
