{#-
  Tests read what no published file has been audited with: the rows of the units in a model's
  log after `changes.audited`, which a publish moves to the model's head. All rows count when
  that is unknown, or when the model was built in full since. A run that is dropped moves
  nothing, so its rows are read again by the next one.
-#}

{#- For every generic test: the tested model's unaudited rows. -#}
{% macro get_where_subquery(relation) %}
    {%- set tested = graph.nodes.get(model.attached_node) if execute -%}
    {%- set rows = restate_unaudited(relation, tested) if tested else relation -%}
    {%- if config.get('where') -%}
        {%- do return(
            '(select * from ' ~ rows ~ ' where ' ~ config.get('where') ~ ') as filtered'
        ) -%}
    {%- endif -%}
    {%- do return(rows) -%}
{% endmacro %}


{#-
  For singular tests: rows whose column is a unit that changed in any of the models named, which
  all have the same unit.
-#}
{% macro unaudited_rows(relation, column, models) %}
    {%- if not execute -%}{%- do return(relation) -%}{%- endif -%}
    {%- set logs = [] -%}
    {%- for name in models -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
        {%- do logs.append(restate_unaudited_units(node)) -%}
    {%- endfor -%}
    {%- if none in logs -%}{%- do return(relation) -%}{%- endif -%}
    {%- do return(restate_rows_of(relation, column, logs | join(' union '))) -%}
{% endmacro %}


{#- The rows of the tested model's unaudited units; the relation itself when that means all. -#}
{% macro restate_unaudited(relation, tested) %}
    {%- if tested.config.get('incremental_strategy') != 'restate' -%}
        {%- do return(relation) -%}
    {%- endif -%}
    {%- set units = restate_unaudited_units(tested) -%}
    {%- if units is none -%}{%- do return(relation) -%}{%- endif -%}
    {%- do return(restate_rows_of(relation, tested.config.meta.restate.by, units)) -%}
{% endmacro %}


{% macro restate_rows_of(relation, column, units) %}
    {%- set rows -%}
        (
            select input_rows.*
            from ({{ units }}) as unaudited (unit)
            inner join {{ relation }} as input_rows on unaudited.unit = input_rows.{{ column }}
        ) as unaudited_rows
    {%- endset -%}
    {%- do return(rows) -%}
{% endmacro %}


{#-
  A select of a model's unaudited units; none when it is all of them, as in what is compiled to
  be read.
-#}
{% macro restate_unaudited_units(node) %}
    {%- if flags.WHICH not in ('build', 'test') -%}{%- do return(none) -%}{%- endif -%}
    {%- if 'restate_audited' not in node -%}
        {%- set answer = run_query(
            "select audited.seq from " ~ node.database ~ ".changes.heads"
            ~ " inner join marts.changes.audited on heads.model = audited.model"
            ~ " where heads.model = '" ~ node.name ~ "'"
            ~ " and audited.seq between heads.reset_seq and heads.seq"
        ) -%}
        {%- do node.update({'restate_audited': answer.rows[0][0] if answer.rows else none}) -%}
    {%- endif -%}
    {%- if node['restate_audited'] is none -%}{%- do return(none) -%}{%- endif -%}
    {%- do return(
        'select distinct ' ~ node.config.meta.restate.by
        ~ ' from ' ~ node.database ~ '.changes.' ~ node.name
        ~ ' where seq > ' ~ node['restate_audited']
    ) -%}
{% endmacro %}


{#- The rows tested, with those of the whole model that share a key with them. -#}
{% macro restate_sharing(tested_rows, columns) %}
    {%- set tested = graph.nodes.get(model.attached_node) if execute -%}
    {%- if not tested
        or 'unaudited_rows' not in tested_rows | string
        or tested.config.meta.restate.by in columns -%}
        {%- do return(tested_rows) -%}
    {%- endif -%}
    {%- set names = columns | join(', ') -%}
    {%- do return(
        '(select ' ~ names ~ ' from ' ~ tested.relation_name
        ~ ' semi join ' ~ tested_rows ~ ' using (' ~ names ~ ')'
        ~ ' union all select ' ~ names ~ ' from ' ~ tested_rows
        ~ ' where ' ~ columns[0] ~ ' is null) as sharing_rows'
    ) -%}
{% endmacro %}
