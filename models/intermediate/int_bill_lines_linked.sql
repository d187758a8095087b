{{ restate(
    by='bill_line_id',
    images=['reconciliation_key'],
    affected_by={
        'int_channel_bill_lines_current':
            'select bill_line_id from changes
            union all
            select bill_lines.bill_line_id from changes
            inner join int_channel_bill_lines_current as bill_lines using (channel_refund_id)',
        'int_refund_orders_linked':
            'select bill_line_id from changes
            inner join int_channel_bill_lines_current using (refund_order_id)
            union all
            select bill_line_id from changes
            inner join int_channel_bill_lines_current using (channel_refund_id)
            union all
            select others.bill_line_id from changes
            inner join int_channel_bill_lines_current as numbered using (refund_order_id)
            inner join int_channel_bill_lines_current as others
                on numbered.channel_refund_id = others.channel_refund_id',
    },
    recompute=requested_rows('int_channel_bill_lines_current', 'bill_line_id', 'transacted_at'),
) }}
-- One row per bill line whose number no refund order has, and refund order that it names by the
-- channel's own number, which a batch of refund orders may share. A line of the amount of some of
-- them is one's of those, in order of time, and the last one's when there are more lines; any other
-- is shared out in order of the ids, the last refund order takes the rest. A line that names none
-- stands under its order.
with
bill_lines as (
    select * from {{ affected_rows(ref('int_channel_bill_lines_current'), 'bill_line_id') }}
),

numbered as (
    select *
    from {{ rows_named_by(ref('int_refund_orders_linked'), 'refund_order_id', 'bill_lines') }}
),

unnumbered as (
    select *
    from bill_lines
    where
        refund_order_id is null
        or refund_order_id not in (select numbered.refund_order_id from numbered)
),

channel_numbers as (
    select distinct channel_refund_id
    from unnumbered
),

by_channel_number as (
    select *
    from {{ rows_among(ref('int_refund_orders_linked'), 'channel_refund_id', 'channel_numbers') }}
),

lines_of_numbers as (
    select *
    from
        {{ rows_among(
            ref('int_channel_bill_lines_current'), 'channel_refund_id', 'channel_numbers'
        ) }}
),

numbered_beside as (
    select refund_order_id
    from {{ rows_among(ref('int_refund_orders_linked'), 'refund_order_id', 'lines_of_numbers') }}
),

places as (
    select
        bill_line_id,
        row_number() over (
            partition by channel_refund_id, line_type, bill_status = 'FAIL', amount
            order by transacted_at, bill_line_id
        ) as line_number,
    from lines_of_numbers
    where
        refund_order_id is null
        or refund_order_id not in (select numbered_beside.refund_order_id from numbered_beside)
),

shares as (
    {{ shares_of_numbers() }}
),

final as (
    select
        unnumbered.bill_line_id,
        shares.refund_order_id,
        coalesce(
            shares.reconciliation_key,
            unnumbered.order_id,
            'bill line ' || unnumbered.bill_line_id
        ) as reconciliation_key,
        shares.match_rule,
        cast(coalesce(shares.matched_amount, unnumbered.amount) as decimal(18, 2))
            as matched_amount,
        coalesce(shares.refund_order_count, 1) as refund_order_count,
        coalesce(shares.is_last, true) as is_last,
        unnumbered.transacted_at,
    from unnumbered
    left join shares on unnumbered.bill_line_id = shares.bill_line_id
)

select * from final
