{{ restate(
    by='bill_line_id',
    images=['reconciliation_key'],
    affected_by={
        'int_channel_bill_lines_current': 'bill_line_id',
        'int_refund_orders_linked':
            'select bill_line_id from changes
            inner join int_channel_bill_lines_current using (refund_order_id)
            union all
            select bill_line_id from changes
            inner join int_channel_bill_lines_current using (channel_refund_id)',
    },
    recompute=requested_rows('int_channel_bill_lines_current', 'bill_line_id', 'transacted_at'),
) }}
-- One row per bill line and refund order that it names: by the refund order's number, else by the
-- channel's own number, which a batch of refund orders may share. A batched line is shared out,
-- the last refund order takes the rest. A line that names none stands under its order.
with
bill_lines as (
    select * from {{ affected_rows(ref('int_channel_bill_lines_current'), 'bill_line_id') }}
),

named_orders as (
    select distinct refund_order_id
    from bill_lines
    where refund_order_id is not null
),

by_number as (
    select *
    from {{ rows_among(ref('int_refund_orders_linked'), 'refund_order_id', 'named_orders') }}
),

unnumbered as (
    select distinct bill_lines.channel_refund_id
    from bill_lines
    left join by_number on bill_lines.refund_order_id = by_number.refund_order_id
    where by_number.refund_order_id is null and bill_lines.channel_refund_id is not null
),

by_channel_number as (
    select *
    from {{ rows_among(ref('int_refund_orders_linked'), 'channel_refund_id', 'unnumbered') }}
),

linked as (
    select
        bill_lines.*,
        by_number.refund_order_id is not null as is_numbered,
        coalesce(by_number.refund_order_id, by_channel_number.refund_order_id)
            as linked_refund_order_id,
        coalesce(by_number.refund_amount, by_channel_number.refund_amount) as refund_amount,
        coalesce(
            by_number.reconciliation_key,
            by_channel_number.reconciliation_key,
            bill_lines.order_id,
            'bill line ' || bill_lines.bill_line_id
        ) as reconciliation_key,
        count(*) over same_line as refund_order_count,
        row_number() over (
            partition by bill_lines.bill_line_id order by linked_refund_order_id desc
        ) = 1 as is_last,
    from bill_lines
    left join by_number on bill_lines.refund_order_id = by_number.refund_order_id
    left join by_channel_number
        on by_number.refund_order_id is null
        and bill_lines.channel_refund_id = by_channel_number.channel_refund_id
    window same_line as (partition by bill_lines.bill_line_id)
),

final as (
    select
        * exclude (refund_order_id, linked_refund_order_id, refund_amount, is_numbered),
        refund_order_id as stated_refund_order_id,
        linked_refund_order_id as refund_order_id,
        case
            when refund_order_count = 1 then amount
            when not is_last then refund_amount
            else amount - sum(case when is_last then 0 else refund_amount end)
                over (partition by bill_line_id)
        end as matched_amount,
        case
            when is_numbered then '1 refund order number'
            when linked_refund_order_id is null then null
            when refund_order_count = 1 then '2 channel refund number'
            else '3 batch of a channel refund number'
        end as match_rule,
    from linked
)

select * from final
