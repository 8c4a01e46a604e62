"""``supervise``: what is overdue or due at a moment, most urgent first, for people or as JSON."""

from __future__ import annotations

import argparse
from typing import Any

from analytics import supervision
from analytics.commands import common
from analytics.commands.review import add_scope_options, open_dataset, scope_of
from analytics.i18n import gettext as _
from analytics.present import messages, wording


def register(subparsers: Any) -> None:
    """Add the ``supervise`` command."""
    parser = subparsers.add_parser(
        "supervise", help=_("督办：到期和超期的时限、办理、进度反馈、回访，重开和重复的诉求")
    )
    add_scope_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what there is to do; exits 0, whether or not there is anything."""
    data = open_dataset(args)
    scope = scope_of(args, data)
    found = supervision.items(data, scope)
    if args.json:
        common.print_json(supervision.as_dict(data, scope, found))
        return 0
    heading = [wording.scope(scope, data.as_of), messages.counts(found)]
    print("\n".join([*heading, *messages.lines(found, data.as_of)]))
    return 0
