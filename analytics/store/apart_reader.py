"""Run as a script: answers one query with ADBC, the columns on its output as an Arrow stream."""

from __future__ import annotations

import json
import sys

import adbc_driver_sqlite.dbapi
import pyarrow.ipc

_ROWS_AT_A_TIME = 65_536

if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    with (
        adbc_driver_sqlite.dbapi.connect(order["file"]) as connection,
        connection.cursor(adbc_stmt_kwargs={"adbc.sqlite.query.batch_rows": _ROWS_AT_A_TIME}) as cursor,
    ):
        cursor.execute(order["query"])
        batches = cursor.fetch_record_batch()
        with pyarrow.ipc.new_stream(sys.stdout.buffer, batches.schema) as stream:
            for batch in batches:
                stream.write_batch(batch)
