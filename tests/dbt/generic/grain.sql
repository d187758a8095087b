{#-
  The columns name a row: no two rows share them, and the first of them is never null. Where the
  unit is not among them, the rows of other units count as well.
-#}
{% test grain(model, columns) %}
    {%- set names = columns | join(', ') %}
    select
        {{ names }},
        count(*) as row_count,
    from {{ restate_sharing(model, columns) }}
    group by {{ names }}
    having count(*) > 1 or {{ columns[0] }} is null
{% endtest %}
