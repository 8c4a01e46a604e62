"""A throw-away PostgreSQL server from Debian's package, in a folder of its own, reached by a socket only."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_MISSING = "没有安装 PostgreSQL（apt-get install postgresql）：存储在 PostgreSQL 上的测试没有运行"


class Server:
    """A running server; each test takes a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://tester@/{name}?host={self._folder}"

    def _address(self, name: str) -> str:
        return f"postgresql://tester@/{name}?host={self._folder}"


@contextmanager
def server() -> Iterator[Server]:
    """Start a server and remove it afterwards; without the programs, skip, or fail where tests must run."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(_MISSING)
    programs_folder = programs[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    account = _account()
    if account:
        shutil.chown(folder, account)
    data = str(folder / "data")
    try:
        _run(
            account,
            programs_folder / "initdb",
            "-D",
            data,
            "-U",
            "tester",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        log = str(folder / "log")
        _run(account, programs_folder / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        yield Server(folder)
        _run(account, programs_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as its own user, or as nobody."""
    if os.geteuid() != 0:
        return None
    import pwd  # not there on Windows

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(account: str | None, *command: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        user=account,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
