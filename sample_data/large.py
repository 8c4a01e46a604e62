"""Large samples: invented communities one after the other, so that memory does not grow with them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from sample_data.complaints import complaint_table
from sample_data.draws import Draws
from sample_data.native import Table, append, courtyard_table, numbered, petition_table
from sample_data.petitions import petitions
from sample_data.places import Community, invented
from sample_data.progress import progress_table

KINDS: Final = ("petitions", "complaints", "courtyards", "progress")

#: How the rows of a large sample begin, by which a file of ours is told from anybody else's.
OWN_MARKS: Final = ("SL", "示例")
_HEADINGS: Final = ("诉求编号,", "投诉编号,", "社区,")


@dataclass(frozen=True)
class Written:
    """How many communities and rows of each kind were written."""

    communities: int
    rows: dict[str, int]


def write_large(folder: Path, count: int, seed: int) -> Written:
    """Writes ``petitions.csv`` (exactly ``count`` rows), ``complaints.csv``, ``courtyards.csv`` and
    ``progress.csv`` into ``folder``; the files appear only when all are complete.

    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = {kind: folder / f"{kind}.csv.part" for kind in KINDS}
    try:
        written = _write_all(unfinished, count, seed)
        for kind, path in unfinished.items():
            path.replace(folder / f"{kind}.csv")
    finally:
        for path in unfinished.values():
            path.unlink(missing_ok=True)
    return written


def others_files(folder: Path) -> list[str]:
    """Names of files in ``folder`` that a sample would replace though no sample has written them."""
    names = [f"{kind}.csv" for kind in KINDS]
    return [name for name in names if (folder / name).exists() and not _is_ours(folder / name)]


def _is_ours(path: Path) -> bool:
    """Whether every row is a sample's, as far as the first one tells; headings alone are nobody's loss."""
    with path.open(encoding="utf-8-sig", errors="replace") as handle:
        heading, first = handle.readline(), handle.readline()
    return heading.startswith(_HEADINGS) and (not first or first.startswith(OWN_MARKS))


def _write_all(paths: dict[str, Path], count: int, seed: int) -> Written:
    communities = list(invented(count, Draws(seed, 0)))
    rows = dict.fromkeys(paths, 0)
    with ExitStack() as stack:
        handles = {kind: stack.enter_context(_opened(path)) for kind, path in paths.items()}
        for number, (community, share) in enumerate(
            zip(communities, _shares(communities, count), strict=True)
        ):
            for kind, table in _tables(community, share, seed, number).items():
                rows[kind] += append(handles[kind], table, heading=number == 0)
    return Written(len(communities), rows)


def _opened(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8-sig", newline="")


def _shares(communities: list[Community], count: int) -> list[int]:
    """``count`` petitions shared out by households, to the last one."""
    total = sum(c.households for c in communities)
    shares, given, households = [], 0, 0
    for community in communities:
        households += community.households
        upto = count * households // total
        shares.append(upto - given)
        given = upto
    return shares


def _tables(community: Community, share: int, seed: int, number: int) -> dict[str, Table]:
    handled = petitions(community, share, Draws(seed, 1, number))
    case_ids = numbered(community.code, share)
    return {
        "petitions": petition_table(handled, community, case_ids),
        "complaints": complaint_table(community, Draws(seed, 2, number)),
        "courtyards": courtyard_table((community,)),
        "progress": progress_table(handled, case_ids, Draws(seed, 3, number)),
    }
