{#- The columns name a row: no two rows share them, and the first of them is never null. -#}
{% test grain(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count,
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {{ columns[0] }} is null
{% endtest %}
