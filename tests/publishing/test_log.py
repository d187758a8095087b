"""Logs are JSON, carry run and delivery id, rotate, and quote no delivered values."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import log
from orchestration.home import AnxinError, Home

logger = logging.getLogger("orchestration.ingestion.loader")


@pytest.fixture(autouse=True)
def no_handlers_stay() -> Iterator[None]:
    """Close the log files that a test opened."""
    yield
    root = logging.getLogger("orchestration")
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()


def lines(path: Path) -> list[dict[str, Any]]:
    """Parse a log file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_record_is_one_line_of_json_with_ids_and_extras(home: Home) -> None:
    path = log.configure(home, "run-1")
    assert path == home.logs / "anxin.jsonl"
    logger.info("已装载 %d rows\nand more", 5, extra={"delivery_id": 7, "feed": "orders"})
    with log.about_delivery(8):
        logger.warning("held")
    logger.debug("not recorded")
    first, second = lines(path)
    assert first["message"] == "已装载 5 rows\nand more"
    assert (first["level"], first["logger"]) == ("info", logger.name)
    assert (first["run_id"], first["delivery_id"], first["feed"]) == ("run-1", 7, "orders")
    assert first["ts"].endswith("+00:00")
    assert (second["delivery_id"], second["level"]) == (8, "warning")


def test_configuring_again_replaces_the_file_and_the_run(home: Home, tmp_path: Path) -> None:
    first = log.configure(home, "run-1")
    logger.info("one")
    second = log.configure(Home(tmp_path / "other"), "run-2", verbose=True)
    logger.debug("two")
    assert [line["message"] for line in lines(first)] == ["one"]
    assert [(line["message"], line["run_id"]) for line in lines(second)] == [("two", "run-2")]
    assert log.current_run_id() == "run-2"


def test_a_home_that_is_removed_meanwhile_keeps_nobody_from_logging(
    home: Home, tmp_path: Path
) -> None:
    first = log.configure(home, "run-1")
    logger.info("one")
    shutil.rmtree(first.parent)
    for _ in range(2):
        logger.info("nowhere")
    second = log.configure(Home(tmp_path / "other"), "run-2")
    logger.info("two")
    assert [line["message"] for line in lines(second)] == ["two"]


def test_a_thread_without_a_context_carries_the_run_id(home: Home) -> None:
    path = log.configure(home, "run-1")
    thread = threading.Thread(target=logger.info, args=("from a thread",))
    thread.start()
    thread.join()
    assert lines(path)[0]["run_id"] == "run-1"


def test_an_error_is_told_with_its_causes_but_without_delivered_values(home: Home) -> None:
    path = log.configure(home, "run-1")
    try:
        try:
            duckdb.sql("select cast('13800001111' || 'x' as bigint)").fetchall()
        except duckdb.Error as error:
            raise AnxinError("file 'a.csv', row 3, column phone: not a number") from error
    except AnxinError:
        logger.exception("load failed")
    text = path.read_text()
    assert "13800001111" not in text
    outer, inner = lines(path)[0]["error"]
    assert outer["type"] == "AnxinError"
    assert outer["message"] == "file 'a.csv', row 3, column phone: not a number"
    assert inner["type"] == "ConversionException"
    assert "Could not convert string" in inner["message"]
    assert any(__name__.rpartition(".")[2] in frame for frame in outer["at"])


def test_the_log_rotates_and_two_writers_follow_each_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 2000)
    path = log.configure(home, "run-1")
    other = log._LogFile(path)
    other.setFormatter(log.JsonFormatter("run-2"))
    for number in range(60):
        logger.info("mine", extra={"number": number})
        other.emit(logging.makeLogRecord({"msg": "theirs", "number": number}))
    other.close()
    files = sorted(home.logs.glob("anxin.jsonl*"))
    assert len(files) == 1 + log.BACKUPS
    assert all(file.stat().st_size <= 2000 for file in files)
    newest_first = [path, *(path.with_name(f"{path.name}.{n}") for n in range(1, 6))]
    kept = [line["number"] for file in reversed(newest_first) for line in lines(file)]
    assert kept == sorted(kept), "no line went to a file that had been rotated away"
    assert kept[-2:] == [59, 59]
