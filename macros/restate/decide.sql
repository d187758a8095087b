{#- A restating model is built in full when its marks can't be trusted; see restate_is_full. -#}
{% macro should_full_refresh() %}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}{%- set configured = flags.FULL_REFRESH -%}{%- endif -%}
    {%- if not configured and execute
        and config.get('incremental_strategy') == 'restate'
        and model.resource_type == 'model' -%}
        {%- set configured = restate_is_full() -%}
    {%- endif -%}
    {%- do return(configured) -%}
{% endmacro %}


{#-
  True when an input's mark is missing, older than what that input's log begins after (its last
  reset, or what was pruned last) or newer than its head, or when the code, the sources' settings or
  the customer key differ from the last build. A warehouse that was restored from a backup has an
  identity of its own, which is part of the code: a mark newer than its input's head is one that no
  command of the project leaves behind.
-#}
{% macro restate_is_full() %}
    {%- set node = graph.nodes[model.unique_id] -%}
    {%- if 'restate_is_full' not in node -%}
        {%- if load_cached_relation(this) is none -%}
            {%- do node.update({'restate_is_full': true}) -%}
        {%- else -%}
            {%- set answer = run_query(restate_decision_sql()) -%}
            {%- do node.update({'restate_is_full': answer.rows[0][0]}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(node['restate_is_full']) -%}
{% endmacro %}


{#-
  dbt asks DuckDB for the columns of every build of a model with a contract. A refresh has the code
  and the types that the last full build was checked with, or it would be a full build itself.
-#}
{% macro get_assert_columns_equivalent(sql) %}
    {%- if config.get('incremental_strategy') == 'restate' and is_incremental() -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- do return(default__get_assert_columns_equivalent(sql)) -%}
{% endmacro %}


{% macro restate_decision_sql() %}
    with expected as (
        {%- for input in model.config.meta.restate.affected_by %}
        select
            '{{ input }}' as input,
            {{ restate_head(input) }} as head,
            {{ restate_head(input, 'reset_seq') }} as reset_seq
        union all
        {%- endfor %}
        select '@code' as input, null as head, null as reset_seq
    )

    select
        bool_or(
            marks.input is null
            or case
                when expected.input = '@code' then marks.code <> ({{ restate_code() }})
                else
                    expected.head is null
                    or marks.seq < expected.reset_seq
                    or marks.seq > expected.head
            end
        )
    from expected
    left join {{ restate_table('marks') }} as marks
        on marks.model = '{{ model.name }}' and marks.input = expected.input
{% endmacro %}


{#- The head (or the newest reset) of an input's log, as a scalar subquery. -#}
{% macro restate_head(input, column='seq') -%}
    {%- set relation = ref(input) -%}
    {%- if restate_is_raw(input) -%}
        {%- if column == 'seq' -%}
            (select coalesce(max(change_seq), 0) from {{ relation.database }}.raw.change_events)
        {%- else -%}
            0
        {%- endif -%}
    {%- else -%}
        (
            select {{ column }} from {{ relation.database }}.changes.heads
            where model = '{{ input }}'
        )
    {%- endif -%}
{%- endmacro %}


{#- Raw is the first log: a staging view carries the clock of change in _changed_seq. -#}
{% macro restate_is_raw(input) %}
    {%- do return(input.startswith('stg_')) -%}
{% endmacro %}


{% macro restate_table(name) -%}
    {{ this.database }}.changes.{{ name }}
{%- endmacro %}


{#-
  SQL text of the model's fingerprint: its code, the warehouse that it was built from, what stands
  there of the seeds and staging views that it reads (a run of some models leaves theirs as they
  are), and, for a model that reads raw, what the raw rows don't say: the sources' time zones and
  currencies, and which key made the pseudonyms.
-#}
{% macro restate_code() -%}
    {%- set raw = target.database ~ '.raw' -%}
    {%- set seen = [] -%}
    '{{ local_md5(restate_text(graph.nodes[model.unique_id], seen)) }}'
    || coalesce((select max(warehouse_id) from {{ raw }}.warehouse), '')
    {%- set loaded = [] -%}
    {%- for id in seen if id in graph.nodes -%}
        {%- do loaded.append("'" ~ graph.nodes[id].name ~ "'") -%}
    {%- endfor -%}
    {%- if loaded %}
    || coalesce((
        select string_agg(code, ';' order by name) from {{ target.database }}.changes.loaded
        where name in ({{ loaded | join(', ') }})
    ), '')
    {%- endif -%}
    {%- for input in model.config.meta.restate.affected_by if restate_is_raw(input) -%}
        {%- if loop.first %}
    || coalesce((
        select string_agg(concat_ws(',', source, time_zone, currency_code), ';' order by source)
        from {{ raw }}.sources
    ), '')
    || coalesce((select max(key_id) from {{ raw }}.customer_pseudonyms), '')
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{#-
  All text that decides what a node builds: its code and columns, the project's macros that it
  calls, the strategy among them, its seeds and its staging views. Other restating models are not
  part of it: their logs tell when they were rebuilt.
-#}
{% macro restate_text(node, seen) %}
    {%- set parts = [node.raw_code or '', node.checksum.checksum] -%}
    {%- for column in node.columns.values() -%}
        {%- do parts.append(column.name ~ ' ' ~ (column.data_type or '')) -%}
    {%- endfor -%}
    {%- for column, data_type in (node.config.get('column_types') or {}) | dictsort -%}
        {%- do parts.append(column ~ ' ' ~ data_type) -%}
    {%- endfor -%}
    {%- set macros = node.depends_on.macros
        + ['macro.' ~ project_name ~ '.get_incremental_restate_sql'] -%}
    {%- do parts.append(restate_macro_text(macros, seen)) -%}
    {%- for parent_id in node.depends_on.nodes | sort if parent_id in graph.nodes -%}
        {%- set parent = graph.nodes[parent_id] -%}
        {%- if parent_id not in seen and parent.config.materialized in ('view', 'seed') -%}
            {%- do seen.append(parent_id) -%}
            {%- do parts.append(restate_text(parent, seen)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(parts | join('\n')) -%}
{% endmacro %}


{#- After a seed or a staging view: note what stands in the warehouse of it now. -#}
{% macro restate_loaded() %}
    {%- if execute %}
    {%- set loaded = target.database ~ '.changes.loaded' %}
    delete from {{ loaded }} where name = '{{ model.name }}';
    insert into {{ loaded }} (name, code)
    select '{{ model.name }}', '{{ local_md5(restate_text(graph.nodes[model.unique_id], [])) }}'
    {%- endif -%}
{% endmacro %}


{% macro restate_macro_text(macro_ids, seen) %}
    {%- set parts = [] -%}
    {%- for macro_id in macro_ids | sort
        if macro_id.startswith('macro.' ~ project_name ~ '.') and macro_id not in seen -%}
        {%- do seen.append(macro_id) -%}
        {%- set macro = context[macro_id.split('.')[2]].macro -%}
        {%- do parts.append(macro.macro_sql) -%}
        {%- do parts.append(restate_macro_text(macro.depends_on.macros, seen)) -%}
    {%- endfor -%}
    {%- do return(parts | join('\n')) -%}
{% endmacro %}
