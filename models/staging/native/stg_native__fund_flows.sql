-- One row per delivered version of fund flows; superseded ones stay as before images.
select
    fund_flows.source,
    fund_flows.fund_flow_id,
    fund_flows.merchant_id,
    fund_flows.account_holder,
    fund_flows.refund_order_id,
    fund_flows.order_id,
    fund_flows.after_sale_service_number,
    fund_flows.direction,
    fund_flows.scene,
    fund_flows.currency_code,
    {{ minor_units('fund_flows.amount') }} as amount,
    fund_flows.flowed_at,
    fund_flows.updated_at,
    {{ evidence_columns('fund_flows') }}
    {{ lineage_columns('fund_flows') }}
from {{ delivered_rows('fund_flows') }} as fund_flows
inner join {{ ranked_deliveries() }} as deliveries
    on fund_flows._delivery_id = deliveries.delivery_id
