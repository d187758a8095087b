{{ config(severity='warn') }}
-- An order whose lines have not all arrived yet shows up here until they do.
{%- set models = ['fct_orders', 'fct_order_lines'] %}
with
orders as (
    select * from {{ unaudited_rows(ref('fct_orders'), 'order_id', models) }}
),

lines as (
    select
        order_id,
        sum(pay_amount) as pay_amount,
    from {{ unaudited_rows(ref('fct_order_lines'), 'order_id', models) }}
    group by order_id
)

select
    orders.order_id,
    orders.pay_amount as order_pay_amount,
    lines.pay_amount as lines_pay_amount,
from orders
left join lines on orders.order_id = lines.order_id
where orders.pay_amount <> coalesce(lines.pay_amount, 0)
