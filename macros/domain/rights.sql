{#- The end of a right's timed window from its own anchor; null if untimed or not yet anchored. -#}
{% macro window_end(rules, received_at, paid_at, approved_at, shipped_at) -%}
    case {{ rules }}.window_anchor
        when 'receipt' then {{ received_at }}
        when 'payment' then {{ paid_at }}
        when 'approval' then {{ approved_at }}
        when 'shipment' then {{ shipped_at }}
    end + case {{ rules }}.window_unit
        when 'hour' then to_hours(cast({{ rules }}.window_value as bigint))
        when 'day' then to_days(cast({{ rules }}.window_value as integer))
    end
{%- endmacro %}


{#- The value that all rows of a group share; null when they differ, or when some have none. -#}
{% macro the_only(column) -%}
    case when min({{ column }}) = max({{ column }}) and count({{ column }}) = count(*)
        then min({{ column }}) end
{%- endmacro %}


{#- Whole seconds from one step to a later one; null when the later one came first. -#}
{% macro seconds_between(began_at, ended_at) -%}
    case when {{ ended_at }} >= {{ began_at }}
        then date_sub('second', {{ began_at }}, {{ ended_at }}) end
{%- endmacro %}
