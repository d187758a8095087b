-- One row per row of the file, typed. Amounts are decimals throughout: a price such as 2.675
-- has no exact double. InvoiceDate is local time. A line is named by its invoice and by its
-- ordinal there, in file order, because an invoice may hold one article several times. Goods have
-- codes that begin with a digit, or with DCGS (Dotcomgiftshop); every other code is postage, a fee,
-- a discount, a voucher, samples or a manual entry.
with

typed as (
    select
        _row_number,
        cast("InvoiceNo" as varchar) as invoice_id,
        cast("StockCode" as varchar) as stock_code,
        cast("Description" as varchar) as description,
        cast("Country" as varchar) as country,
        cast(
            cast(try_cast(cast("CustomerID" as varchar) as decimal(18, 2)) as bigint) as varchar
        ) as customer_id,
        try_cast(cast("Quantity" as varchar) as decimal(12, 0)) as quantity,
        try_cast(cast("Quantity" as varchar) as decimal(20, 0))
        * try_cast(cast("UnitPrice" as varchar) as decimal(18, 6)) as amount,
        to_utc(try_cast(cast("InvoiceDate" as varchar) as timestamp)) as invoiced_at
    from delivered
)

select
    *,
    starts_with(invoice_id, 'C') as is_refund,
    not regexp_matches(stock_code, '^([0-9]|DCGS)') as is_pseudo_product,
    cast(round(abs(amount) * 100, 0) as bigint) * cast(sign(amount) as bigint) as pence,
    concat(
        invoice_id, '-',
        row_number() over (partition by invoice_id order by _row_number)
    ) as line_id
from typed
