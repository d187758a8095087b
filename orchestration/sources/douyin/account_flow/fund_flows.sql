-- One row per movement. The number of the after-sale service is no claim id.
select
    _row_number,
    concat('douyin-', flow_id) as fund_flow_id,
    'merchant' as account_holder,
    nullif(order_id, '') as order_id,
    nullif(after_sale_service_number, '') as after_sale_service_number,
    direction,
    scene,
    amount,
    flowed_at,
    flowed_at as updated_at
from prepared
