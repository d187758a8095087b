"""What has to hold after every step of a history, asked cheaply; the comparison is apart."""

from __future__ import annotations

from .databases import Databases
from .loading import ENTITIES
from .recording import Model

_LOADED = " union all ".join(
    f"select _delivery_id, count(*) as row_count from raw.{name} group by all" for name in ENTITIES
)
_LOST = f"""
with loaded as ({_LOADED}),
quarantined as (
    select delivery_id, count(*) as row_count from raw.quarantine group by all
)
select deliveries.path, rows_read, rows_accepted, rows_quarantined
from raw.deliveries as deliveries
left join loaded on deliveries.delivery_id = loaded._delivery_id
left join quarantined on deliveries.delivery_id = quarantined.delivery_id
where rows_read is distinct from rows_accepted + rows_quarantined
    or rows_accepted <> coalesce(loaded.row_count, 0)
    or rows_quarantined <> coalesce(quarantined.row_count, 0)
"""
_TWICE = """
select path, count(*) from raw.deliveries where status = 'accepted'
group by all having count(*) > 1
"""


def nothing_is_lost(pair: Databases) -> None:
    """Rows read = accepted + quarantined for every delivery; one content counts per path."""
    assert not (lost := pair.rows(_LOST)), f"rows lost or made up: {lost}"
    assert not (twice := pair.rows(_TWICE)), f"paths that count twice: {twice}"


def again_changes_nothing(pair: Databases, model: Model) -> None:
    """A model that has read everything moves neither rows nor log when it runs once more."""
    if not pair.exists(model) or not pair.is_idle(model):
        return
    before = pair.digest(model), pair.heads().get(model.name)
    with pair.in_passing():
        ran = pair.run({model.name})
    if ran.built.get(model.name) != "refresh":
        return  # other code or a lost input: it is right to build anew
    after = pair.digest(model), pair.heads().get(model.name)
    assert before == after, f"{model.name}: running again moved {before} to {after}"
