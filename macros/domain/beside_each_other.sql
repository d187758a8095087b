{#-
  One row per refund order that is not the only one of its order: what it is beside the others of
  its claim and its goods. Once the claim is paid in full, another way pays it again. What exceeds a
  line exceeds the order no more. What came back is paid later when others have paid what is due, or
  in its turn: a payment after it pays what came back first. Until then it covers what the others
  leave; what is under way, what is paid leaves. What is paid was due as far as what was paid before
  it left something. What one of them lacks by its bill, and others pay, it covers no more. Reads
  `payouts`.
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
                    (
                        route = 'small_payment'
                        and bool_or(route = 'original') filter (where is_paid) over earlier
                        or route = 'original'
                        and bool_and(route = 'small_payment') filter (where is_paid) over earlier
                        or is_unrecorded
                    )
                    and sum(refund_amount - lacking_amount) filter (where is_paid) over earlier
                    >= due_amount
                    then
                        greatest(standing_at, max(standing_at) filter (where is_paid) over earlier)
            end as paid_again_at,
            row_number() over (
                partition by chain_id
                order by is_paid desc, instructed_at desc, refund_order_id desc
            ) = 1 as is_latest,
        from payouts
        where reconciliation_key in (select crowded.reconciliation_key from crowded)
        window
            earlier as (
                partition by chain_id
                order by
                    is_paid and refund_order_status <> 'succeeded', standing_at,
                    refund_order_id
                rows between unbounded preceding and 1 preceding
            )
    ),

    moved as (
        select
            chain_id, refund_order_id, refund_amount, due_amount, is_paid,
            coalesce(returned_at, standing_at) as moved_at,
            coalesce(
                sum(refund_amount) filter (where is_paid) over (
                    partition by chain_id order by moved_at
                ),
                0
            ) as paid_by_then,
            sum(refund_amount) filter (where not is_paid) over (
                partition by chain_id order by moved_at, refund_order_id
            ) as returned_by_then,
        from paid
        where
            (is_paid or returned_at is not null)
            and chain_id in (
                select came_back.chain_id from paid as came_back
                where came_back.returned_at is not null
            )
    ),

    owed as (
        select
            chain_id, refund_order_id, moved_at as returned_at,
            least(
                due_amount,
                returned_by_then + max(paid_by_then - returned_by_then + refund_amount) over (
                    partition by chain_id order by moved_at, refund_order_id
                )
            ) as repaid_from,
        from moved
        where not is_paid
    ),

    repaid as (
        select
            owed.refund_order_id,
            greatest(owed.returned_at, min(moved.moved_at)) as paid_later_at,
        from owed
        inner join moved
            on owed.chain_id = moved.chain_id
            and moved.is_paid
            and owed.repaid_from <= moved.paid_by_then
        group by owed.refund_order_id, owed.returned_at
    ),

    settled as (
        select
            paid.*,
            repaid.paid_later_at,
            case
                when paid.paid_again_at is not null or repaid.paid_later_at is not null then 0
                when paid.refund_order_status = 'failed' and paid.paid_at is null then 0
                else paid.refund_amount
            end as instructed_amount,
        from paid
        left join repaid on paid.refund_order_id = repaid.refund_order_id
    ),

    counted as (
        select
            *,
            case
                when is_paid and instructed_amount > 0
                    then
                        greatest(
                            0,
                            least(
                                lacking_amount,
                                sum(instructed_amount) over claim - instructed_amount,
                                coalesce(
                                    sum(instructed_amount) over claim - due_amount + lacking_amount
                                    - sum(lacking_amount) filter (
                                        where is_paid and instructed_amount > 0
                                    ) over (
                                        partition by chain_id order by standing_at, refund_order_id
                                    ),
                                    0
                                )
                            )
                        )
                else 0
            end as refilled_amount,
            instructed_amount - refilled_amount as open_amount,
            case when is_paid then open_amount else 0 end as standing_amount,
            case when goods_amount is not null then standing_amount else 0 end as goods_paid,
        from settled
        window claim as (partition by chain_id)
    ),

    of_claims_and_lines as (
        select
            *,
            least(
                standing_amount,
                greatest(
                    0,
                    sum(standing_amount) over (
                        partition by chain_id order by standing_at, refund_order_id
                    ) - due_amount
                )
            ) as beyond_claim_amount,
            least(
                goods_paid,
                greatest(
                    0,
                    sum(goods_paid) over (
                        partition by reconciliation_key, line_id
                        order by standing_at, refund_order_id
                    ) - goods_amount
                )
            ) as line_excess_amount,
            least(
                open_amount,
                greatest(
                    0,
                    coalesce(
                        due_amount + open_amount - sum(open_amount) over so_far,
                        open_amount
                    )
                )
            ) as still_due_amount,
        from counted
        window so_far as ({{ in_order_of_claims() }})
    ),

    excesses as (
        select
            *,
            line_excess_amount
            + least(
                goods_paid - line_excess_amount,
                greatest(
                    0,
                    sum(goods_paid - line_excess_amount) over (
                        partition by reconciliation_key order by standing_at, refund_order_id
                    ) - order_pay_amount
                )
            ) as shared_excess_amount,
        from of_claims_and_lines
    )

    select
        refund_order_id,
        is_latest,
        shared_excess_amount,
        case
            when is_paid then standing_amount - least(shared_excess_amount, beyond_claim_amount)
            when returned_at is not null then still_due_amount
            else open_amount
        end as shared_covered_amount,
        if(is_paid, standing_amount - beyond_claim_amount, still_due_amount) as still_due_amount,
        paid_again_at,
        case
            when is_paid and beyond_claim_amount > shared_excess_amount
                then {{ paid_known_at() }}
            when not is_paid and returned_at is null and open_amount > still_due_amount
                then max(instructed_at) filter (where open_amount > 0) over so_far
        end as beyond_known_at,
        paid_later_at,
    from excesses
    window so_far as ({{ in_order_of_claims() }})
{%- endmacro %}


{#- The order in which the refund orders of a claim take what it is due. -#}
{% macro in_order_of_claims() -%}
    partition by chain_id
    order by not is_paid, returned_at is not null, returned_at, instructed_at, refund_order_id
{%- endmacro %}
