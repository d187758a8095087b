-- What changed for merchants that signed a right, less what changed for those that had not.
-- Grain: one row per right that a merchant has signed, and outcome.
-- For: merchants.agg_right_impact. A merchant signs in the month of its first enrolment. Its three
-- months after that month are compared with the three before it; its peers over the same months
-- are the merchants that had not signed the right by the end of the three months after. Only
-- merchants with 30 paid orders before and after take part, only months with 10 peers, and only
-- signings of which 14 days have passed since the last month after. Outcomes: paid_orders (after /
-- before - 1), complaint_rate and quality_return_rate (per paid order, by pay date), dispute_rate
-- (claims with a dispute / claims, by application; 30 claims before and after), score (of the
-- months' last days, before the month of signing and at the end). Ratios are rounded down to
-- millionths, the peers' mean is rounded to millionths. effect = mean over signed merchants of
-- their change less their peers'; standard_error = standard deviation of the same / square root of
-- their number. Both null with fewer than 10 of them.
select
    right_code,
    outcome,
    signed_merchant_count,
    compared_merchant_count,
    fewest_peer_count,
    signed_change,
    peer_change,
    effect,
    standard_error,
from base.right_impact
order by right_code, outcome
