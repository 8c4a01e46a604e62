"""What a written report says, read out of the file again: texts, tables, and the figures of its charts."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def plain(text):
    """Without the signs that only keep lines together."""
    return text.replace("\u00a0", " ").replace("\u200b", "")


def charts(package):
    """Title-less charts of an Office file: per chart, series name → its cached figures (None: a gap)."""
    found = []
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        names = sorted(
            (n for n in files.namelist() if "/charts/chart" in n and n.endswith(".xml")), key=_number
        )
        for name in names:
            root = etree.fromstring(files.read(name))
            found.append({_name(series): _values(series) for series in root.iter(f"{C}ser")})
    return found


def _number(name):
    return int("".join(filter(str.isdigit, name.rpartition("/")[2])))


def _name(series):
    return series.find(f"{C}tx").findtext(f".//{C}v")


def _values(series):
    cache = series.find(f"{C}val").find(f".//{C}numCache")
    size = int(cache.find(f"{C}ptCount").get("val"))
    values = [None] * size
    for point in cache.iter(f"{C}pt"):
        values[int(point.get("idx"))] = float(point.findtext(f"{C}v"))
    return values


def workbooks(package):
    """The workbooks embedded in an Office file, as rows."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        names = sorted((n for n in files.namelist() if n.endswith(".xlsx")), key=_number)
        return [
            [list(row) for row in openpyxl.load_workbook(io.BytesIO(files.read(name))).active.values]
            for name in names
        ]


def validate(package, path: Path):
    """The Open XML SDK finds no fault; skipped where its validator is not installed."""
    program = shutil.which("ooxml-validator")
    if program is None:
        pytest.skip("ooxml-validator is not installed")
    path.write_bytes(package)
    answer = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    assert '"ok": true' in answer.stdout, answer.stdout
