{{ restate(by='business_date', affected_by={'fct_refunds': 'refunded_date'}) }}
-- One row per business date of the refund, channel, reason (`none` without one), claim type and
-- currency.
with
final as (
    select
        currency_code,
        channel,
        coalesce(reason, 'none') as reason,
        claim_type,
        count(distinct claim_id) as refund_count,
        count(distinct claim_id) filter (where is_impulse) as impulse_refund_count,
        cast(sum(refund_amount) as decimal(18, 2)) as refunded_amount,
        refunded_date as business_date,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
)

select * from final
