-- One row per class, owner and currency of breaks that were open in the month or still are, with
-- the open amount by age from the due time; below them what is in transit now of chains that had
-- begun by the month's end, which is no break.
with
breaks as (
    select
        break_class,
        owner,
        severity,
        currency_code,
        break_amount,
        ageing_bucket,
        is_open
    from marts.finance.fct_reconciliation_breaks
    where
        opened_date <= getvariable('last_date')
        and (is_open or healed_date >= getvariable('first_date'))
    union all
    select
        'IN_TRANSIT' as break_class,
        items.owner,
        items.severity,
        items.currency_code,
        items.break_amount,
        items.ageing_bucket,
        true as is_open
    from intermediate.int_refund_breaks_aged as items
    inner join marts.finance.fct_refund_reconciliation as chains
        on items.chain_id = chains.chain_id
    where
        items.break_status = 'in_transit'
        and items.is_shortfall
        and coalesce(
            chains.approved_date, chains.instructed_date, chains.billed_date, chains.funded_date
        ) <= getvariable('last_date')
)

select
    break_class,
    owner,
    severity,
    currency_code,
    count(*) filter (where is_open) as open_count,
    sum(case when is_open then break_amount else 0 end) as open_amount,
    sum(case when is_open and ageing_bucket = 'B0' then break_amount else 0 end) as under_1_day,
    sum(case when is_open and ageing_bucket = 'B1' then break_amount else 0 end) as under_3_days,
    sum(case when is_open and ageing_bucket = 'B2' then break_amount else 0 end) as under_7_days,
    sum(case when is_open and ageing_bucket = 'B3' then break_amount else 0 end) as under_15_days,
    sum(case when is_open and ageing_bucket = 'B4' then break_amount else 0 end) as under_30_days,
    sum(case when is_open and ageing_bucket = 'B5' then break_amount else 0 end) as over_30_days,
    count(*) filter (where not is_open) as healed_count,
    sum(case when is_open then 0 else break_amount end) as healed_amount
from breaks
group by break_class, owner, severity, currency_code
order by severity desc, break_class asc, owner asc, currency_code asc
