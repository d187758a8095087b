{#-
  One row per refund order that the funding accounts know: what left them for it less what came
  back, of which out of its payer's, and what the buyer gave back. An advance that its payer repays
  is the payer's. What came back of a refund that came back is told apart: the reader knows which
  did. Reads `refund_orders`, `linked_flows` and `matched_flows`. Where there is one movement, whose
  it was is left to the reader to compare.
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
            case
                when fund_flows.is_refund
                    then fund_flows.amount * if(fund_flows.direction = 1, 1, -1)
                when fund_flows.event_type <> 'platform_repaid' then 0
                when fund_flows.direction = 1 and fund_flows.account_holder = refund_orders.payer
                    then fund_flows.amount
                when fund_flows.direction = 0 and fund_flows.account_holder <> refund_orders.payer
                    then -fund_flows.amount
                else 0
            end as funding_amount,
        from crowded
        inner join fund_flows on crowded.refund_order_id = fund_flows.refund_order_id
        inner join refund_orders on crowded.refund_order_id = refund_orders.refund_order_id
    )

    {% set is_funding = 'is_refund and direction = 1' -%}
    {% set is_given_back = 'is_refund and direction = 0' -%}
    {% set is_recovery = "event_type = 'buyer_repaid' and direction = 0" -%}
    {% set last = '(flowed_at, fund_flow_id)' -%}
    {% for alone in [true, false] %}
    select
        refund_order_id,
        cast({{ together(alone, 'count', 'fund_flow_id') }} as bigint) as fund_flow_count,
        {% if alone %}
        {{ amounts_together(alone, 'amount', is_funding) }} as funded_amount,
        null as payer_funded_amount, 0 as given_back_amount, 0 as payer_given_back_amount,
        {{ together(alone, 'max', 'flowed_at', is_funding) }} as funded_at,
        amount as last_funded_amount,
        {% else %}
        {{ amounts_together(alone, 'funding_amount') }} as funded_amount,
        {{ amounts_together(alone, 'funding_amount', 'account_holder = payer') }}
            as payer_funded_amount,
        {{ amounts_together(alone, 'amount', is_given_back) }} as given_back_amount,
        {{ amounts_together(alone, 'amount', is_given_back ~ ' and account_holder = payer') }}
            as payer_given_back_amount,
        {{ together(alone, 'max', 'flowed_at', 'funding_amount <> 0') }} as funded_at,
        {{ together(alone, 'arg_max', 'amount', 'funding_amount <> 0', by=last) }}
            as last_funded_amount,
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
