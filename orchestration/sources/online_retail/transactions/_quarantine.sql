-- Rows that are no sale and no refund, and values that the mappings could not carry over.
with

complaints as (
    select
        _row_number,
        unnest([
            case
                when starts_with(cast("InvoiceNo" as varchar), 'A')
                    then {
                        'name': 'InvoiceNo',
                        'reason': 'InvoiceNo begins with A: an adjustment of bad debt, no sale'
                    }
            end,
            case
                when coalesce(cast("InvoiceNo" as varchar), '') = ''
                    then {'name': 'InvoiceNo', 'reason': 'InvoiceNo is missing'}
            end,
            case
                when "StockCode" is null
                    then {'name': 'StockCode', 'reason': 'StockCode is missing'}
            end,
            case
                when
                    "Quantity" is null
                    or coalesce(
                        try_cast(cast("Quantity" as varchar) as decimal(18, 6))
                        <> try_cast(cast("Quantity" as varchar) as decimal(12, 0)),
                        true
                    )
                    then {
                        'name': 'Quantity',
                        'reason': 'Quantity is missing or no whole number of 12 digits'
                    }
            end,
            case
                when
                    coalesce(
                        try_cast(cast("UnitPrice" as varchar) as decimal(24, 12))
                        <> try_cast(cast("UnitPrice" as varchar) as decimal(14, 6)),
                        true
                    )
                    then {
                        'name': 'UnitPrice',
                        'reason': 'UnitPrice is missing or no number of 8 digits and 6 decimals'
                    }
            end,
            case
                when
                    abs(
                        try_cast(cast("Quantity" as varchar) as decimal(20, 0))
                        * try_cast(cast("UnitPrice" as varchar) as decimal(18, 6))
                    ) > 10000000000
                    then {
                        'name': 'Quantity',
                        'reason': 'Quantity x UnitPrice lies beyond 10,000,000,000'
                    }
            end,
            case
                when
                    "InvoiceDate" is null
                    or try_cast(cast("InvoiceDate" as varchar) as timestamp) is null
                    or not regexp_full_match(
                        cast("InvoiceDate" as varchar),
                        '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?'
                    )
                    then {
                        'name': 'InvoiceDate',
                        'reason': 'InvoiceDate is missing or no local time YYYY-MM-DD HH:MM:SS'
                    }
            end,
            case
                when
                    "CustomerID" is not null
                    and coalesce(
                        try_cast(cast("CustomerID" as varchar) as decimal(18, 2))
                        <> try_cast(cast("CustomerID" as varchar) as decimal(18, 0)),
                        true
                    )
                    then {'name': 'CustomerID', 'reason': 'CustomerID is no whole number'}
            end
        ]) as complaint
    from delivered
)

select
    _row_number,
    complaint.name as column_name,
    complaint.reason
from complaints
where complaint is not null
