{#-
  For `affected_by`: the orders that a changed version of a product or merchant governs, that is,
  those attributed from its valid_from until the next version; the first version also governs
  everything before it. `holder` is the input that names the product or merchant.
-#}
{% macro governed_orders(versions, key, holder) -%}
    select int_orders_current.order_id
    from (
        select
            changes.{{ key }},
            changes.valid_from,
            min(following.valid_from) as next_from,
            coalesce(bool_or(earlier.valid_from is not null), false) as has_earlier,
        from changes
        left join {{ versions }} as following
            on changes.{{ key }} = following.{{ key }} and changes.valid_from < following.valid_from
        left join {{ versions }} as earlier
            on changes.{{ key }} = earlier.{{ key }} and changes.valid_from > earlier.valid_from
        group by changes.{{ key }}, changes.valid_from
    ) as spans
    {%- if holder == 'int_orders_current' %}
    inner join int_orders_current on spans.{{ key }} = int_orders_current.{{ key }}
    {%- else %}
    inner join {{ holder }} on spans.{{ key }} = {{ holder }}.{{ key }}
    inner join int_orders_current on {{ holder }}.order_id = int_orders_current.order_id
    {%- endif %}
    where (int_orders_current.attributed_at >= spans.valid_from or not spans.has_earlier)
        and (int_orders_current.attributed_at < spans.next_from or spans.next_from is null)
{%- endmacro %}
