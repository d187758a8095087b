-- What the merchant experience score is made from, in windows of 30 days.
-- Grain: one row per merchant, last day of the window (month ends, and the data's last day) and
-- indicator, where the denominator is not 0.
-- For: merchants.agg_merchant_scores_daily. Windows include their last day, all dates are business
-- dates. Exempt claims, and disputes about them, leave numerator and denominator. paid_orders:
-- orders paid in the window. bad_review_rate: orders with a bad review / orders reviewed, on the
-- day of an order's first review. quality_return_rate: orders paid in the window with a claim for one of the five
-- quality reasons applied for within 14 days of payment, later withdrawn or not / orders paid.
-- complaint_rate: orders paid in the window and complained about within 14 days of payment / orders
-- paid. Both are mature when 14 days have passed for the whole window. pickup_on_time_rate and
-- delivery_on_time_rate: shipments done no later than due / due in the window. merchant_blame_rate:
-- judged with blame 1 / judged in the window. reply_within_3_minutes_rate: first reply within 180 s
-- / conversations started in the window. refund_only_hours: seconds from application to end /
-- successful claims of type 1 and 2 ended in the window. return_refund_hours: seconds from receipt
-- of the return to refund / claims of type 0 refunded in the window. deduction_points: points of
-- violations in the window (numerator), violations (denominator).
select
    windows.merchant_id::varchar as merchant_id,
    ends.end_date,
    windows.indicator,
    windows.numerator,
    windows.denominator,
    windows.indicator not in ('quality_return_rate', 'complaint_rate')
    or ends.end_date + 14 <= ends.to_date as is_mature,
from base.score_windows as windows
inner join base.window_ends as ends on windows.day = ends.end_date
order by merchant_id, end_date, indicator
