{#-
  One row per movement back into a funding account that names no refund order, and that falls back,
  within its order, to one of the same payer and amount that was funded. What its payer got back is
  first of one that failed, what the buyer repaid first of one that did not; one may have both.
  Reads `free_flows`, `refund_orders`, what is `numbered` and what was `paid_out`.
-#}
{% macro flows_that_came_back() -%}
    with
    funded_orders as (
        select
            refund_orders.*,
            kinds.kind,
            row_number() over (
                partition by
                    refund_orders.reconciliation_key, refund_orders.payer,
                    refund_orders.currency_code, refund_orders.refund_amount, kinds.kind
                order by
                    (refund_orders.refund_order_status = 'failed') <> (kinds.kind = 'back'),
                    refund_orders.instructed_at, refund_orders.refund_order_id
            ) as place,
        from refund_orders
        cross join (select unnest(['back', 'repaid']) as kind) as kinds
        where
            refund_orders.refund_order_id in (
                select paid_out.found_refund_order_id
                from paid_out
                union all
                select numbered.refund_order_id
                from numbered
                where numbered.kind = 'out'
            )
            and not exists (
                from numbered
                where
                    numbered.refund_order_id = refund_orders.refund_order_id
                    and numbered.kind = kinds.kind
            )
    )

    select
        free_flows.*,
        funded_orders.refund_order_id as found_refund_order_id,
    from free_flows
    inner join funded_orders
        on {{ is_flow_of('funded_orders') }}
        and free_flows.kind = funded_orders.kind
{%- endmacro %}


{#- Whether one of the `free_flows` falls back to a refund order: by what both say, and place. -#}
{% macro is_flow_of(refund_orders) -%}
    free_flows.reconciliation_key = {{ refund_orders }}.reconciliation_key
        and free_flows.account_holder = {{ refund_orders }}.payer
        and free_flows.currency_code = {{ refund_orders }}.currency_code
        and free_flows.amount = {{ refund_orders }}.refund_amount
        and free_flows.place = {{ refund_orders }}.place
        and not free_flows.is_other_currency
{%- endmacro %}
