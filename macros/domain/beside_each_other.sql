{#-
  One row per refund order that is not the only one of its order: what it is beside the others of
  its claim and its goods. Reads `payouts`.
-#}
{% macro beside_each_other() -%}
    with
    crowded as (
        select reconciliation_key
        from payouts
        group by reconciliation_key
        having count(*) > 1
    ),

    paid as (
        select
            *,
            is_paid and refund_order_status <> 'succeeded' as is_unrecorded,
            case
                when not is_paid or due_amount is null then null
                when
                    route = 'small_payment'
                    and count(*) filter (where is_paid and route = 'original')
                        over earlier_of_amount > 0
                    or route = 'original'
                    and bool_and(route = 'small_payment') filter (where is_paid)
                        over earlier_of_amount
                    or is_unrecorded
                    and sum(refund_amount) filter (where is_paid) over earlier_of_chain
                    >= due_amount
                    then
                        greatest(paid_at, max(paid_at) filter (where is_paid) over earlier_of_chain)
            end as paid_again_at,
            min(case when is_paid then paid_at end) over (
                partition by chain_id
                order by instructed_at, refund_order_id
                rows between 1 following and unbounded following
            ) as paid_later_at,
            row_number() over (
                partition by chain_id
                order by is_paid desc, instructed_at desc, refund_order_id desc
            ) = 1 as is_latest,
        from payouts
        where reconciliation_key in (select crowded.reconciliation_key from crowded)
        window
            earlier_of_amount as (
                partition by chain_id, refund_amount
                order by
                    is_paid and refund_order_status <> 'succeeded', paid_at, refund_order_id
                rows between unbounded preceding and 1 preceding
            ),
            earlier_of_chain as (
                partition by chain_id
                order by
                    is_paid and refund_order_status <> 'succeeded', paid_at, refund_order_id
                rows between unbounded preceding and 1 preceding
            )
    ),

    excesses as (
        select
            *,
            case
                when is_paid and paid_again_at is null and goods_amount is not null
                    then refund_amount
            end as counted_amount,
            sum(counted_amount) over (
                partition by reconciliation_key, line_id
                order by paid_at, refund_order_id
            ) - goods_amount as line_excess_amount,
            sum(counted_amount) over (
                partition by reconciliation_key
                order by paid_at, refund_order_id
            ) - order_pay_amount as order_excess_amount,
        from paid
    )

    select
        refund_order_id,
        is_latest,
        cast(
            case
                when counted_amount is null then 0
                else least(counted_amount, greatest(0, line_excess_amount, order_excess_amount))
            end as decimal(18, 2)
        ) as shared_excess_amount,
        paid_again_at,
        paid_later_at,
    from excesses
{%- endmacro %}
