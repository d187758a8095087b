{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_fund_flows_linked': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
    },
    recompute=requested_rows('int_fund_flows_linked', 'reconciliation_key', 'flowed_at'),
) }}
-- One row per payment out of a funding account that names no refund order: it falls back, within
-- its order, to one of the same payer and amount that nothing else funds: one that its record says
-- was paid before one under way, one that failed last and if as much came back; or is an orphan. So
-- does what comes back without a number, to one that was funded; without one it is left out. No
-- movement is used twice, and one in another currency than what it names is for nothing else.
with
fund_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_linked'), 'reconciliation_key') }}
),

refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

moved as (
    select
        *,
        case when direction = 1 then 'out' when is_refund then 'back' else 'repaid' end as kind,
    from fund_flows
    where is_refund or (event_type = 'buyer_repaid' and direction = 0)
),

free_flows as (
    select
        *,
        row_number() over (
            partition by
                reconciliation_key, account_holder, currency_code, amount, kind, is_other_currency
            order by flowed_at, fund_flow_id
        ) as place,
    from moved
    where refund_order_id is null
),

numbered as (
    select distinct refund_order_id, kind
    from moved
    where
        refund_order_id is not null
        and reconciliation_key in (select free_flows.reconciliation_key from free_flows)
),

unfunded_orders as (
    select
        *,
        row_number() over (
            partition by reconciliation_key, payer, currency_code, refund_amount
            order by
                {{ recorded_as_paid('at') }} is null, refund_order_status = 'failed',
                instructed_at, refund_order_id
        ) as place,
    from refund_orders
    where
        (
            {{ recorded_as_paid('at') }} is not null
            or refund_order_status <> 'failed'
            or (reconciliation_key, payer, currency_code, refund_amount) in (
                select
                    (
                        free_flows.reconciliation_key, free_flows.account_holder,
                        free_flows.currency_code, free_flows.amount
                    )
                from free_flows
                where free_flows.kind = 'back'
            )
        )
        and reconciliation_key in (select free_flows.reconciliation_key from free_flows)
        and refund_order_id not in (
            select numbered.refund_order_id
            from numbered
            where numbered.kind = 'out'
        )
),

paid_out as (
    select
        free_flows.*,
        unfunded_orders.refund_order_id as found_refund_order_id,
    from free_flows
    left join unfunded_orders
        on {{ is_flow_of('unfunded_orders') }}
    where free_flows.kind = 'out'
),

came_back as (
    {{ flows_that_came_back() }}
),

final as (
    select
        fund_flow_id, reconciliation_key, found_refund_order_id as refund_order_id, source,
        currency_code, account_holder, amount, flowed_date, flowed_at,
    from (
        from paid_out
        union all
        from came_back
    ) as movements
)

select * from final
