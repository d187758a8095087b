-- Claims by the day of their application.
-- Grain: one row per right (`none` without one) and business date of the application.
-- For: claims.agg_claims_daily. Refused: the merchant's first or second refusal stands (status 27 or
-- 29). Failed: closed without success (status 28). Disputed: the platform was called.
-- dispute_rate = disputed / applied, refusal_rate = refused / applied.
select
    applied_date as business_date,
    coalesce(right_code, 'none') as right_code,
    currency_code,
    count(*) as applied_count,
    count(*) filter (where is_eligible) as eligible_count,
    count(*) filter (where is_enrolled) as enrolled_count,
    count(*) filter (where is_refused) as refused_count,
    count(*) filter (where is_failed) as failed_count,
    count(*) filter (where is_disputed) as disputed_count,
    refused_count / applied_count as refusal_rate,
    disputed_count / applied_count as dispute_rate,
from base.claims
group by all
order by business_date, right_code, currency_code
