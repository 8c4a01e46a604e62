"""The scenarios that ``what-if`` keeps under a name: save, list, open, delete."""

from __future__ import annotations

import argparse
from typing import Any

from analytics import store, whatif
from analytics.commands import common
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.present import what_if_text, wording
from analytics.scope import Scope
from analytics.whatif import Scenario


def add_options(parser: argparse.ArgumentParser) -> None:
    """``--save``, ``--note``, ``--who``; and one of ``--saved``, ``--list``, ``--delete``."""
    parser.add_argument("--save", metavar="NAME", help=_("算出来以后用这个名字存下，连同范围；名字不能已有"))
    parser.add_argument("--note", metavar="TEXT", default="", help=_("存下时附的说明"))
    parser.add_argument("--who", metavar="NAME", help=_("记作谁存的，默认当前登录的用户"))
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--saved", metavar="NAME", help=_("用存着的情景；没有另给范围时，范围也照存下时的"))
    other.add_argument("--list", action="store_true", help=_("列出存着的情景"))
    other.add_argument("--delete", metavar="NAME", help=_("删除存着的情景"))


def show(args: argparse.Namespace) -> int:
    """List the kept scenarios, newest first; exits 0."""
    found = store.scenarios(store.connect(args.db))
    kept = [store.SavedScenario(**row) for row in found.to_dict("records")]
    if args.json:
        common.print_json({"scenarios": [as_dict(one) for one in kept]})
    else:
        print("\n".join(map(_line, kept)) or _("还没有存下情景。"))
    return 0


def delete(args: argparse.Namespace) -> int:
    """Let go of one; exits 0, or 2 when there is none of that name."""
    store.remove_scenario(store.connect(args.db), args.delete)
    message = _("已删除情景「{name}」。").format(name=args.delete)
    if args.json:
        common.print_json({"deleted": args.delete, "message": message})
    else:
        print(message)
    return 0


def opened(kept: store.SavedScenario, data: Dataset, scope: Scope) -> tuple[Scenario, Scope, tuple[str, ...]]:
    """A kept scenario as far as the data still have what it names, its scope, and what they do not have.

    A ``scope`` that narrows anything is meant instead of the kept one.
    """
    scenario, missing = whatif.still_meant(data, whatif.from_address(kept.scenario))
    if scope != Scope():
        return scenario, scope, missing
    own, gone = whatif.still_chosen(data, Scope.from_text(kept.scope))
    return scenario, own, (*gone, *missing)


def save(args: argparse.Namespace, scenario: Scenario, scope: Scope) -> store.SavedScenario:
    """Keep a scenario under the name that the options give; raises StoreError, UsageError for no supposition."""
    if scenario.changes_nothing:
        raise common.UsageError(_("没有任何假设，没有可存的情景。"))
    engine = store.connect(args.db)
    name = store.save_scenario(
        engine, args.save, scenario=whatif.to_address(scenario), scope=scope.to_text(), note=args.note,
        who=args.who or common.user(), now=common.now(),
    )  # fmt: skip
    return store.scenario(engine, name)


def as_dict(kept: store.SavedScenario) -> dict[str, Any]:
    """A kept scenario for programs: what it says, its address, its scope, whose it is."""
    scenario = whatif.from_address(kept.scenario)
    return {
        "name": kept.name, "asked": scenario.to_dict(), "address": kept.scenario,
        "scope": Scope.from_text(kept.scope).to_dict(), "note": kept.note, "who": kept.who, "at": common.iso(kept.at),
    }  # fmt: skip


def _line(kept: store.SavedScenario) -> str:
    said = _("；").join(what_if_text.clauses(whatif.from_address(kept.scenario)))
    text = _("{name}：{said}（{scope}；{who} 于 {at} 存{note}）")
    return text.format(
        name=kept.name, said=said, scope=wording.chosen(Scope.from_text(kept.scope)), who=kept.who,
        at=wording.moment(kept.at), note=_("；") + kept.note if kept.note else "",
    )  # fmt: skip
