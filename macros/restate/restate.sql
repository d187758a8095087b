{#-
  The incremental refresh: a model rebuilds the units that a change can touch, and only those.

  restate() in a model names its unit and how each input's changes map to units; affected_rows()
  narrows an input to the affected units. Everything else here runs around the model, in its
  transaction: collect the units, build their rows, replace the units that differ, append the
  differing rows' keys to the model's change log, and move its marks.

  Tables, in the `changes` schema of the database that the model stands in:
    marks(model, input, seq, code)    how far a model has read each input; input '@code' holds
                                      the fingerprint that the model was built with
    heads(model, seq, reset_seq)      the newest entry of a model's log, and its newest reset, or
                                      the last entry that a publish has pruned
    <model>(unit, images..., seq)     the log: keys of rows that changed, before and after
    audited(model, seq)               in the marts: how far each log had come when its audits held
    loaded(name, code)                in the warehouse: what stands there of seeds and staging views
    built(code_fingerprint)           whose seeds and views stand there; written by the pipeline
-#}

{#-
  by           the column that a model rebuilds whole: never null
  affected_by  for every model that is read: a column of its changes that is the unit, or a
               select over `changes` (and other inputs by name) that yields the unit
  images       further columns by which readers of this model find its changed rows
  recompute    a select over `requested(from_date, to_date)` that yields the units of a range of
               business dates; needed unless the unit is itself a date
  slices       in how many parts of the units a full build is made, one after the other: joins over
               all of a large model would not fit into memory
-#}
{% macro restate(by, affected_by, images=[], recompute=none, slices=1) %}
    {%- if flags.EMPTY -%}
        {{ exceptions.raise_compiler_error("--empty would move marks past unread changes") }}
    {%- endif -%}
    {{- config(
        materialized='incremental',
        incremental_strategy='restate',
        pre_hook="{{ restate_begin() }}",
        post_hook="{{ restate_end() }}",
        meta={
            'restate': {
                'by': by, 'affected_by': affected_by, 'images': images, 'recompute': recompute,
                'slices': slices
            }
        },
    ) -}}
    {%- for input in affected_by -%}{%- set _ = ref(input) -%}{%- endfor -%}
    {%- if execute and model.resource_type == 'model' -%}
        {%- do restate_validate(by, affected_by, recompute) -%}
    {%- endif -%}
{% endmacro %}


{#- Refuse a model whose inputs and affected_by don't agree. -#}
{% macro restate_validate(by, affected_by, recompute) %}
    {%- set code = model.raw_code -%}
    {%- for id in model.depends_on.nodes if id.startswith('model.') -%}
        {%- if id.split('.')[2] not in affected_by -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ " reads " ~ id.split('.')[2] ~ ", which affected_by doesn't name"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- for input in affected_by if "ref('" ~ input ~ "')" not in code -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " names " ~ input ~ " in affected_by, but doesn't read it"
        ) }}
    {%- endfor -%}
    {%- if affected_by and recompute is none and not by.endswith('_date') -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " must say in `recompute` how dates map to " ~ by
        ) }}
    {%- endif -%}
{% endmacro %}


