"""``load-sample``: puts the committed sample files into a new database, so that there is something to see."""

from __future__ import annotations

import argparse
from typing import Any

from analytics import intake, store
from analytics.commands import common
from analytics.i18n import gettext as _
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF


def register(subparsers: Any) -> None:
    """Add the ``load-sample`` command."""
    parser = subparsers.add_parser("load-sample", help=_("把示例数据装入一个新数据库；已有数据时什么也不做"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Load what is missing of the samples unless anything else was ever imported; exits 0 either way."""
    engine = store.connect(args.db)
    history = store.imports(engine)
    missing = [] if (~history["sample"]).any() else _missing(set(history["file"]))
    inserted = 0
    for name, kind in missing:
        records = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        # The samples are imported "at" their own as-of: the store answers it as sample_as_of.
        inserted += store.save(engine, records, who=_("示例"), now=SAMPLE_AS_OF, sample=True).inserted
    message = _sentence(len(missing), inserted)
    if args.json:
        files = [name for name, _kind in missing]
        common.print_json({"files": files, "inserted": inserted, "message": message})
    else:
        print(message)
    return 0


def _missing(loaded: set[str]) -> list[tuple[str, str]]:
    """Files not yet loaded; not all of them only where an earlier loading was cut short."""
    return [(name, kind) for name, kind in COMMITTED if name not in loaded]


def _sentence(files: int, inserted: int) -> str:
    if files:
        return _("已装入示例数据：{files} 个文件，{rows} 行。第一次导入真实数据时会自动移出。").format(
            files=files, rows=inserted
        )
    return _("数据库里已有导入过的数据，没有再装入示例数据。")
