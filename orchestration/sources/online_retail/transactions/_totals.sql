-- Sales and refunds in pounds: exact, and as the sum of lines that are rounded to pence.
with

amounts as (
    select
        is_refund,
        cast(abs(sum(amount)) as decimal(38, 6)) as unrounded,
        cast((abs(sum(pence)) * 0.01) as decimal(38, 6)) as rounded
    from prepared
    group by is_refund
)

select
    max(unrounded) filter (where not is_refund) as sales_unrounded,
    max(rounded) filter (where not is_refund) as sales_rounded,
    max(rounded - unrounded) filter (where not is_refund) as rounding_difference,
    max(unrounded) filter (where is_refund) as refunds_unrounded,
    max(rounded) filter (where is_refund) as refunds_rounded
from amounts
