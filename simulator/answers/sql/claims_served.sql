-- Claims served, in person-times.
-- Grain: one row per right and business date of the service.
-- For: claims.agg_claims_served_daily. A claim under a right that ended in a successful refund
-- counts on the refund's day, one that ended in a successful exchange, resend or repair on its
-- end's day. cumulative_served_count runs over the right's days. Claims are counted, not people.
select
    served_date as business_date,
    right_code,
    count(*) as served_count,
    count(*) filter (where is_eligible) as eligible_served_count,
    yuan(coalesce(sum(refund_amount) filter (where is_refunded), 0)) as refunded_amount,
    sum(count(*)) over (partition by right_code order by served_date)::bigint
        as cumulative_served_count,
from base.claims
where is_served
group by served_date, right_code
order by business_date, right_code
