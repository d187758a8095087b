-- One row per delivered version of insurance policies; superseded ones stay as before images.
select
    insurance_policies.source,
    insurance_policies.policy_id,
    insurance_policies.order_id,
    insurance_policies.merchant_id,
    insurance_policies.claim_id,
    insurance_policies.policy_status,
    insurance_policies.premium_status,
    insurance_policies.payer_type,
    insurance_policies.policy_claim_status,
    insurance_policies.currency_code,
    {{ minor_units('insurance_policies.premium_amount') }} as premium_amount,
    {{ minor_units('insurance_policies.payout_amount') }} as payout_amount,
    insurance_policies.insured_at,
    insurance_policies.paid_out_at,
    insurance_policies.updated_at,
    {{ lineage_columns('insurance_policies') }}
from {{ delivered_rows('insurance_policies') }} as insurance_policies
inner join {{ ranked_deliveries() }} as deliveries
    on insurance_policies._delivery_id = deliveries.delivery_id
