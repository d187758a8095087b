{{ restate(by='business_date', affected_by={'fct_order_lines': 'paid_date'}) }}
-- One row per business date, channel, category and currency with a payment: what the paid lines of
-- a day come to. Apart from their refunds, so that a refund does not count all orders of the day
-- of its payment again.
with
final as (
    select
        category_id,
        channel,
        currency_code,
        count(distinct order_id) as paid_order_count,
        count(*) as paid_line_count,
        cast(sum(item_count) as bigint) as item_count,
        cast(sum(pay_amount) as decimal(18, 2)) as gmv_amount,
        paid_date as business_date,
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }}
    where is_paid
    group by all
)

select * from final
