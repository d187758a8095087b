-- One row per row of the file, typed. Amounts are decimals throughout: a price such as 2.675
-- has no exact double. InvoiceDate is local time. A line is named by its invoice and by its
-- ordinal there, in file order, because an invoice may hold one article several times.
with

typed as (
    select
        _row_number,
        InvoiceNo::varchar as invoice_id,
        StockCode::varchar as stock_code,
        Description::varchar as description,
        Country::varchar as country,
        try_cast(CustomerID::varchar as decimal(18, 2))::bigint::varchar as customer_id,
        try_cast(Quantity::varchar as decimal(12, 0)) as quantity,
        try_cast(Quantity::varchar as decimal(12, 0))
        * try_cast(UnitPrice::varchar as decimal(14, 6)) as amount,
        try_cast(InvoiceDate::varchar as timestamp)
            at time zone getvariable('time_zone') at time zone 'UTC' as invoiced_at
    from delivered
)

select
    *,
    starts_with(invoice_id, 'C') as is_refund,
    round(abs(amount) * 100, 0)::bigint * sign(amount)::bigint as pence,
    concat(
        invoice_id, '-',
        row_number() over (partition by invoice_id order by _row_number)
    ) as line_id
from typed
