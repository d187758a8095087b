{{ restate(
    by='fund_flow_id',
    images=['reconciliation_key'],
    affected_by={
        'int_fund_flows_current': 'fund_flow_id',
        'int_refund_orders_linked':
            'select fund_flow_id from changes
            inner join int_fund_flows_current using (refund_order_id)',
    },
    recompute=requested_rows('int_fund_flows_current', 'fund_flow_id', 'flowed_at'),
) }}
-- One row per movement on a funding account, with the refund order of its currency that it names,
-- and what its scene means. One that names none stands under its order.
with
fund_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_current'), 'fund_flow_id') }}
),

refund_orders as (
    select *
    from {{ rows_named_by(ref('int_refund_orders_linked'), 'refund_order_id', 'fund_flows') }}
),

final as (
    select
        fund_flows.fund_flow_id,
        case
            when fund_flows.currency_code = refund_orders.currency_code
                then refund_orders.refund_order_id
        end as refund_order_id,
        fund_flows.source,
        fund_flows.currency_code,
        fund_flows.account_holder,
        fund_flows.direction,
        fund_flows.amount,
        fund_flows.flowed_date,
        fund_flows.flowed_at,
        coalesce(
            refund_orders.reconciliation_key,
            fund_flows.order_id,
            'fund flow ' || fund_flows.fund_flow_id
        ) as reconciliation_key,
        coalesce(fund_scenes.event_type, 'other_flow') as event_type,
        coalesce(fund_scenes.counter_account, 'other_flows') as counter_account,
        coalesce(fund_scenes.is_refund, false) as is_refund,
        coalesce(fund_flows.currency_code <> refund_orders.currency_code, false)
            as is_other_currency,
    from fund_flows
    left join refund_orders on fund_flows.refund_order_id = refund_orders.refund_order_id
    left join {{ ref('fund_scenes') }} as fund_scenes
        on fund_flows.scene = fund_scenes.scene and fund_flows.direction = fund_scenes.direction
)

select * from final
