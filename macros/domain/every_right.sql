{#- For `affected_by`: every right that a merchant signed, once anything has changed. -#}
{% macro every_right() -%}
    select distinct fct_right_enrolments.right_code
    from fct_right_enrolments
    where exists (select 1 from changes)
{%- endmacro %}

