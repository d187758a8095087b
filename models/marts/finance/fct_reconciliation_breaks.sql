{{ restate(
    by='reconciliation_key',
    affected_by={'int_refund_breaks_aged': 'reconciliation_key'},
    recompute='select reconciliation_key from int_refund_breaks_aged cross join requested',
) }}
-- One row per break, open or healed. A break opens when its term has passed, and one that heals
-- keeps its row.
with
breaks as (
    select * from {{ affected_rows(ref('int_refund_breaks_aged'), 'reconciliation_key') }}
),

final as (
    select
        break_id,
        reconciliation_key,
        chain_id,
        claim_id,
        refund_order_id,
        bill_line_id,
        source,
        currency_code,
        pay_channel,
        payer,
        break_class,
        cause,
        owner,
        ageing_bucket,
        break_amount,
        severity,
        sla_hours,
        age_hours,
        break_status = 'open' as is_open,
        opened_date,
        case when break_status = 'healed' then healed_date end as healed_date,
        due_at,
        opens_at as break_opened_at,
        case when break_status = 'healed' then healed_at end as healed_at,
    from breaks
    where break_status <> 'in_transit'
)

select * from final
