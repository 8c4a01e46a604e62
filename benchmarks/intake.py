"""Files into SQLite: this program's import beside what one would write by hand with pandas, Polars or DuckDB.

``python -m benchmarks.intake [--csv 1000000] [--xlsx 100000]``. Each run is a process of its own: wall seconds,
CPU seconds of it and of all processes it started, and the highest sum of their resident memory. The others read
and store; only this program checks every value, keeps an account of the import and can take it back. What all
have to agree on is how many rows are stored. DuckDB writes a file of its own, for want of a way into SQLite that
needs no download.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sample_data import DEFAULT_SEED
from sample_data.large import write_large

ROOT: Final = Path(__file__).parents[1]
#: Seconds between two looks at the memory.
_PULSE: Final = 0.05
#: Columns of the workbook: the sample's without those for clerks (who took it in, handed it on, typed it).
XLSX_COLUMNS: Final = (
    "诉求编号", "上报时间", "社区", "院落", "楼栋", "单元", "诉求人", "联系电话", "诉求类别", "诉求内容",
    "来源", "接单主体", "诉求颜色", "响应时间", "到场时间", "方案时间", "办结时间", "回访时间", "满意度", "状态",
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds, and bytes at the peak."""

    wall: float
    cpu: float
    memory: int


# --- what is run, each in a process of its own ----------------------------------------------------------


def ours(file: str, database: str) -> None:
    """The import command, as one would give it."""
    from analytics.__main__ import main

    if main(["import", "petitions", file, "--db", database]) > 1:
        sys.exit("the import was refused")


def undo(batch: str, database: str) -> None:
    """The command that takes an import back."""
    from analytics.__main__ import main

    if main(["imports", "undo", batch, "--db", database]):
        sys.exit("nothing was taken back")


def pandas_csv(file: str, database: str) -> None:
    """``pandas.read_csv`` and ``to_sql``."""
    import pandas as pd

    with sqlite3.connect(database) as connection:
        pd.read_csv(file).to_sql("petitions", connection, index=False)


def polars_csv(file: str, database: str) -> None:
    """``polars.read_csv`` and ``write_database`` by ADBC."""
    import polars as pl

    pl.read_csv(file).write_database("petitions", f"sqlite:///{database}", engine="adbc")


def duckdb_csv(file: str, database: str) -> None:
    """``read_csv`` of DuckDB into a file of its own."""
    import duckdb

    with duckdb.connect(database) as connection:
        connection.execute("CREATE TABLE petitions AS SELECT * FROM read_csv(?)", [file])


def pandas_xlsx(file: str, database: str) -> None:
    """``pandas.read_excel`` as it comes (openpyxl) and ``to_sql``."""
    _pandas_xlsx(file, database, "openpyxl")


def pandas_calamine_xlsx(file: str, database: str) -> None:
    """``pandas.read_excel`` with calamine and ``to_sql``."""
    _pandas_xlsx(file, database, "calamine")


def polars_xlsx(file: str, database: str) -> None:
    """``polars.read_excel`` (calamine) and ``write_database`` by ADBC."""
    import polars as pl

    pl.read_excel(file).write_database("petitions", f"sqlite:///{database}", engine="adbc")


def _pandas_xlsx(file: str, database: str, engine: str) -> None:
    import pandas as pd

    with sqlite3.connect(database) as connection:
        pd.read_excel(file, engine=engine).to_sql("petitions", connection, index=False)


TASKS: Final[dict[str, Callable[[str, str], None]]] = {
    task.__name__: task
    for task in (
        ours, undo, pandas_csv, polars_csv, duckdb_csv, pandas_xlsx, pandas_calamine_xlsx, polars_xlsx,
    )
}  # fmt: skip
OF_CSV: Final = ("pandas_csv", "polars_csv", "duckdb_csv")
OF_XLSX: Final = ("pandas_xlsx", "pandas_calamine_xlsx", "polars_xlsx")


# --- measuring ------------------------------------------------------------------------------------------


