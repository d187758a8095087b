-- One row per class, owner and currency of breaks that were open in the month or still are, with the
-- open amount by age from the due time.
select
    break_class,
    owner,
    severity,
    currency_code,
    count(*) filter (where is_open) as open_count,
    coalesce(sum(break_amount) filter (where is_open), 0)::decimal(38, 2) as open_amount,
    coalesce(sum(break_amount) filter (where is_open and ageing_bucket = 'B0'), 0)::decimal(38, 2)
        as under_1_day,
    coalesce(sum(break_amount) filter (where is_open and ageing_bucket = 'B1'), 0)::decimal(38, 2)
        as under_3_days,
    coalesce(sum(break_amount) filter (where is_open and ageing_bucket = 'B2'), 0)::decimal(38, 2)
        as under_7_days,
    coalesce(sum(break_amount) filter (where is_open and ageing_bucket = 'B3'), 0)::decimal(38, 2)
        as under_15_days,
    coalesce(sum(break_amount) filter (where is_open and ageing_bucket = 'B4'), 0)::decimal(38, 2)
        as under_30_days,
    coalesce(sum(break_amount) filter (where is_open and ageing_bucket = 'B5'), 0)::decimal(38, 2)
        as over_30_days,
    count(*) filter (where not is_open) as healed_count,
    coalesce(sum(break_amount) filter (where not is_open), 0)::decimal(38, 2) as healed_amount
from marts.finance.fct_reconciliation_breaks
where
    opened_date <= getvariable('last_date')
    and (is_open or healed_date >= getvariable('first_date'))
group by break_class, owner, severity, currency_code
order by severity desc, break_class, owner, currency_code
