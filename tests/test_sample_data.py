"""The samples: the figures they promise, the same bytes every time, nobody real, nothing rejected."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sample_data import COMMITTED, DEFAULT_SEED, FILES, SAMPLE_AS_OF
from sample_data.draws import Draws
from sample_data.large import write_large
from sample_data.native import PHONE_PREFIX
from sample_data.pilots import ADDED_PREFIX, SEED_FIGURES, write_committed

TIMES = [
    "上报时间",
    "接件时间",
    "派单时间",
    "录入时间",
    "响应时间",
    "到场时间",
    "方案时间",
    "办结时间",
    "回访时间",
    "重开时间",
]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FILES / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def times(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts.where(texts != ""), format="ISO8601")


@pytest.fixture(scope="module")
def taiji() -> pd.DataFrame:
    return table("petitions_taiji.csv")


@pytest.fixture(scope="module")
def guidong() -> pd.DataFrame:
    return table("petitions_guidong.csv")


@pytest.fixture(scope="module")
def courtyards() -> pd.DataFrame:
    return table("courtyards.csv")


def actual_colours(petitions: pd.DataFrame) -> pd.Series:
    """Computed apart from the product: closed within 3 days, a month, six months, else grey."""
    reported, resolved = times(petitions["上报时间"]), times(petitions["办结时间"])
    limits = {
        "green": pd.Timedelta(days=3),
        "yellow": pd.DateOffset(months=1),
        "red": pd.DateOffset(months=6),
    }
    within = [resolved <= reported + limit for limit in limits.values()]
    return pd.Series(np.select([resolved.isna(), *within], ["open", *limits], "grey"), petitions.index)


def test_draws_are_the_same_bits_everywhere():
    assert Draws(1).bits(3).tolist() == [2198257139, 4082210491, 619160822]
    assert Draws(1).spread((0, 10, 20), 1000).max() < 20
    assert Counter(Draws(2).pick((1, 0, 3), 4000).tolist()).keys() == {0, 2}


def test_82_handled_petitions_are_55_green_15_yellow_12_red(taiji):
    handled = taiji[~taiji["诉求编号"].str.startswith(ADDED_PREFIX)]
    assert len(handled) == 82
    assert Counter(actual_colours(handled)) == SEED_FIGURES == {"green": 55, "yellow": 15, "red": 12}
    assert set(handled["是否无法解决"]) == {"否"}


def test_additions_are_open_or_grey_and_marked(taiji):
    added = taiji[taiji["诉求编号"].str.startswith(ADDED_PREFIX)]
    assert len(added) == 10
    assert set(actual_colours(added)) == {"open", "grey"}
    assert "是" in set(added["是否无法解决"])


def test_some_expected_green_turned_out_red(taiji):
    assert ((taiji["诉求颜色"] == "绿") & (actual_colours(taiji) == "red")).any()
    assert (taiji["诉求颜色"] != "").all()


def test_places_have_the_given_sizes(courtyards):
    pilot = courtyards[courtyards["社区"] == "太极社区"].iloc[0]
    assert (pilot["院落"], pilot["单元数"]) == ("丽晶公馆", "13")
    assert int(pilot["人口"]) > 4000
    nine = courtyards[courtyards["社区"] == "桂东社区"]
    assert nine["院落"].tolist() == [f"{n}号院" for n in range(1, 10)]
    assert (nine["户数"].astype(int).sum(), nine["人口"].astype(int).sum()) == (329, 756)


def test_launches_are_staggered_by_months(courtyards):
    waves = courtyards[courtyards["社区"] == "桂东社区"].groupby("上线日期").size()
    assert waves.to_dict() == {"2023-03-06": 3, "2023-07-03": 3, "2023-11-06": 3}


def test_complaints_14_months_before_10_after_about_half():
    months = times(table("complaints_taiji.csv")["投诉时间"]).dt.to_period("M")
    counts = months.value_counts().sort_index()
    assert len(counts) == 24
    before, after = counts[:"2023-08"], counts["2023-09":]
    assert (len(before), len(after)) == (14, 10)
    assert 0.45 < after.mean() / before.mean() < 0.55


def test_monthly_complaints_have_no_gaps():
    months = table("complaint_months_guidong.csv")
    assert len(months) == 9 * 24
    assert months.groupby("院落")["月份"].nunique().eq(24).all()


def test_one_courtyard_is_clearly_worse_and_one_clearly_better(guidong):
    minutes = (times(guidong["响应时间"]) - times(guidong["上报时间"])).dt.total_seconds() / 60
    in_time = (minutes <= 5).groupby(guidong["院落"]).mean().drop("")
    assert in_time.idxmin() == "6号院"
    assert in_time.idxmax() == "2号院"
    assert in_time["2号院"] - in_time.median() > 0.07
    assert in_time.median() - in_time["6号院"] > 0.2


def test_days_and_weeks_have_a_rhythm(guidong):
    reported = times(guidong["上报时间"])
    hours = reported.dt.hour.value_counts().reindex(range(24), fill_value=0)
    assert hours[[8, 9, 18, 19]].min() > hours[[0, 1, 2, 3, 4, 5]].max()
    weekdays = reported.dt.day_of_week.value_counts()
    assert weekdays[0] > weekdays[6]


def test_faults_are_two_of_each(guidong):
    reported, responded = times(guidong["上报时间"]), times(guidong["响应时间"])
    dated = guidong["响应时间"].str.fullmatch(r"\d{4}-\d\d-\d\d")
    assert dated.sum() == 2
    assert ((responded < reported) & ~dated).sum() == 2
    assert (guidong["院落"] == "").sum() == 2
    assert ((guidong["状态"] == "已办结") & (guidong["办结时间"] == "")).sum() == 2


def test_repeats_come_within_30_days(guidong):
    place = ["院落", "楼栋", "单元", "诉求人", "诉求类别"]
    rows = guidong.assign(reported=times(guidong["上报时间"]), resolved=times(guidong["办结时间"]))
    pairs = rows.merge(rows, on=place, suffixes=("", "_next"))
    gap = pairs["reported_next"] - pairs["resolved"]
    assert ((gap > pd.Timedelta(0)) & (gap <= pd.Timedelta(days=30))).sum() >= 25


@pytest.mark.parametrize("name", ["petitions_taiji.csv", "petitions_guidong.csv"])
def test_nothing_happens_after_the_as_of_nor_out_of_order(name):
    petitions = table(name)
    for column in TIMES:
        assert times(petitions[column]).max() <= SAMPLE_AS_OF
    order = [times(petitions[c]) for c in ("到场时间", "方案时间", "办结时间")]
    for earlier, later in pairwise(order):
        assert not (earlier > later).any()


def test_progress_belongs_to_petitions_and_lies_within_them(taiji, guidong):
    every = pd.concat([taiji, guidong]).set_index("诉求编号")
    reports = table("progress.csv")
    assert not reports.duplicated(["诉求编号", "反馈时间"]).any()
    told = times(reports["反馈时间"]).to_numpy()
    of = every.loc[reports["诉求编号"]]
    assert (told > times(of["上报时间"]).to_numpy()).all()
    assert (told <= times(of["办结时间"]).fillna(SAMPLE_AS_OF).to_numpy()).all()


def test_every_id_is_unique(taiji, guidong):
    ids = [*taiji["诉求编号"], *guidong["诉求编号"], *table("try_import.csv")["诉求编号"]]
    assert len(ids) == len(set(ids))
    assert table("complaints_taiji.csv")["投诉编号"].is_unique


@pytest.mark.parametrize("path", sorted(FILES.glob("*.csv")), ids=lambda p: p.name)
def test_nobody_real(path):
    text = path.read_text(encoding="utf-8-sig")
    long_numbers = re.findall(r"(?<!\d)\d{7,}(?!\d)", text)
    assert all(n.startswith(PHONE_PREFIX) and len(n) == 11 for n in long_numbers)
    assert not re.search(r"[\w.]+@[\w.]+|\d{17}[\dXx]", text)
    if "诉求人" in text.splitlines()[0]:
        assert table(path.name)["诉求人"].str.fullmatch(r"\w(先生|女士|阿姨|大爷)").all()


def test_committed_files_are_what_the_generator_writes(tmp_path):
    write_committed(tmp_path, DEFAULT_SEED)
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in FILES.iterdir()}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FILES / path.name).read_bytes(), path.name


def test_the_dictionary_counts_rows_and_names_columns_truly(taiji):
    readme = (FILES.parent / "README.md").read_text(encoding="utf-8")
    for name, rows in re.findall(r"^\| `(\w+\.csv)` \|.*\| (\d+) \|$", readme, re.MULTILINE):
        assert len(table(name)) == int(rows), name
    missing = [c for c in taiji if c.removesuffix("时间") not in readme]
    assert not missing


@pytest.mark.parametrize("count", [1, 10, 999, 40_000])
def test_large_samples_have_exactly_that_many_petitions(tmp_path, count):
    written = write_large(tmp_path, count, seed=1)
    with (tmp_path / "petitions.csv").open(encoding="utf-8-sig", newline="") as handle:
        ids = [row["诉求编号"] for row in csv.DictReader(handle)]
    assert len(ids) == len(set(ids)) == written.rows["petitions"] == count
    assert written.rows["courtyards"] == max(9, count // 2000)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "complaints.csv", "courtyards.csv", "petitions.csv", "progress.csv",
    ]  # fmt: skip


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_large(tmp_path / name, 500, seed)
    for kind in ("petitions", "complaints", "courtyards", "progress"):
        a, b, c = ((tmp_path / name / f"{kind}.csv").read_bytes() for name in "abc")
        assert a == b != c


def read_as(path: Path, kind: str):
    intake = pytest.importorskip("analytics.intake")
    if not hasattr(intake, "read"):
        pytest.skip("no reader yet")
    return intake.read(path, path.name, kind, now=SAMPLE_AS_OF)


@pytest.mark.parametrize(("name", "kind"), COMMITTED)
def test_committed_files_import_without_a_rejected_row(name, kind):
    result = read_as(FILES / name, kind)
    assert result.rejected.empty, result.rejected.head().to_dict("records")
    assert len(result.records) == result.rows_read == len(table(name))
    assert len(result.columns) == len(table(name).columns)


def test_large_samples_import_without_a_rejected_row(tmp_path):
    write_large(tmp_path, 2000, seed=3)
    for kind in ("petitions", "complaints", "courtyards", "progress"):
        result = read_as(tmp_path / f"{kind}.csv", kind)
        assert result.rejected.empty, result.rejected.head().to_dict("records")


def test_try_import_has_ten_good_and_two_bad_rows():
    result = read_as(FILES / "try_import.csv", "petitions")
    assert len(result.records) == 10
    assert sorted(set(result.rejected["row"])) == [7, 9]


def run(capsys, *arguments: str) -> tuple[int, str]:
    main = pytest.importorskip("analytics.__main__").main
    try:
        code = main(list(arguments))
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, said.out + said.err


def test_sample_command_says_what_it_wrote(tmp_path, capsys):
    code, said = run(capsys, "sample", "--petitions", "50", "--out", str(tmp_path / "s"), "--json")
    assert code == 0
    assert json.loads(said)["rows"]["petitions"] == 50


def test_sample_command_replaces_its_own_files_but_nobody_elses(tmp_path, capsys):
    arguments = ("sample", "--petitions", "5", "--out", str(tmp_path))
    assert run(capsys, *arguments)[0] == 0
    assert run(capsys, *arguments)[0] == 0
    (tmp_path / "petitions.csv").write_text("诉求编号,上报时间\nA1,2024-06-03\n", encoding="utf-8")
    code, said = run(capsys, *arguments)
    assert code == 2
    assert "petitions.csv" in said
    assert "A1" in (tmp_path / "petitions.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("wrong", ["0", "-3", "many"])
def test_sample_command_refuses_wrong_numbers(tmp_path, capsys, wrong):
    code, said = run(capsys, "sample", "--petitions", wrong, "--out", str(tmp_path))
    assert code == 2
    assert len(said.strip().splitlines()) <= 3


def test_load_sample_fills_an_empty_database_once(tmp_path, capsys):
    store = pytest.importorskip("analytics.store")
    url = f"sqlite:///{tmp_path / 'sample.db'}"
    code, _said = run(capsys, "load-sample", "--db", url)
    assert code == 0
    engine = store.connect(url)
    assert len(store.petitions(engine)) == 692
    assert len(store.courtyards(engine)) == 10
    assert len(store.progress(engine)) == len(table("progress.csv"))
    assert len(store.complaints(engine)) == 229
    assert len(store.complaint_months(engine)) == 216
    assert store.sample_as_of(engine) == SAMPLE_AS_OF
    before = store.data_version(engine)
    code, said = run(capsys, "load-sample", "--db", url)
    assert (code, store.data_version(engine)) == (0, before)
    assert "没有再装入" in said


def test_load_sample_finishes_what_was_cut_short(tmp_path, capsys, monkeypatch):
    command = pytest.importorskip("analytics.commands.load_sample")
    url = f"sqlite:///{tmp_path / 'sample.db'}"
    monkeypatch.setattr(command, "COMMITTED", COMMITTED[:3])
    assert run(capsys, "load-sample", "--db", url)[0] == 0
    monkeypatch.setattr(command, "COMMITTED", COMMITTED)
    code, said = run(capsys, "load-sample", "--db", url, "--json")
    assert code == 0
    assert json.loads(said)["files"] == [name for name, _kind in COMMITTED[3:]]


def test_load_sample_leaves_real_records_alone(tmp_path, capsys):
    url = f"sqlite:///{tmp_path / 'real.db'}"
    assert run(capsys, "import", "petitions", str(FILES / "try_import.csv"), "--db", url)[0] == 1
    code, said = run(capsys, "load-sample", "--db", url)
    assert code == 0
    assert "没有再装入" in said


def test_the_first_real_import_takes_the_samples_out(tmp_path, capsys):
    store = pytest.importorskip("analytics.store")
    url = f"sqlite:///{tmp_path / 'sample.db'}"
    run(capsys, "load-sample", "--db", url)
    assert run(capsys, "import", "petitions", str(FILES / "try_import.csv"), "--db", url)[0] == 1
    engine = store.connect(url)
    assert (len(store.petitions(engine)), len(store.complaints(engine))) == (10, 0)
    assert store.sample_as_of(engine) is None
