"""Mistakes planted in the refresh, as changes of the recorded statements.

Each stands for a way in which an incremental refresh goes wrong without an error. The histories
have to catch every one of them: a proof that can't fail proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .recording import Model, Recording, bare


@dataclass(frozen=True)
class Mutation:
    """A mistake: what it is called, and how the statements of one mode change."""

    name: str
    change: Callable[[Model], Model]

    def plant(self, recording: Recording) -> Recording:
        """Return the recording with the mistake, which must be there in at least one model."""
        models = tuple(self.change(model) for model in recording.models)
        assert models != recording.models, f"{self.name}: nothing to change"
        return replace(recording, models=models)


def _in(modes: str, pattern: str, substitute: str, only: str | None = None) -> Callable[..., Model]:
    """Substitute a pattern in the statements of some modes, or in the decision."""

    def change(model: Model) -> Model:
        if only and model.name != only:
            return model
        put = {"model": model.name, "by": model.by, "relation": model.relation}

        def swap(text: str) -> str:
            return re.sub(pattern.format(**put), substitute.format(**put), text, flags=re.DOTALL)

        statements = {
            mode: tuple(swap(text) for text in texts) if mode in modes else texts
            for mode, texts in model.statements.items()
        }
        decision = swap(model.decision) if "decision" in modes else model.decision
        return replace(model, statements=statements, decision=decision)

    return change


def _commit_marks_early(model: Model) -> Model:
    """Put the marks into a transaction of their own, before the rows."""
    begin, affected, *middle, end, commit = model.statements["refresh"]
    assert bare(commit).lower() == "commit"
    at = end.index("delete from " + model.database + ".changes.marks")
    refresh = (begin, affected, end[at:], commit, begin, *middle, end[:at], commit)
    return replace(model, statements={**model.statements, "refresh": refresh})


MUTATIONS = (
    Mutation("marks are committed early", _commit_marks_early),
    Mutation(
        "marks run ahead",
        _in(
            "refresh",
            r"\(select coalesce\(max\(change_seq\), 0\) from warehouse\.raw\.change_events\), null",
            "(select coalesce(max(change_seq), 0) + 1 from warehouse.raw.change_events), null",
        ),
    ),
    Mutation(
        "an emptied group stays",
        _in(
            "refresh",
            r"having sum\(restate_weight\) <> 0",
            "having sum(restate_weight) > 0",
        ),
    ),
    Mutation(
        "the log has no before images",
        _in(
            "refresh",
            r"from restate_difference\s+cross join",
            "from (from restate_difference where restate_weight > 0) cross join",
        ),
    ),
    Mutation(
        "the row after the widest gap is not read",
        _in("refresh", r"where id >= \(select ends_at", "where id > (select ends_at"),
    ),
    Mutation(
        "the row after the widest gap is read twice",
        _in("refresh", r"where id < \(select ends_at", "where id <= (select ends_at"),
    ),
    Mutation(
        "raw has no before images",
        _in(
            "refresh",
            r"(as _counts\b.*?)where _changed_seq > ",
            r"\1where _counts and _changed_seq > ",
        ),
    ),
    Mutation(
        "a line is mapped by its current order only",
        _in(
            "refresh",
            r"(changes\.int_order_lines_current\s.*?)select order_id from changes",
            r"\1select now.order_id from changes"
            " inner join warehouse.intermediate.int_order_lines_current as now using (line_id)",
            only="fct_order_lines",
        ),
    ),
    Mutation(
        "the span of a version is too short",
        _in(
            "refresh",
            r"attributed_at >= spans\.valid_from or not spans\.has_earlier",
            "attributed_at >= spans.valid_from",
        ),
    ),
    Mutation(
        "a version governs from after its start",
        _in("refresh", r"attributed_at >= spans\.valid_from", "attributed_at > spans.valid_from"),
    ),
    Mutation(
        "a window is a day too short",
        _in(
            "refresh",
            r"(days_after\.number as integer\)\s+from changes\s+cross join) range\((\d+)\)",
            r"\1 range(\2 - 1)",
        ),
    ),
    Mutation(
        "a maturing date is taken for the day after",
        _in(
            "refresh",
            r"max\(data_date\) - (\d+) as last_date",
            r"max(data_date) - \1 - 1 as last_date",
        ),
    ),
    Mutation(
        "a reset is not seen",
        _in("decision", r"or marks\.seq < expected\.reset_seq", ""),
    ),
    Mutation(
        "a changed code is not seen",
        _in("decision", r"then marks\.code <> ", "then false and marks.code <> "),
    ),
    Mutation(
        "refunds are not mapped to the pay date",
        _in(
            "refresh",
            r"select refunded_date from changes union all select paid_date from changes",
            "select refunded_date from changes",
        ),
    ),
    Mutation(
        "placed orders are not mapped to the day of creation",
        _in(
            "refresh",
            r"select created_date from changes union all select paid_date from changes",
            "select paid_date from changes",
        ),
    ),
    Mutation(
        "the log is numbered by the clock of deliveries",
        _in(
            "first rebuild refresh",
            r"coalesce\(max\(seq\), 0\) \+ 1",
            "count(*) * 0 + (select coalesce(max(change_seq), 0) from warehouse.raw.change_events)",
        ),
    ),
    Mutation(
        "a requested range means the rows that are there",
        _in(
            "refresh",
            r"select unnest\(generate_series\(from_date, to_date, interval 1 day\)\)::date"
            r" from requested",
            "select {by} from {relation} inner join requested"
            " on {by} between from_date and to_date",
        ),
    ),
    Mutation(
        "an erased customer is no before image",
        _in(
            "refresh",
            r"as versions\s+where _changed_seq",
            "as versions where _dt is not null and _changed_seq",
            only="int_customers_current",
        ),
    ),
    Mutation(
        "an emptied row is not seen",
        _in(
            "refresh",
            r"greatest\(deliveries\.change_seq, orders\._erased_seq\)",
            "deliveries.change_seq",
            only="int_orders_current",
        ),
    ),
    Mutation(
        "requests are not read",
        _in("refresh", r"where change_seq > \(", "where false and change_seq > ("),
    ),
    Mutation(
        "the oldest version wins",
        _in("refresh", r"order by _version_rank desc", "order by _version_rank"),
    ),
)
