{{ restate(
    by='reconciliation_key',
    images=['entry_id', 'event_date'],
    affected_by={
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
        'int_bill_lines_matched': 'reconciliation_key',
        'int_fund_flows_linked': 'reconciliation_key',
        'int_fund_flows_matched': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_refund_entitlements': 'approved_at', 'int_refund_orders_linked': 'instructed_at',
        'int_bill_lines_matched': 'transacted_at', 'int_fund_flows_linked': 'flowed_at',
    }),
) }}
-- One row per entry and account, debits above zero: what today's facts book, closed months or not.
with
entitlements as (
    select * from {{ affected_rows(ref('int_refund_entitlements'), 'reconciliation_key') }}
),

refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

bill_lines as (
    select
        bill_lines.*,
        coalesce(refund_orders.chain_id, 'bill line ' || bill_lines.bill_line_id) as chain_id,
        refund_orders.claim_id, coalesce(refund_orders.payer, 'unknown') as payer,
        {{ is_payment('bill_lines', 'refund_orders') }} as is_payment,
    from {{ affected_rows(ref('int_bill_lines_matched'), 'reconciliation_key') }} as bill_lines
    left join refund_orders on bill_lines.refund_order_id = refund_orders.refund_order_id
    window {{ attempts('bill_lines') }}
),

of_entitlements as (
    select
        claim_id as id, reconciliation_key, claim_id as chain_id, claim_id, null as refund_order_id,
        source, currency_code, payer, pay_channel,
        {{ entries([
            ("'claim_approved'", "'refunds_due_from_payers'", "'refunds_payable'",
                'approved_amount', 'approved_date'),
            ("'claim_adjusted'", "'refunds_due_from_payers'", "'refunds_payable'",
                'due_amount - approved_amount', 'coalesce(refunded_date, ended_date, approved_date)'),
        ]) }},
    from entitlements
),

of_refund_orders as (
    select
        refund_order_id as id, reconciliation_key, chain_id, claim_id, refund_order_id, source,
        currency_code, coalesce(payer, 'unknown') as payer, pay_channel,
        {{ entries([
            ("'refund_instructed'", "'refunds_payable'", "'refunds_in_process'", 'refund_amount',
                'instructed_date'),
            ("'refund_paid'", "'refunds_in_process'",
                "if(route = 'offline', 'offline_payments', 'channel_clearing')", 'refund_amount',
                recorded_as_paid('date')),
            ("'refund_failed'", "'refunds_in_process'", "'refunds_payable'",
                "if(refund_order_status = 'failed' and succeeded_at is null, refund_amount, 0)",
                'updated_date'),
            ("'refund_returned'", "'channel_clearing'", "'refunds_payable'",
                "if(refund_order_status = 'failed' and succeeded_at is not null, refund_amount, 0)",
                'updated_date'),
        ]) }},
    from refund_orders
),

of_bill_lines as (
    select
        concat_ws(' ', bill_line_id, refund_order_id) as id, reconciliation_key, chain_id,
        claim_id, refund_order_id, source, currency_code, payer, pay_channel,
        {{ entries([
            ("'bill_paid'", "'channel_clearing'", "'channel_accounts'",
                'case when is_payment then matched_amount else 0 end', 'bill_date'),
            ("'bill_returned'", "'channel_accounts'", "'channel_clearing'",
                "case when " ~ is_return() ~ " then matched_amount else 0 end", 'bill_date'),
            ("'fee_returned'", "'channel_accounts'", "'channel_fees'",
                'case when is_last then -coalesce(fee_amount, 0) else 0 end', 'bill_date'),
        ]) }},
    from bill_lines
),

of_fund_flows as (
    select
        fund_flows.fund_flow_id as id, fund_flows.reconciliation_key,
        coalesce(refund_orders.chain_id, 'fund flow ' || fund_flows.fund_flow_id) as chain_id,
        refund_orders.claim_id, refund_orders.refund_order_id, fund_flows.source,
        fund_flows.currency_code, fund_flows.account_holder as payer, 'none' as pay_channel,
        {{ entries([
            ('fund_flows.event_type', "fund_flows.account_holder || '_funds'", 'counter_account',
                'fund_flows.amount * if(fund_flows.direction = 1, 1, -1)', 'fund_flows.flowed_date'),
        ]) }},
    from {{ affected_rows(ref('int_fund_flows_linked'), 'reconciliation_key') }} as fund_flows
    left join {{ affected_rows(ref('int_fund_flows_matched'), 'reconciliation_key') }} as free_flows
        on fund_flows.fund_flow_id = free_flows.fund_flow_id
    left join refund_orders
        on refund_orders.refund_order_id
        = coalesce(fund_flows.refund_order_id, free_flows.refund_order_id)
    where fund_flows.event_type <> 'other_flow'
),

final as (
    select
        event_type || ' ' || id as entry_id,
        * exclude (id, debit_account, credit_account, amount),
        unnest([debit_account, credit_account]) as account, unnest([amount, -amount]) as amount,
    from (
        from of_refund_orders
        union all
        from of_entitlements
        union all
        from of_bill_lines
        union all
        from of_fund_flows
    ) as entries
)

select * from final
