-- Experience scores of merchants, in windows of 30 days.
-- Grain: one row per merchant and last day of the window (month ends, and the data's last day) in
-- which anything was observed of it.
-- For: merchants.agg_merchant_scores_daily. By the newest set of the seed score_parameters: an
-- indicator scores 100, 60 and 0 at its three values, linear between, flat outside; below its
-- minimum sample it is left out and its weight shared among the others of its component; a
-- component without an indicator leaves its weight to the others. Each indicator, each component
-- and the whole are rounded half up to hundredths. The points of the window's violations come off
-- last, not below 0. Null with too few paid orders.
select
    scores.merchant_id::varchar as merchant_id,
    scores.day as end_date,
    scores.paid_orders as paid_order_count,
    scores.deduction_points,
    yuan(scores.goods_points)::decimal(5, 2) as goods_score,
    yuan(scores.logistics_points)::decimal(5, 2) as logistics_score,
    yuan(scores.service_points)::decimal(5, 2) as service_score,
    yuan(scores.points)::decimal(5, 2) as score,
    scores.day + 14 <= ends.to_date as is_mature,
from base.merchant_scores as scores
inner join base.window_ends as ends on scores.day = ends.end_date
order by merchant_id, end_date
