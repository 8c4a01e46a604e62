"""What can go wrong with a database, in one sentence that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from analytics.i18n import gettext as _
from analytics.i18n import mark

_SQLITE: Final = (
    ("SQLITE_FULL", mark("磁盘已满，没有写入任何内容。请腾出空间后再试：{where}")),
    (
        "SQLITE_BUSY",
        mark("数据库正被另一个程序写入，等了很久仍没有轮到，没有写入任何内容。请稍后再试：{where}"),
    ),
    (
        "SQLITE_LOCKED",
        mark("数据库正被另一个程序写入，等了很久仍没有轮到，没有写入任何内容。请稍后再试：{where}"),
    ),
    ("SQLITE_READONLY", mark("数据库所在的文件夹或文件不允许写入，没有写入任何内容。请检查权限：{where}")),
    ("SQLITE_PERM", mark("数据库所在的文件夹或文件不允许写入，没有写入任何内容。请检查权限：{where}")),
    ("SQLITE_CANTOPEN", mark("打不开数据库文件。请确认文件夹存在并且允许读写：{where}")),
    (
        "SQLITE_NOTADB",
        mark("这个文件不是本程序的数据库（或已损坏）。请另选一个，或用备份恢复到新文件：{where}"),
    ),
    ("SQLITE_CORRUPT", mark("数据库文件已损坏。请保留原文件，用最近的备份恢复到新文件：{where}")),
    ("SQLITE_IOERR", mark("读写磁盘时出错，没有写入任何内容。请检查磁盘和剩余空间：{where}")),
)
_POSTGRESQL: Final = (
    ("53100", mark("数据库服务器的磁盘已满，没有写入任何内容。请腾出空间后再试：{where}")),
    ("25006", mark("数据库是只读的，没有写入任何内容：{where}")),
    ("42501", mark("这个数据库账号没有足够的权限：{where}")),
    ("3D000", mark("数据库服务器上没有这个数据库：{where}")),
    ("28", mark("数据库服务器不接受这个账号或密码：{where}")),
    ("55P03", mark("数据库正被另一个程序写入，等了很久仍没有轮到，没有写入任何内容。请稍后再试：{where}")),
    ("57", mark("数据库服务器中断了操作，没有写入任何内容。请稍后再试：{where}")),
    ("08", mark("连不上数据库服务器。请检查地址和网络：{where}")),
)


class StoreError(Exception):
    """The database cannot do what was asked; the message is one translated sentence for people."""


def where(url: URL) -> str:
    """The place of a database as people may see it: a file's path, or an address without password."""
    if url.get_backend_name() == "sqlite":
        return url.database or _("内存")
    return url.render_as_string(hide_password=True)


def busy(url: URL) -> StoreError:
    """Somebody else has been writing all the time."""
    return StoreError(_(dict(_SQLITE)["SQLITE_BUSY"]).format(where=where(url)))


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn the driver's errors into a :class:`StoreError`; their own text may hold residents' data."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_sentence(error.orig).format(where=where(url))) from None
    except sqlite3.Error as error:  # from the driver itself, which copies pages without SQLAlchemy
        raise StoreError(_sentence(error).format(where=where(url))) from None


def _sentence(error: BaseException | None) -> str:
    name = str(getattr(error, "sqlite_errorname", ""))
    state = str(getattr(error, "sqlstate", None) or "")
    for known, sentence in _SQLITE:
        if name.startswith(known):
            return _(sentence)
    for known, sentence in _POSTGRESQL:
        if state.startswith(known):
            return _(sentence)
    if not name and type(error).__name__ == "OperationalError":
        return _("连不上数据库服务器。请检查地址和网络：{where}")
    code = name or state or type(error).__name__
    return _("数据库报错 {code}，没有写入任何内容：{{where}}").format(code=code)
