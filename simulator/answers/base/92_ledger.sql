-- The double entries of all refunds, one row per account of an entry, debits above zero, in fen.
create table base.fund_scenes as
from read_csv(getvariable('seeds') || '/fund_scenes.csv');

-- What buyers are due: a claim that was approved for a refund, whatever became of it. R3 is advanced
-- by the platform, R4 paid by the insurer.
create table base.dues as
select
    claim_id,
    currency_code,
    case right_code when 'R3' then 'platform' when 'R4' then 'insurer'
        else coalesce(payer, 'merchant')
    end as payer,
    coalesce(applied_amount, refund_amount, 0) as approved_amount,
    case
        when refund_status in (3, 5) then refund_amount
        when claim_status in (27, 28, 29) then 0
        else applied_amount
    end as due_amount,
    coalesce(approved_date, (refunded_at + interval 8 hour)::date) as approved_date,
    coalesce(
        case when refund_status in (3, 5) then (refunded_at + interval 8 hour)::date end,
        ended_date,
        approved_date
    ) as settled_date,
from base.claims
where
    refund_status in (3, 5)
    or (approved_at is not null and (claim_type in (0, 1, 2, 6) or refund_status in (2, 4)));

-- Lines of the bills, each with the refund orders that it really pays or gives back, whatever it
-- names, and their shares of it; the fee is the last one's. What was in process when the bill was
-- written was paid, unless the refund order failed or the channel took it once more.
create table base.bill_lines as
select
    lines.bill_line_id,
    lines.line_type,
    lines.currency_code,
    coalesce(shares.amount, lines.amount) as amount,
    case
        when shares.refund_order_id is null or shares.is_last then lines.fee_amount
        else 0
    end as fee_amount,
    lines.bill_date,
    numbers.refund_order_id,
    numbers.claim_id,
    coalesce(numbers.payer, 'unknown') as payer,
    lines.line_type = 'refund'
    and case lines.bill_status
        when 'SUCCESS' then true
        when 'PROCESSING'
            then
                coalesce(
                    (numbers.refund_order_status <> 'failed' or numbers.succeeded_at is not null)
                    and (numbers.attempt_number = 1 or lines.transacted_at = newest.transacted_at),
                    true
                )
        else false
    end as is_payment,
from final.channel_bill_lines as lines
left join (
    select
        *,
        refund_order_id = max(refund_order_id) over (partition by bill_line_id) as is_last,
    from money.line_shares
) as shares on lines.bill_line_id = shares.bill_line_id
left join final.refund_orders as numbers on shares.refund_order_id = numbers.refund_order_id
left join (
    select
        paid.refund_order_id,
        max(bills.transacted_at) as transacted_at,
    from money.line_shares as paid
    inner join final.channel_bill_lines as bills on paid.bill_line_id = bills.bill_line_id
    where bills.line_type = 'refund'
    group by paid.refund_order_id
) as newest on shares.refund_order_id = newest.refund_order_id;

create table base.ledger as
with

numbers as (
    select
        *,
        (instructed_at + interval 8 hour)::date as instructed_date,
        (succeeded_at + interval 8 hour)::date as succeeded_date,
        (updated_at + interval 8 hour)::date as failed_date,
    from final.refund_orders
),

entries as (
    select
        'claim_approved' as event_type,
        'refunds_due_from_payers' as debit,
        'refunds_payable' as credit,
        payer,
        currency_code,
        approved_amount as amount,
        approved_date as business_date,
    from base.dues
    union all
    select
        'claim_adjusted' as event_type,
        'refunds_due_from_payers' as debit,
        'refunds_payable' as credit,
        payer,
        currency_code,
        due_amount - approved_amount as amount,
        settled_date as business_date,
    from base.dues
    union all
    select
        'refund_instructed' as event_type,
        'refunds_payable' as debit,
        'refunds_in_process' as credit,
        payer,
        currency_code,
        refund_amount as amount,
        instructed_date as business_date,
    from numbers
    union all
    select
        'refund_paid' as event_type,
        'refunds_in_process' as debit,
        case route when 'offline' then 'offline_payments' else 'channel_clearing' end as credit,
        payer,
        currency_code,
        refund_amount as amount,
        succeeded_date as business_date,
    from numbers
    where succeeded_at is not null
    union all
    select
        'refund_failed' as event_type,
        'refunds_in_process' as debit,
        'refunds_payable' as credit,
        payer,
        currency_code,
        refund_amount as amount,
        failed_date as business_date,
    from numbers
    where refund_order_status = 'failed' and succeeded_at is null
    union all
    select
        'refund_returned' as event_type,
        'channel_clearing' as debit,
        'refunds_payable' as credit,
        payer,
        currency_code,
        refund_amount as amount,
        failed_date as business_date,
    from numbers
    where refund_order_status = 'failed' and succeeded_at is not null
    union all
    select
        'bill_paid' as event_type,
        'channel_clearing' as debit,
        'channel_accounts' as credit,
        payer,
        currency_code,
        amount,
        bill_date as business_date,
    from base.bill_lines
    where is_payment
    union all
    select
        'bill_returned' as event_type,
        'channel_accounts' as debit,
        'channel_clearing' as credit,
        payer,
        currency_code,
        amount,
        bill_date as business_date,
    from base.bill_lines
    where line_type = 'return'
    union all
    select
        'fee_returned' as event_type,
        'channel_accounts' as debit,
        'channel_fees' as credit,
        payer,
        currency_code,
        -fee_amount as amount,
        bill_date as business_date,
    from base.bill_lines
    union all
    select
        scenes.event_type,
        flows.account_holder || '_funds' as debit,
        scenes.counter_account as credit,
        flows.account_holder as payer,
        flows.currency_code,
        case flows.direction when 1 then flows.amount else -flows.amount end as amount,
        (flows.flowed_at + interval 8 hour)::date as business_date,
    from final.fund_flows as flows
    inner join base.fund_scenes as scenes
        on flows.scene = scenes.scene and flows.direction = scenes.direction
)

select
    event_type,
    unnest([debit, credit]) as account,
    payer,
    currency_code,
    unnest([amount, -amount]) as amount,
    business_date,
from entries
where amount <> 0;

-- What the payable to buyers grew and shrank by.
create table base.payable_movements as
select
    business_date,
    payer,
    currency_code,
    coalesce(-sum(amount) filter (where event_type = 'claim_approved'), 0) as approved,
    coalesce(sum(amount) filter (where event_type = 'refund_paid'), 0) as paid,
    coalesce(-sum(amount) filter (where event_type = 'refund_returned'), 0) as payout_returned,
    coalesce(-sum(amount) filter (where event_type = 'claim_adjusted'), 0) as adjusted,
    approved - paid + payout_returned + adjusted as payable_change,
from base.ledger
where account in ('refunds_payable', 'refunds_in_process')
group by business_date, payer, currency_code;
