{{ restate(
    by='reconciliation_key',
    images=['source'],
    affected_by={
        'int_bill_lines_linked': 'reconciliation_key',
        'int_channel_bill_lines_current':
            'select reconciliation_key from changes
            inner join int_bill_lines_linked using (bill_line_id)',
        'int_refund_orders_linked': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_bill_lines_linked': 'transacted_at',
        'int_refund_orders_linked': 'instructed_at',
    }),
) }}
-- One row per bill line and refund order that it pays or gives back; without one, an orphan. Lines
-- that name no refund order fall back, within their order, to a refund order of the channel and
-- amount that nothing else pays, failed ones last, then to all of the rest together. No line is
-- used twice.
with
linked as (
    select * from {{ affected_rows(ref('int_bill_lines_linked'), 'reconciliation_key') }}
),

current_lines as (
    select * from {{ rows_named_by(ref('int_channel_bill_lines_current'), 'bill_line_id', 'linked') }}
),

refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

bill_lines as (
    select
        linked.* exclude (linked.transacted_at),
        current_lines.refund_order_id as stated_refund_order_id,
        current_lines.source, current_lines.currency_code, current_lines.pay_channel,
        current_lines.account_id, current_lines.line_type, current_lines.bill_status,
        current_lines.amount, current_lines.fee_amount, current_lines.bill_date,
        current_lines.transacted_at, current_lines.updated_at,
    from linked
    inner join current_lines on linked.bill_line_id = current_lines.bill_line_id
),

free_lines as (
    select
        *,
        row_number() over (
            partition by reconciliation_key, pay_channel, currency_code, amount
            order by transacted_at, bill_line_id
        ) as place,
    from bill_lines
    where
        refund_order_id is null
        and line_type = 'refund'
        and bill_status in ('SUCCESS', 'PROCESSING')
),

unpaid_orders as (
    select
        *,
        row_number() over (
            partition by reconciliation_key, pay_channel, currency_code, refund_amount
            order by refund_order_status = 'failed', instructed_at, refund_order_id
        ) as place,
    from refund_orders
    where
        route <> 'offline'
        and reconciliation_key in (select free_lines.reconciliation_key from free_lines)
        and refund_order_id not in (
            select bill_lines.refund_order_id
            from bill_lines
            where
                bill_lines.refund_order_id is not null
                and bill_lines.line_type = 'refund'
                and bill_lines.bill_status in ('SUCCESS', 'PROCESSING')
                and bill_lines.reconciliation_key in (
                    select free_lines.reconciliation_key from free_lines
                )
        )
),

by_amount as (
    select
        free_lines.bill_line_id, unpaid_orders.refund_order_id,
        free_lines.amount as matched_amount,
        '4 order, channel and amount' as match_rule,
    from free_lines
    inner join unpaid_orders using (reconciliation_key, pay_channel, currency_code, place)
    where free_lines.amount = unpaid_orders.refund_amount
),

rest_of_lines as (
    select *
    from free_lines
    where bill_line_id not in (select by_amount.bill_line_id from by_amount)
    qualify row_number() over (
        partition by reconciliation_key, pay_channel, currency_code, amount
        order by transacted_at, bill_line_id
    ) = 1
),

rest_of_orders as (
    select
        *,
        sum(refund_amount) over (
            partition by reconciliation_key, pay_channel, currency_code
        ) as rest_amount,
    from unpaid_orders
    where
        refund_order_status <> 'failed'
        and refund_order_id not in (select by_amount.refund_order_id from by_amount)
),

fallback as (
    from by_amount
    union all
    select
        rest_of_lines.bill_line_id, rest_of_orders.refund_order_id,
        rest_of_orders.refund_amount as matched_amount,
        '5 order and sum of a batch' as match_rule,
    from rest_of_lines
    inner join rest_of_orders using (reconciliation_key, pay_channel, currency_code)
    where rest_of_lines.amount = rest_of_orders.rest_amount
),

final as (
    select
        bill_lines.* exclude (refund_order_id, stated_refund_order_id, matched_amount, match_rule),
        coalesce(bill_lines.refund_order_id, fallback.refund_order_id) as refund_order_id,
        case
            when bill_lines.refund_order_id is null and fallback.refund_order_id is null
                then bill_lines.stated_refund_order_id
        end as stated_refund_order_id,
        coalesce(fallback.matched_amount, bill_lines.matched_amount) as matched_amount,
        coalesce(bill_lines.match_rule, fallback.match_rule) as match_rule,
    from bill_lines
    left join fallback
        on bill_lines.bill_line_id = fallback.bill_line_id and bill_lines.refund_order_id is null
)

select * from final
