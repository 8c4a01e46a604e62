"""Fixtures that several test files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from analytics import i18n, store
from tests import postgres

# A law is true or not; how long one example takes on a busy machine says nothing about it.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An empty SQLite database in a file of its own."""
    return store.connect(str(tmp_path / "test.db"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A throw-away PostgreSQL server."""
    with postgres.server() as running:
        yield running


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> str:
    """The address of an empty PostgreSQL database."""
    return postgres_server.new_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, one after the other."""
    return str(tmp_path / "each.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins in Chinese, whatever language another one has chosen."""
    monkeypatch.delenv("ANALYTICS_LANG", raising=False)
    i18n.use(i18n._from_environment)
