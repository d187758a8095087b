{#-
  The columns name a row: no two rows share them, and the first of them is never null. Where the
  unit is not among them, the rows of other units count as well.
-#}
{% test grain(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count,
    from {{ restate_sharing(model, columns) }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {{ columns[0] }} is null
{% endtest %}
