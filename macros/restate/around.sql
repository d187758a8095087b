{#- Runs inside the model's transaction, before its select: collect the affected units. -#}
{% macro restate_begin() %}
    {%- if execute and is_incremental() -%}
        {%- set restate = model.config.meta.restate %}
        create or replace temporary table restate_affected as
        select distinct unit
        from (
            (select {{ restate.by }} from {{ this }} limit 0)
            union all
            {%- for input, mapping in restate.affected_by.items() %}
            {{ restate_units(input, mapping) }}
            union all
            {%- endfor %}
            {{ restate_requested_units(restate) }}
        ) as units (unit)
        where unit is not null
    {%- endif -%}
{% endmacro %}


{#- The units that one input's changes map to. -#}
{% macro restate_units(input, mapping) -%}
    (
        with changes as (
            select *
            {%- if restate_is_raw(input) %}
            {%- set mark = restate_mark(input) %}
            from {{ restate_staging(input, restate_changed_conditions(input, mark)) }} as versions
            where _changed_seq > {{ mark }}
            {%- else %}
            from {{ ref(input).database }}.changes.{{ input }}
            where seq > {{ restate_mark(input) }}
            {%- endif %}
        )
        {%- if ' ' in mapping %}
        {%- for other in model.config.meta.restate.affected_by if other in mapping -%}
        , {{ other }} as (select * from {{ ref(other) }})
        {%- endfor %}
        {{ mapping }}
        {%- else %}
        select {{ mapping }} from changes
        {%- endif %}
    )
{%- endmacro %}


{#- A recompute request adds the units of its range: every date in it, not the rows there are. -#}
{% macro restate_requested_units(restate) -%}
    (
        with requested as (
            select from_date, to_date
            from {{ target.database }}.raw.recompute_requests
            where change_seq > {{ restate_mark('@requests') }}
                and (
                    selection is null
                    or list_contains(string_split(selection, ' '), '{{ model.name }}')
                )
        )
        {%- for other in restate.affected_by if other in (restate.recompute or '') -%}
        , {{ other }} as (select * from {{ ref(other) }})
        {%- endfor %}
        {%- if restate.recompute %}
        {{ restate.recompute }}
        {%- elif restate.affected_by %}
        select unnest(generate_series(from_date, to_date, interval 1 day))::date from requested
        {%- else %}
        select null as unit from requested where false
        {%- endif %}
    )
{%- endmacro %}


{#- How far this model has read an input, as a scalar subquery. -#}
{% macro restate_mark(input) -%}
    (
        select seq from {{ restate_table('marks') }}
        where model = '{{ model.name }}' and input = '{{ input }}'
    )
{%- endmacro %}


{#-
  Replace the units whose rows differ: an unchanged recompute doesn't spread. Rows of units that
  are not affected are left out, whatever the model's select yields of them. The old rows are
  looked up once, and compared and deleted by their row ids; of a difference only what the log
  tells is kept, and whether it came (weight above 0) or went.
-#}
{% macro get_incremental_restate_sql(arg_dict) %}
    {%- set by = model.config.meta.restate.by -%}
    {%- set columns = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) -%}
    create or replace temporary table restate_old as
    select
        matched.rowid as old_rowid,
        matched.{{ by }} as unit,
    from restate_affected as affected
    inner join {{ arg_dict.target_relation }} as matched on affected.unit = matched.{{ by }};

    create or replace temporary table restate_difference as
    select
        {{ restate_images() }},
        sum(restate_weight) as restate_weight,
    from (
        select {{ columns }}, 1 as restate_weight
        from {{ arg_dict.temp_relation }}
        where {{ by }} is null or {{ by }} in (select unit from restate_affected)
        union all
        select {{ columns }}, -1 as restate_weight
        from {{ rows_by_id(arg_dict.target_relation, 'select old_rowid from restate_old') }}
            as old_rows
    ) as both_sides
    group by {{ columns }}
    having sum(restate_weight) <> 0;

    create or replace temporary table restate_replaced as
    select distinct {{ by }} as unit from restate_difference;

    delete from {{ arg_dict.target_relation }}
    where rowid in (
        select old_rowid
        from restate_old
        where unit in (select unit from restate_replaced)
    );

    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict.temp_relation }}
    where {{ by }} is null or {{ by }} in (select unit from restate_replaced);

    drop table {{ arg_dict.temp_relation }}
{% endmacro %}


{#- The columns of the running model's log, but for its number. -#}
{% macro restate_images() -%}
    {%- set restate = model.config.meta.restate -%}
    {{ ([restate.by] + restate.images) | unique | join(', ') }}
{%- endmacro %}


{#- Runs inside the model's transaction, after its rows are in place: log and marks. -#}
{% macro restate_end() %}
    {%- if execute -%}
    {%- set restate = model.config.meta.restate -%}
    {%- set log = restate_table(model.name) -%}
    {%- set images = restate_images() -%}
    {%- if graph.nodes[model.unique_id].get('restate_is_full', true) or flags.FULL_REFRESH %}
    {{ restate_other_slices() }}
    select error('{{ model.name }}: the unit {{ restate.by }} is null')
    from {{ this }} where {{ restate.by }} is null limit 1;

    create or replace table {{ log }} as
    select {{ images }}, null::bigint as seq from {{ this }} limit 0;

    {{ restate_move_head(reset=true) }}
    insert into {{ log }} (seq)
    select seq from {{ restate_table('heads') }} where model = '{{ model.name }}';
    {%- else %}
    select error('{{ model.name }}: the unit {{ restate.by }} is null')
    from restate_difference where {{ restate.by }} is null limit 1;

    {{ restate_move_head(reset=false) }}
    insert into {{ log }}
    select distinct {{ images }}, heads.seq
    from restate_difference
    cross join {{ restate_table('heads') }} as heads
    where heads.model = '{{ model.name }}';
    {%- endif %}

    delete from {{ restate_table('marks') }} where model = '{{ model.name }}';
    insert into {{ restate_table('marks') }} (model, input, seq, code)
    {%- for input in restate.affected_by %}
    select '{{ model.name }}', '{{ input }}', {{ restate_head(input) }}, null
    union all
    {%- endfor %}
    select '{{ model.name }}', '@requests', (
        select coalesce(max(change_seq), 0) from {{ target.database }}.raw.recompute_requests
    ), null
    union all
    select '{{ model.name }}', '@code', null, {{ restate_code() }}
    {%- endif -%}
{% endmacro %}


{#- A full build has made the first slice of the units; the others follow in its transaction. -#}
{% macro restate_other_slices() %}
    {%- for slice in range(1, model.config.meta.restate.slices) %}
    {%- do model.update({'restate_slice': slice}) %}
    insert into {{ this }} by name
    {{ render(model.raw_code) }};
    {%- endfor %}
    {%- do model.update({'restate_slice': 0}) %}
{% endmacro %}


{#-
  Take the next number of this model's own log; without a difference, nothing moves. A reset goes
  past what a published audit has seen, too: the warehouse may be an older one, put back.
-#}
{% macro restate_move_head(reset) %}
    {%- set heads = restate_table('heads') %}
    create or replace temporary table restate_head as
    select
        coalesce(max(seq), 0) + 1 as seq,
        {% if reset %}coalesce(max(seq), 0) + 1{% else %}max(reset_seq){% endif %} as reset_seq
    {%- if reset %}
    from (
        select seq from {{ heads }} where model = '{{ model.name }}'
        union all
        select seq from marts.changes.audited where model = '{{ model.name }}'
    ) as numbers
    {%- else %}
    from {{ heads }}
    where model = '{{ model.name }}'
    {%- endif %}
    {%- if not reset %}
    having exists (select 1 from restate_difference)
    {%- endif %};

    delete from {{ heads }}
    where model = '{{ model.name }}' and exists (select 1 from restate_head);
    insert into {{ heads }} (model, seq, reset_seq)
    select '{{ model.name }}', seq, reset_seq from restate_head;
{% endmacro %}


{#-
  The bookkeeping tables of one database, made before the first model runs. `built` says whose
  seeds and views stand in it; from here on nobody's, until a whole build has ended well.
-#}
{% macro restate_tables(database) %}
    create schema if not exists {{ database }}.changes;
    drop table if exists {{ database }}.changes.built;
    create table if not exists {{ database }}.changes.marks (
        model varchar, input varchar, seq bigint, code varchar
    );
    create table if not exists {{ database }}.changes.heads (
        model varchar, seq bigint, reset_seq bigint
    );
    create table if not exists {{ database }}.changes.audited (model varchar, seq bigint);
    {%- if database == target.database %}
    create table if not exists {{ database }}.changes.loaded (name varchar, code varchar);
    {%- endif %}
{% endmacro %}
