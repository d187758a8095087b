{#-
  The rows of a relation that some keys name, to be joined by that column: in a full build the
  relation itself, because nearly all of its rows are named, and looking for the keys costs more.
-#}
{% macro rows_named_by(relation, column, keys) -%}
    {%- if model.resource_type == 'model' and is_incremental() -%}
        {{ rows_among(relation, column, keys) }}
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#-
  After `as` of such a relation that is read more than once. In a full build a copy of it, to read
  it from again, costs more than the relation itself.
-#}
{% macro not_kept() -%}
    {{ 'not materialized' if model.resource_type == 'model' and not is_incremental() }}
{%- endmacro %}
