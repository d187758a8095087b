-- To the fen, for every day, payer and channel: what buyers are due by approved claims is paid, on
-- its way, or a break; and what the bills of a day and channel hold is matched with refund orders
-- or an orphan, no line twice.
{%- set models = ['fct_refund_reconciliation'] %}
with
chains as (
    select *
    from {{ unaudited_rows(ref('fct_refund_reconciliation'), 'reconciliation_key', models) }}
    where is_entitled
),

claims as (
    select
        approved_date as business_date,
        payer as side,
        pay_channel,
        currency_code,
        sum(approved_amount) as amount,
        sum(paid_amount + in_transit_amount + unpaid_amount) as found_amount,
    from chains
    group by all
),

bills as (
    select
        bill_date as business_date,
        'bill' as side,
        pay_channel,
        currency_code,
        sum(amount) as amount,
    from {{ ref('int_channel_bill_lines_current') }}
    group by all
),

matched as (
    select
        bill_date as business_date,
        pay_channel,
        currency_code,
        sum(matched_amount) as amount,
    from {{ ref('int_bill_lines_matched') }}
    group by all
),

compared as (
    select * from claims
    union all
    select
        coalesce(bills.business_date, matched.business_date) as business_date,
        'bill' as side,
        coalesce(bills.pay_channel, matched.pay_channel) as pay_channel,
        coalesce(bills.currency_code, matched.currency_code) as currency_code,
        bills.amount,
        matched.amount as found_amount,
    from bills
    full outer join matched
        on bills.business_date = matched.business_date
        and bills.pay_channel = matched.pay_channel
        and bills.currency_code = matched.currency_code
)

select *
from compared
where amount is distinct from found_amount
