-- Returns and refunds of what was paid in a month, by merchant and channel.
-- Grain: one row per merchant, channel and month (first day) of the payment.
-- For: claims.agg_return_rates_monthly. Lines and orders paid in the month, whatever day their refund
-- came on; an order counts in each channel that it touches. Returned: a successful refund of claim
-- type 0 (goods came back). Refunded before shipment: claim type 2. Quality return: applied for one of
-- the five reasons within 14 days of payment, withdrawn or not. Impulse: refunded, and applied for
-- within 2 h of payment. return_rate = returned orders / paid orders, refund_rate = refunded orders /
-- paid orders, refunded_amount_rate = refunded amount / GMV. Zones: green up to 15%, amber up to 20%,
-- red above. Mature: 14 days have passed since the period's last day, by the data's last day.
select *
from base.return_rates
order by merchant_id, channel, month, currency_code
