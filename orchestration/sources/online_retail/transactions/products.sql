-- One row per stock code, with the latest description. Stock codes differ in upper and lower case.
select
    max(_row_number) as _row_number,
    stock_code as product_id,
    'shop' as merchant_id,
    arg_max(description, (invoiced_at, _row_number)) filter (
        where description is not null
    ) as product_name,
    'uncategorised' as category_id,
    bool_or(is_pseudo_product) as is_pseudo_product,
    max(invoiced_at) as updated_at
from prepared
group by stock_code
