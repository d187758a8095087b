{#- What a staging view says of a row's delivery: whether it counts, and what breaks ties. -#}
{% macro lineage_columns(table) -%}
    deliveries.status = 'accepted' as _counts,
    deliveries.change_seq as _changed_seq,
    deliveries.dt as _dt,
    deliveries.path as _path,
    {{ table }}._row_number
{%- endmacro %}
