-- One row per stock code, with the latest description. Stock codes differ in upper and lower
-- case. Goods have codes that begin with a digit, or with DCGS (Dotcomgiftshop); every other
-- code is postage, a fee, a discount, a voucher, samples or a manual entry.
select
    max(_row_number) as _row_number,
    stock_code as product_id,
    'shop' as merchant_id,
    arg_max(description, (invoiced_at, _row_number)) filter (
        where description is not null
    ) as product_name,
    'uncategorised' as category_id,
    not regexp_matches(stock_code, '^([0-9]|DCGS)') as is_pseudo_product,
    max(invoiced_at) as updated_at
from prepared
group by stock_code
