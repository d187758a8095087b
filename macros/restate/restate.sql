{#-
  The incremental refresh: a model rebuilds the units that a change can touch, and only those.

  restate() in a model names its unit and how each input's changes map to units; affected_rows()
  narrows an input to the affected units. Everything else here runs around the model, in its
  transaction: collect the units, build their rows, replace the units that differ, append the
  differing rows' keys to the model's change log, and move its marks.

  Tables, in the `changes` schema of the database that the model stands in:
    marks(model, input, seq, code)    how far a model has read each input; input '@code' holds
                                      the fingerprint that the model was built with
    heads(model, seq, reset_seq)      the newest entry of a model's log, and its newest reset
    <model>(unit, images..., seq)     the log: keys of rows that changed, before and after
    audited(model, seq)               in the marts: how far each log had come when its audits held
-#}

{#-
  by           the column that a model rebuilds whole: never null
  affected_by  for every model that is read: a column of its changes that is the unit, or a
               select over `changes` (and other inputs by name) that yields the unit
  images       further columns by which readers of this model find its changed rows
  recompute    a select over `requested(from_date, to_date)` that yields the units of a range of
               business dates; needed unless the unit is itself a date
-#}
{% macro restate(by, affected_by, images=[], recompute=none) %}
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
                'by': by, 'affected_by': affected_by, 'images': images, 'recompute': recompute
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
  The relation itself in a full build and in a unit test; the rows of the affected units in an
  incremental build.
-#}
{% macro affected_rows(relation, column) -%}
    {%- if model.resource_type == 'model' and is_incremental() -%}
        (
            select input_rows.*
            from restate_affected as affected
            inner join {{ relation }} as input_rows
                on affected.unit = input_rows.{{ column }}
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#-
  For a trailing window of `days` days that ends on an affected date: the relation itself in a full
  build, and in an incremental one the rows of every date that such a window sees.
-#}
{% macro rows_in_windows(relation, column, days) -%}
    {%- if model.resource_type == 'model' and is_incremental() -%}
        (
            select input_rows.*
            from (
                select distinct affected.unit - cast(days_before.number as integer) as unit
                from restate_affected as affected
                cross join range({{ days }}) as days_before (number)
            ) as seen
            inner join {{ relation }} as input_rows
                on seen.unit = input_rows.{{ column }}
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