def measured(task: str, subject: str, database: Path) -> Cost:
    """Run a task to its end. Raises :class:`subprocess.CalledProcessError` when it fails."""
    command = [sys.executable, "-m", "benchmarks.intake", "--task", task, subject, str(database)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    peak = _Peak(process.pid)
    _pid, status, used = os.wait4(process.pid, 0)
    wall, memory = time.perf_counter() - begun, peak.end(otherwise=used.ru_maxrss * 1024)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(wall, used.ru_utime + used.ru_stime, memory)


class _Peak:
    """Looks at the memory of a process and its children until told to end."""

    def __init__(self, pid: int) -> None:
        self.pid, self.highest = pid, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def end(self, otherwise: int) -> int:
        """The most that was seen, in bytes, or ``otherwise`` where the system has no ``/proc``."""
        self.over.set()
        self.thread.join()
        return self.highest or otherwise

    def _watch(self) -> None:
        while not self.over.wait(_PULSE):
            self.highest = max(self.highest, _memory(self.pid))


def _memory(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_memory(int(child)) for child in children)


# --- files ----------------------------------------------------------------------------------------------


def csv_file(folder: Path, rows: int) -> Path:
    """A sample of ``rows`` petitions as the program writes it."""
    write_large(folder / f"csv-{rows}", rows, DEFAULT_SEED)
    return folder / f"csv-{rows}" / "petitions.csv"


def xlsx_file(folder: Path, rows: int) -> Path:
    """``rows`` petitions in the 20 columns of :data:`XLSX_COLUMNS`, times as Excel keeps them."""
    import polars as pl

    columns = list(XLSX_COLUMNS)
    table = pl.read_csv(csv_file(folder, rows), columns=columns, try_parse_dates=True).select(columns)
    path = folder / f"petitions-{rows}.xlsx"
    table.write_excel(path, dtype_formats={pl.Datetime: "yyyy-mm-dd hh:mm:ss"})
    return path


# --- what is printed ------------------------------------------------------------------------------------


def compare(title: str, file: Path, others: Sequence[str], folder: Path) -> None:
    """One file by this program (first, again, taken back) and by the others; exits 1 unless they agree."""
    print(f"{title}, {file.stat().st_size / 1e6:,.0f} MB")
    mine = folder / f"ours-{file.stem}.db"
    base = measured("ours", str(file), mine)
    show("this program", base, base)
    stored = count_sqlite(mine)
    for name in others:
        database = folder / f"{name}-{file.stem}.db"
        cost = measured(name, str(file), database)
        show(name, cost, base)
        if (
            rows := count_duckdb(database) if name.startswith("duckdb") else count_sqlite(database)
        ) != stored:
            sys.exit(f"{name} stored {rows} rows, this program {stored}")
        database.unlink()
    show("the same file again", measured("ours", str(file), mine), base)
    if count_sqlite(mine) != stored:
        sys.exit("the second import added rows")
    for batch, what in (("2", "taking the second import back"), ("1", "taking the first import back")):
        show(what, measured("undo", batch, mine), base)
    if count_sqlite(mine):
        sys.exit("rows are left")


def count_sqlite(database: Path) -> int:
    """Petitions in an SQLite file."""
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM petitions").fetchone()[0])


def count_duckdb(database: Path) -> int:
    """Petitions in a DuckDB file."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        return int(connection.execute("SELECT count(*) FROM petitions").fetchone()[0])  # type: ignore[index]


def show(name: str, cost: Cost, base: Cost) -> None:
    """One line: seconds, memory, and the CPU time as a multiple of our first import's."""
    print(
        f"  {name:32}{cost.wall:8.1f} s wall{cost.cpu:8.1f} s CPU{cost.memory / 2**30:8.2f} GiB"
        f"{cost.cpu / base.cpu:8.2f} x CPU of ours",
        flush=True,
    )


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print; with ``--task`` be one of the processes that are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=int, default=1_000_000, metavar="ROWS")
    parser.add_argument("--xlsx", type=int, default=100_000, metavar="ROWS")
    parser.add_argument("--task", nargs=3, metavar=("TASK", "SUBJECT", "DATABASE"), help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.task:
        name, subject, database = args.task
        TASKS[name](subject, database)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(f"load before: {os.getloadavg()[0]:.1f}")
        compare(f"CSV, {args.csv:,} rows", csv_file(folder, args.csv), OF_CSV, folder)
        compare(
            f"XLSX, {args.xlsx:,} rows × {len(XLSX_COLUMNS)} columns",
            xlsx_file(folder, args.xlsx), OF_XLSX, folder,
        )  # fmt: skip
        print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
