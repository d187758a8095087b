{#-
  One row per refund chain: a claim with all that was instructed, billed and funded for it; or a
  refund order, a bill line or a payment out of a funding account that belongs to none. Reads
  `entitlements`, `refund_orders` with what is reconciled of them, `bill_lines` and `free_flows`.
  Beyond a claim is what was paid, and once it is refunded also what is on its way. A line counts
  for each refund order that it pays. Most chains have one refund order, and need no groups.
-#}
{% macro refund_chains() -%}
    {%- set repaid_date = 'case when repaid_at is not null then ' ~ business_date('repaid_at')
        ~ ' end' -%}
    {%- set dates = ['succeeded_date', repaid_date, 'billed_date', recorded_as_paid('date')] -%}
    {%- set paid_date = 'coalesce(' ~ dates | join(', ') ~ ')' -%}
    {%- set has_failed = "refund_order_status = 'failed' and paid_at is null" -%}
    with
    instructed as (
        {% for alone in [true, false] %}
        select
            chain_id,
            {% for column in ['reconciliation_key', 'claim_id', 'source', 'currency_code'] %}
            {{ column if alone else 'min(' ~ column ~ ') as ' ~ column }},
            {% endfor %}
            {% for column in ['refund_order_id', 'bill_line_id', 'fund_flow_id', 'pay_channel',
                'payer', 'match_rule'] %}
            {{ together(alone, 'max', column, 'is_latest') }} as {{ column }},
            {% endfor %}
            {% for column in ['covered_amount', 'paid_amount', 'billed_amount', 'fee_amount',
                'funded_amount'] %}
            cast({{ together(alone, 'sum', column) }} as decimal(18, 2)) as {{ column }},
            {% endfor %}
            cast({{ together(alone, 'sum', 'refund_amount', "refund_order_status <> 'failed'") }}
                as decimal(18, 2)) as instructed_amount,
            cast({{ together(alone, 'count', 'refund_order_id') }} as bigint) as refund_order_count,
            cast({{ together(alone, 'sum', 'bill_line_count') }} as bigint) as bill_line_count,
            cast({{ together(alone, 'sum', 'fund_flow_count') }} as bigint) as fund_flow_count,
            {{ together(alone, 'min', 'instructed_date') }} as instructed_date,
            {{ together(alone, 'min', 'billed_date') }} as billed_date,
            {{ together(alone, 'min', 'funded_date') }} as funded_date,
            {{ together(alone, 'max', paid_date, 'is_paid') }} as paid_date,
            {{ together(alone, 'min', 'beyond_known_at') }} as beyond_known_at,
            cast({{ together(alone, 'sum', 'recovered_amount') }} as decimal(18, 2))
                as recovered_amount,
            {{ together(alone, 'max', 'recovered_at') }} as recovered_at,
            {{ together(alone, 'max', 'due_at') }} as due_at,
            {{ together(alone, 'min', 'coalesce(due_at, instructed_at)', has_failed) }}
                as failed_due_at,
            {{ together(alone, 'sum', 'refund_amount', has_failed) }} as failed_amount,
        from refund_orders
        where {{ 'is_alone' if alone else 'not is_alone' }}
        {{ 'union all' if alone else 'group by chain_id' }}
        {% endfor %}
    )

    select
        coalesce(entitlements.reconciliation_key, instructed.reconciliation_key)
            as reconciliation_key,
        coalesce(entitlements.claim_id, instructed.chain_id) as chain_id,
        coalesce(entitlements.claim_id, instructed.claim_id) as claim_id,
        coalesce(entitlements.source, instructed.source) as source,
        coalesce(entitlements.currency_code, instructed.currency_code) as currency_code,
        coalesce(instructed.pay_channel, entitlements.pay_channel) as pay_channel,
        coalesce(entitlements.payer, instructed.payer) as payer,
        coalesce(instructed.due_at, entitlements.due_at) as due_at,
        entitlements.due_at as claim_due_at,
        coalesce(entitlements.due_amount, 0) as due_amount,
        coalesce(instructed.covered_amount, 0) as covered_amount,
        entitlements.claim_id is not null as is_entitled,
        false as is_orphan,
        entitlements.merchant_id, entitlements.right_code, entitlements.refund_status,
        entitlements.approved_date,
        if(entitlements.refund_status in (3, 5), instructed.covered_amount, instructed.paid_amount)
        - entitlements.due_amount as beyond_amount,
        if(
            beyond_amount > 0,
            greatest(entitlements.known_at, instructed.beyond_known_at),
            entitlements.known_at
        ) as known_at,
        instructed.* exclude (
            reconciliation_key, chain_id, claim_id, source, currency_code, pay_channel, payer,
            due_at, covered_amount
        ),
    from entitlements
    full join instructed on entitlements.claim_id = instructed.chain_id
    union all by name
    select
        reconciliation_key, 'bill line ' || bill_line_id as chain_id,
        stated_refund_order_id as refund_order_id, bill_line_id, source, currency_code, pay_channel,
        case
            when line_type = 'refund' and bill_status in ('SUCCESS', 'PROCESSING') then amount
            else 0
        end as billed_amount,
        if({{ is_return() }}, amount, billed_amount) as orphan_amount,
        0 as due_amount, 0 as covered_amount, 1 as bill_line_count,
        false as is_entitled, true as is_orphan, bill_date as billed_date,
        transacted_at as due_at, updated_at as known_at,
    from bill_lines
    where refund_order_id is null
    union all by name
    select
        reconciliation_key, 'fund flow ' || fund_flow_id as chain_id, fund_flow_id, source,
        currency_code, account_holder as payer, amount as funded_amount,
        amount as orphan_amount, 0 as due_amount, 0 as covered_amount,
        1 as fund_flow_count, false as is_entitled, true as is_orphan,
        flowed_date as funded_date, flowed_at as due_at, flowed_at as known_at,
    from free_flows
    where refund_order_id is null
{%- endmacro %}


{#- The refund chains, with each bill line counted once that pays several refund orders of one. -#}
{% macro refund_chains_and_their_lines() -%}
    select
        chains.* replace (
            chains.bill_line_count - coalesce(repeated.repeated_count, 0) as bill_line_count
        ),
    from ({{ refund_chains() }}) as chains
    left join (
        select
            refund_orders.chain_id,
            count(*) - count(distinct bill_lines.bill_line_id) as repeated_count,
        from bill_lines
        inner join refund_orders on bill_lines.refund_order_id = refund_orders.refund_order_id
        where bill_lines.refund_order_count > 1
        group by refund_orders.chain_id
    ) as repeated on chains.chain_id = repeated.chain_id
{%- endmacro %}


{#- What refund orders say themselves, in `linked`, and what is `reconciled` of them. -#}
{% macro reconciled_refund_orders() -%}
    select
        linked.*,
        reconciled.* exclude (refund_order_id, reconciliation_key),
    from linked
    inner join reconciled on linked.refund_order_id = reconciled.refund_order_id
{%- endmacro %}


{#-
  What is missing or wrong with a chain as a whole, or was: the money of nobody, what a claim lacks
  and what exceeds it. Reads `chains`.
-#}
{% macro breaks_of_chains() -%}
    {%- set has_failed_in_whole = 'failed_amount >= due_amount - covered_amount' -%}
    {%- set lacking_due_at = 'least(if(' ~ has_failed_in_whole
        ~ ', failed_due_at, null), claim_due_at)' -%}
    select
        reconciliation_key, chain_id, claim_id, refund_order_id, source, currency_code,
        pay_channel, payer, bill_line_id, is_entitled,
        case
            when claim_id is null then chains.due_at
            when beyond_amount > 0 then known_at
            else {{ lacking_due_at }}
        end as due_at,
        known_at,
        case
            when claim_id is null then 'ORPHAN_PAYOUT'
            when beyond_amount > 0 then 'AMOUNT_MISMATCH'
            when {{ lacking_due_at }} is null then 'IN_TRANSIT'
            else 'MISSING_PAYOUT'
        end as break_class,
        case when claim_id is null then 'no refund order' else 'claim' end as cause,
        case
            when claim_id is null then orphan_amount
            else greatest(due_amount - covered_amount, beyond_amount)
        end as break_amount,
        case when recovered_amount >= beyond_amount and beyond_amount > 0 then recovered_at end
            as healed_at,
    from chains
    where
        (is_orphan and claim_id is null)
        or covered_amount < due_amount
        or beyond_amount > 0
{%- endmacro %}
