"""What the command prints shows delivered text as it is."""

from __future__ import annotations

import pytest

from orchestration import console


@pytest.mark.parametrize("text", ["[/b]", "[smile]", "[red]x[/red]", "back\\"])
def test_what_was_delivered_is_not_read_as_markup(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    console.show_problems([{"path": text, "row": 1, "column": None, "reason": f"is {text}"}])
    key = {"order_id": text}
    console.show_audits(
        {
            "run_id": "r",
            "outcome": "failed",
            "audits": [
                {"severity": "critical", "table": "t", "rule": "r", "observed": text}
                | {"sample": [key]}
            ],
            "failing_rows": {"grain": [key]},
        }
    )
    printed = capsys.readouterr().out
    assert printed.count(text) == 5