{#-
  The relation itself (or a subquery) in a unit test and in a full build, of which it is a slice if
  there are several; the rows of the affected units in an incremental build. A staging view is
  written out over the raw rows of these units, because DuckDB would otherwise compute it for all
  of history first.
-#}
{% macro affected_rows(relation, column) -%}
    {%- if model.resource_type != 'model' or not execute -%}
        {{ relation }}
    {%- elif not is_incremental() and model.config.meta.restate.slices > 1 -%}
        (
            select *
            from {{ relation }}
            where
                hash({{ column }}) % {{ model.config.meta.restate.slices }}
                = {{ model.get('restate_slice', 0) }}
        )
    {%- elif not is_incremental() -%}
        {{ relation }}
    {%- elif relation is string -%}
        (
            select input_rows.*
            from restate_affected as affected
            inner join {{ relation }} as input_rows
                on affected.unit = input_rows.{{ column }}
        )
    {%- elif restate_is_raw(relation.identifier) -%}
        (
            select input_rows.*
            from restate_affected as affected
            inner join {{ restate_staging(relation.identifier, restate_affected_conditions()) }}
                as input_rows on affected.unit = input_rows.{{ column }}
        )
    {%- else -%}
        {{ rows_among(relation, column, 'restate_affected', 'unit') }}
    {%- endif -%}
{%- endmacro %}


{#-
  The rows of a table whose column is among some keys. An incremental build finds them by that
  column alone, and fetches the rest of them by row id: a join would read every column of all rows.
-#}
{% macro rows_among(relation, column, keys, key_column=column) -%}
    {%- if model.resource_type == 'model' and is_incremental() -%}
        {%- set ids -%}
            select matched.rowid
            from {{ keys }} as few_keys
            inner join {{ relation }} as matched
                on few_keys.{{ key_column }} = matched.{{ column }}
        {%- endset -%}
        {%- if column.endswith('_date') -%}
            (
                select input_rows.*
                from {{ relation }} as input_rows
                where input_rows.rowid in ({{ ids }})
            )
        {%- else -%}
            {{ rows_by_id(relation, ids) }}
        {%- endif -%}
    {%- else -%}
        (
            select input_rows.*
            from {{ keys }} as few_keys
            inner join {{ relation }} as input_rows
                on few_keys.{{ key_column }} = input_rows.{{ column }}
        )
    {%- endif -%}
{%- endmacro %}


{#-
  The rows with some ids, in two reads: before and after the widest gap between the ids. DuckDB
  reads all blocks between the first and the last id; those of recent days, and of an old one that
  was corrected, lie far apart.
-#}
{% macro rows_by_id(relation, ids) -%}
    (
        with ids (id) as materialized ({{ ids }}),

        gap as materialized (
            select coalesce(arg_max(id, distance), min(id)) as ends_at
            from (select id, id - lag(id) over (order by id) as distance from ids)
        )

        select input_rows.*
        from {{ relation }} as input_rows
        where input_rows.rowid in (select id from ids where id < (select ends_at from gap))
        union all
        select input_rows.*
        from {{ relation }} as input_rows
        where input_rows.rowid in (select id from ids where id >= (select ends_at from gap))
    )
{%- endmacro %}


{#-
  At the end of a model: a full build lays its rows down by a date, so that those of a few days, or
  of a few recent units, lie in few blocks. A join or a window would scatter them over all blocks.
-#}
{% macro clustered_by(column) -%}
    {%- if model.resource_type == 'model' and not is_incremental() -%}
        order by {{ column }}
    {%- endif -%}
{%- endmacro %}


{#-
  The raw rows of an entity, for its staging view: all of them, or, where restate_staging() writes
  the view out, those that fulfil one of its conditions; a row that fulfils two comes twice.
-#}
{% macro delivered_rows(entity) -%}
    {%- set rows = source('native', entity) -%}
    {%- if model.restate_conditions -%}
        (
            {%- for condition in model.restate_conditions %}
            select delivered.*
            from {{ rows }} as delivered
            where {{ condition | replace('@rows', rows) }}
            {{- '
            union all' if not loop.last }}
            {%- endfor %}
        )
    {%- else -%}
        {{ rows }}
    {%- endif -%}
{%- endmacro %}


{#- A staging view written out over the raw rows, `delivered`, that fulfil a condition. -#}
{% macro restate_staging(view, conditions) -%}
    {%- set code = graph.nodes['model.' ~ project_name ~ '.' ~ view].raw_code -%}
    {%- do model.update({'restate_conditions': conditions}) -%}
    {%- set sql = render(code) -%}
    {%- do model.update({'restate_conditions': none}) -%}
    ({{ sql }})
{%- endmacro %}


{#- The raw rows, `@rows`, of the affected units; all of them where raw lacks the unit's column. -#}
{% macro restate_affected_conditions() %}
    {%- set restate = model.config.meta.restate -%}
    {%- for input in restate.affected_by if restate_is_raw(input) -%}
        {%- set table = graph.sources[
            'source.' ~ project_name ~ '.native.' ~ input.removeprefix('stg_native__')
        ] -%}
        {%- if table and restate.by in table.columns -%}
            {%- do return([
                'delivered.rowid in (select matched.rowid from restate_affected as affected'
                ~ ' inner join @rows as matched on affected.unit = matched.' ~ restate.by ~ ')'
            ]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return([]) -%}
{% endmacro %}


{#- The raw rows whose delivery changed since a mark, and those that were emptied since. -#}
{% macro restate_changed_conditions(view, mark) %}
    {%- set code = graph.nodes['model.' ~ project_name ~ '.' ~ view].raw_code -%}
    {%- set deliveries = source('manifest', 'deliveries') -%}
    {%- set conditions = [
        'delivered._delivery_id in (select deliveries.delivery_id from ' ~ deliveries
        ~ ' as deliveries where deliveries.change_seq > ' ~ mark ~ ')'
    ] -%}
    {%- if 'erasable' in code -%}
        {%- do conditions.append('delivered._erased_seq > ' ~ mark) -%}
    {%- endif -%}
    {%- do return(conditions) -%}
{% endmacro %}


{#-
  For a trailing window of `days` days that ends on an affected date: the relation itself in a full
  build, and in an incremental one the rows of every date that such a window sees.
-#}
{% macro rows_in_windows(relation, column, days) -%}
    {%- if model.resource_type == 'model' and is_incremental() -%}
        {%- set seen -%}
            (
                select distinct affected.unit - cast(days_before.number as integer) as unit
                from restate_affected as affected
                cross join range({{ days }}) as days_before (number)
            )
        {%- endset -%}
        {{ rows_among(relation, column, seen, 'unit') }}
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
