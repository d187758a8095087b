{#- An integer amount in minor units (fen, pence) as an exact decimal(18,2). -#}
{% macro minor_units(column) -%}
    cast(cast({{ column }} as decimal(18, 0)) * 0.01 as decimal(18, 2))
{%- endmacro %}
