-- What buyers are due by a claim, and what was instructed, billed and funded for it.
-- Grain: one row per claim that was approved for a refund.
-- For: finance.fct_refund_reconciliation. Instructed is what has not failed; billed are the lines
-- that paid, twice if they paid twice; funded is what left the payers' accounts for it less what
-- came back to them, except of a refund order that came back itself. Not determined by the truth,
-- and so not here: how a shortfall is divided into breaks and what is on its way, which depends on
-- terms.
with

orders as (
    select
        number(claim_id) as claim_id,
        sum(refund_amount) filter (where refund_order_status <> 'failed') as instructed_fen,
        count(*) as refund_order_count,
    from final.refund_orders
    group by all
),

billed as (
    select
        number(claim_id) as claim_id,
        sum(amount) filter (where is_payment) as billed,
        sum(fee_amount) as fee,
        count(distinct bill_line_id) as bill_line_count,
    from base.bill_lines
    where claim_id is not null
    group by all
),

funded as (
    select
        number(numbers.claim_id) as claim_id,
        sum(case flows.direction when 1 then flows.amount else -flows.amount end) filter (
            where scenes.is_refund
            and (
                flows.direction = 1
                or numbers.refund_order_status <> 'failed'
                or numbers.succeeded_at is null
            )
        ) as funded,
        count(*) as fund_flow_count,
    from final.fund_flows as flows
    inner join final.refund_orders as numbers on flows.refund_order_id = numbers.refund_order_id
    left join base.fund_scenes as scenes
        on flows.scene = scenes.scene and flows.direction = scenes.direction
    group by all
)

select
    dues.claim_id::varchar as claim_id,
    dues.currency_code,
    dues.payer,
    yuan(dues.due_amount) as approved_amount,
    yuan(coalesce(orders.instructed_fen, 0)) as instructed_amount,
    yuan(coalesce(billed.billed, 0)) as billed_amount,
    yuan(coalesce(billed.fee, 0)) as fee_amount,
    yuan(coalesce(funded.funded, 0)) as funded_amount,
    coalesce(orders.refund_order_count, 0) as refund_order_count,
    coalesce(billed.bill_line_count, 0) as bill_line_count,
    coalesce(funded.fund_flow_count, 0) as fund_flow_count,
    dues.approved_date,
from base.dues
left join orders on dues.claim_id = orders.claim_id
left join billed on dues.claim_id = billed.claim_id
left join funded on dues.claim_id = funded.claim_id
order by dues.claim_id
