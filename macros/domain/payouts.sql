{#-
  Every refund order as its claim, the bills and the funding accounts show it, before it is set
  beside others. It is paid until it came back, and shown to be by a line that did not come back.
  What came back to a funding account funds a refund order no more, except of one that came back
  itself. Funding is due with the first payment where none came, with the newest part until then
  where all of it came, else with the newest part before which no more stood than was funded. Reads
  `billed`, `entitlements`, `funded` and `terms`.
-#}
{% macro payouts() -%}
    select
        billed.* exclude (
            billed.bill_returned_at, billed.bill_repaid_at, billed.rebilled_at,
            billed.channel_paid_at, billed.first_paid_at, billed.last_paid_at,
            billed.later_parts, billed.mismatch_amount
        ) replace (
            case
                when billed.succeeded_at > billed.bill_returned_at then billed.rebilled_at
                else billed.billed_at
            end as billed_at
        ),
        entitlements.claim_id is not null as is_entitled,
        entitlements.line_id, entitlements.goods_amount, entitlements.order_pay_amount,
        entitlements.due_amount,
        billed.payer <> entitlements.payer as is_wrong_payer,
        billed.pay_channel <> entitlements.pay_channel as is_other_channel,
        funded.* exclude (
            funded.refund_order_id, funded.funded_amount, funded.payer_funded_amount,
            funded.funded_at
        ),
        billed.bill_returned_at is not null and billed.bill_repaid_at is null
            as is_return_billed,
        {{ paid_at('billed') }} as paid_at,
        {{ returned_at('billed') }} as returned_at,
        paid_at is not null and returned_at is null as is_paid,
        cast(greatest(
            0, billed.mismatch_amount - if(returned_at is null, 0, billed.lacking_amount)
        ) as decimal(18, 2)) as mismatch_amount,
        case
            when billed.instructed_at > entitlements.due_at + to_hours(terms.shortest_hours)
                then entitlements.due_at
        end as claim_due_at,
        case when claim_due_at is not null then entitlements.known_at end as claim_known_at,
        (
            is_paid
            and (paid_at > billed.due_at or claim_due_at is not null)
            and not (
                billed.bill_returned_at is not null
                and coalesce(billed.first_paid_at, billed.bill_returned_at) <= billed.due_at
            )
        )
        or (paid_at is null and billed.refund_order_status in ('created', 'processing'))
            as is_late,
        case when is_paid then billed.bill_returned_at end as earlier_returned_at,
        case
            when earlier_returned_at is not null then coalesce(billed.bill_repaid_at, paid_at)
        end as repaid_at,
        case
            when earlier_returned_at is null then null
            when
                billed.succeeded_at > billed.bill_returned_at
                and billed.refund_order_status <> 'failed'
                then billed.succeeded_at
            else coalesce(billed.rebilled_at, repaid_at)
        end as repaid_known_at,
        coalesce(repaid_at, paid_at) as standing_at,
        if(
            is_paid,
            least(
                billed.lacking_amount,
                greatest(0, billed.refund_amount - coalesce(funded.funded_amount, 0))
            ),
            billed.refund_amount
        ) as unfunded_rightly_amount,
        least(coalesce(funded.given_back_amount, 0), unfunded_rightly_amount)
            as given_back_rightly_amount,
        cast(greatest(0, funded.funded_amount + given_back_rightly_amount) as decimal(18, 2))
            as all_funded_amount,
        greatest(
            0,
            coalesce(
                funded.payer_funded_amount
                + least(funded.payer_given_back_amount, unfunded_rightly_amount),
                case when funded.funded_by = billed.payer then funded.funded_amount end
            )
        ) as own_funded_amount,
        billed.refund_amount - if(
            is_paid,
            unfunded_rightly_amount - (all_funded_amount - greatest(0, funded.funded_amount)),
            0
        ) as funding_due_amount,
        case
            when funded.funded_at is null then paid_at
            else
                greatest(
                    paid_at,
                    list_max(list_transform(
                        list_filter(
                            billed.later_parts,
                            lambda part: if(
                                all_funded_amount < funding_due_amount,
                                part.stood <= all_funded_amount,
                                part.paid_at <= funded.funded_at + interval 24 hour
                            )
                        ),
                        lambda part: part.paid_at
                    ))
                )
        end as funding_due_at,
        case
            when
                is_paid
                and all_funded_amount = funding_due_amount
                and own_funded_amount = funding_due_amount
                and given_back_rightly_amount = 0
                and funded.funded_at > funding_due_at + interval 24 hour
                then funded.funded_at
        end as funded_late_at,
        cast(greatest(
            abs(funding_due_amount - own_funded_amount),
            all_funded_amount - own_funded_amount,
            funded.payer_funded_amount - funded.funded_amount,
            if(funded_late_at is null, 0, funded.last_funded_amount)
        ) as decimal(18, 2)) as misfunded_amount,
        least(billed.refund_amount, entitlements.due_amount) as due_part_amount,
        billed.route = 'offline' or (billed.payment_count > 0 and not is_return_billed) as is_shown,
    from billed
    left join entitlements on billed.chain_id = entitlements.claim_id
    left join funded on billed.refund_order_id = funded.refund_order_id
    cross join terms
{%- endmacro %}
