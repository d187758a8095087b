{#-
  One row per refund order that the funding accounts know: what left them for it, of which out of
  its payer's, and what the buyer gave back. What came back to them and left again counts once.
  Reads `refund_orders`, `linked_flows` and `matched_flows`. Where there is one movement, whose it
  was is left to the reader to compare.
-#}
{% macro funded_refund_orders() -%}
    with
    fund_flows as (
        select
            linked_flows.* exclude (refund_order_id),
            coalesce(linked_flows.refund_order_id, matched_flows.refund_order_id)
                as refund_order_id,
        from linked_flows
        left join matched_flows on linked_flows.fund_flow_id = matched_flows.fund_flow_id
    ),

    crowded as (
        select refund_order_id
        from fund_flows
        where refund_order_id is not null
        group by refund_order_id
        having count(*) > 1
    ),

    movements as (
        select
            fund_flows.*,
            refund_orders.payer,
            fund_flows.is_refund
            and fund_flows.direction = 0
            and fund_flows.flowed_at < max(
                case
                    when fund_flows.is_refund and fund_flows.direction = 1
                        then fund_flows.flowed_at
                end
            ) over (partition by fund_flows.refund_order_id) as is_undone,
            if(is_undone, -fund_flows.amount, fund_flows.amount) as funding_amount,
        from crowded
        inner join fund_flows on crowded.refund_order_id = fund_flows.refund_order_id
        inner join refund_orders on crowded.refund_order_id = refund_orders.refund_order_id
    )

    {% set is_funding = 'is_refund and direction = 1' -%}
    {% set is_recovery = "event_type = 'buyer_repaid' and direction = 0" -%}
    {% for alone in [true, false] %}
    select
        refund_order_id,
        cast({{ together(alone, 'count', 'fund_flow_id') }} as bigint) as fund_flow_count,
        {% if alone %}
        {{ amounts_together(alone, 'amount', is_funding) }} as funded_amount,
        null as payer_funded_amount,
        {% else %}
        {% set is_moved = '(' ~ is_funding ~ ' or is_undone)' %}
        {{ amounts_together(alone, 'funding_amount', is_moved) }} as funded_amount,
        {{ amounts_together(alone, 'funding_amount', is_moved ~ ' and account_holder = payer') }}
            as payer_funded_amount,
        {% endif %}
        {{ amounts_together(alone, 'amount', is_recovery) }} as recovered_amount,
        coalesce(
            {{ together(alone, 'min', 'fund_flow_id', is_funding) }},
            {{ together(alone, 'min', 'fund_flow_id') }}
        ) as fund_flow_id,
        {{ together(alone, 'min', 'account_holder', is_funding) }} as funded_by,
        {{ together(alone, 'min', 'flowed_date', is_funding) }} as funded_date,
        {{ together(alone, 'max', 'flowed_at', is_recovery) }} as recovered_at,
    from {{ 'fund_flows' if alone else 'movements' }}
    {% if alone %}
    where
        refund_order_id is not null
        and refund_order_id not in (select crowded.refund_order_id from crowded)
    union all
    {% else %}
    group by refund_order_id
    {% endif %}
    {% endfor %}
{%- endmacro %}
