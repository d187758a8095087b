"""Wherever an erasure is killed, the next writer ends it, or it never began."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import pipeline
from orchestration.home import PROJECT, Home
from orchestration.verify import verify
from tests.erasing.conftest import copied
from tests.erasing.people import PERSON, erase, naming, rows

pytestmark = pytest.mark.whole

ERASED = "select count(*) from raw.erasures"


@pytest.fixture(scope="module")
def killed(known: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    """Homes by the step before which an erasure was killed there; the last one lived."""
    root = tmp_path_factory.mktemp("killed")
    copied(known, root / "start")
    done = subprocess.run(
        [sys.executable, "-m", "tests.erasing.actor", str(root)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert list(lines.values())[:-1] == ["killed"] * (len(lines) - 1)
    assert list(lines.values())[-1] == "ended 0", done.stderr
    return {name: Home(root / name) for name in lines}


def files(home: Home) -> set[str]:
    """Names of what stands in a home, but for logs and pages, whose names carry run ids."""
    return {
        path.relative_to(home.root).as_posix()
        for path in home.root.rglob("*")
        if path.is_file() and not {home.logs, home.docs} & set(path.parents)
    }


@pytest.mark.soak
def test_whoever_erases_again_after_a_kill_finds_all_done_in_the_end(
    killed: dict[str, Home],
) -> None:
    lived = list(killed)[-1]
    assert len(killed) > 10
    for name, home in killed.items():
        erase(home)
        assert naming(home) == set(), name
        assert files(home) == files(killed[lived]), name
        assert rows(home.warehouse, ERASED) == [(1,)], name


def test_a_kill_inside_the_transaction_erases_nothing(known: Home, tmp_path: Path) -> None:
    home = copied(known, tmp_path / "home")
    before = rows(home.warehouse, f"from raw.orders where customer_id = '{PERSON}'")
    code = (
        "import os, signal, sys; from orchestration.home import Home;"
        "from orchestration.ingestion import erasures; from tests.erasing.people import erase;"
        "erasures.empty_texts = lambda *a: os.kill(os.getpid(), signal.SIGKILL);"
        "from pathlib import Path; erase(Home(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], cwd=PROJECT, check=False)
    assert done.returncode == -9
    with pipeline.opened(home, "ingest") as opened:
        opened.finish("ingested", "nothing to do")
    assert rows(home.warehouse, f"from raw.orders where customer_id = '{PERSON}'") == before != []
    assert rows(home.warehouse, ERASED) == [(0,)]


@pytest.mark.soak
def test_the_next_run_after_a_kill_ends_what_was_committed(
    known: Home, mended: Home, tmp_path: Path
) -> None:
    home = copied(known, tmp_path / "home")
    code = (
        "import os, signal, sys; from orchestration.home import Home;"
        "from orchestration import erasing; from tests.erasing.people import erase;"
        "erasing.finish = lambda *a: os.kill(os.getpid(), signal.SIGKILL);"
        "from pathlib import Path; erase(Home(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], cwd=PROJECT, check=False)
    assert done.returncode == -9
    assert rows(home.warehouse, ERASED) == [(1,)]
    assert home.unfinished_erasure.exists()
    assert pipeline.run(home).outcome == "published"
    assert naming(home) == set()
    assert files(home) == files(mended)
    for table in ("core.fct_orders", "core.dim_customers", "sales.agg_sales_daily"):
        query = f"from {table} order by all"
        assert rows(home.published, query) == rows(mended.published, query)
    with pipeline.opened(home, "verify") as opened:
        assert verify(opened).is_equal
