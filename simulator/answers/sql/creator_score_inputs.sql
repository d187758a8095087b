-- What the creator reputation score is made from, in windows of 30 days.
-- Grain: one row per creator, last day of the window (month ends, and the data's last day).
-- For: merchants.agg_creator_scores_daily. Of the lines paid in the window that the creator sold:
-- orders, those complained about (the complaint names the creator or no creator) within 14 days of
-- payment, lines, lines whose goods came back (successful refund of claim type 0) and GMV.
-- Complaints are mature when 14 days have passed for the whole window.
select
    windows.creator_id::varchar as creator_id,
    windows.end_date,
    windows.orders as paid_order_count,
    windows.complained_orders as complained_order_count,
    windows.lines as paid_line_count,
    windows.returned_lines as returned_line_count,
    yuan(windows.gmv) as gmv_amount,
    windows.end_date + 14 <= ends.to_date as is_mature,
from base.creator_windows as windows
inner join base.window_ends as ends on windows.end_date = ends.end_date
order by creator_id, end_date
