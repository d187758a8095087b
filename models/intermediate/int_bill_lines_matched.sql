{{ restate(
    by='reconciliation_key',
    images=['source'],
    affected_by={
        'int_bill_lines_linked': 'reconciliation_key',
        'int_channel_bill_lines_current':
            keys_of('int_refund_orders_linked', 'refund_order_id')
            ~ ' union all ' ~ keys_of('int_bill_lines_linked', 'bill_line_id'),
        'int_refund_orders_linked': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_bill_lines_linked': 'transacted_at',
        'int_refund_orders_linked': 'instructed_at',
    }),
) }}
-- One row per bill line and refund order that it pays or gives back; without one, an orphan. Lines
-- that name no refund order fall back, within their order, to a refund order of the channel and
-- amount that nothing else pays, the first that is free in order of time, failed ones last; then
-- to all of the rest together. No line is used twice.
with
linked as (
    select * from {{ affected_rows(ref('int_bill_lines_linked'), 'reconciliation_key') }}
),

refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

named_lines as (
    select *
    from
        {{ rows_named_by(
            ref('int_channel_bill_lines_current'), 'refund_order_id', 'refund_orders'
        ) }}
),

linked_lines as (
    select *
    from {{ rows_named_by(ref('int_channel_bill_lines_current'), 'bill_line_id', 'linked') }}
),

bill_lines as (
    select
        refund_orders.reconciliation_key, refund_orders.refund_order_id,
        '1 refund order number' as match_rule,
        named_lines.amount as matched_amount,
        1 as refund_order_count,
        true as is_last,
        null as stated_refund_order_id,
        {{ said_by_bill('named_lines') }},
    from refund_orders
    inner join named_lines on refund_orders.refund_order_id = named_lines.refund_order_id
    union all by name
    select
        linked.* exclude (linked.bill_line_id, linked.transacted_at),
        linked_lines.refund_order_id as stated_refund_order_id,
        {{ said_by_bill('linked_lines') }},
    from linked
    inner join linked_lines on linked.bill_line_id = linked_lines.bill_line_id
),

fallback as (
    {{ fallback_lines() }}
),

final as (
    select
        bill_lines.* exclude (
            refund_order_id, stated_refund_order_id, matched_amount, match_rule,
            refund_order_count, is_last
        ),
        coalesce(bill_lines.refund_order_id, fallback.refund_order_id) as refund_order_id,
        case
            when bill_lines.refund_order_id is null and fallback.refund_order_id is null
                then bill_lines.stated_refund_order_id
        end as stated_refund_order_id,
        coalesce(fallback.matched_amount, bill_lines.matched_amount) as matched_amount,
        coalesce(bill_lines.match_rule, fallback.match_rule) as match_rule,
        coalesce(fallback.refund_order_count, bill_lines.refund_order_count)
            as refund_order_count,
        coalesce(fallback.is_last, bill_lines.is_last) as is_last,
    from bill_lines
    left join fallback
        on bill_lines.bill_line_id = fallback.bill_line_id and bill_lines.refund_order_id is null
)

select * from final
