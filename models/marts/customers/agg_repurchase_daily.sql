{{ restate(
    by='business_date',
    affected_by={
        'fct_customer_orders': '
            select
                changes.paid_date + cast(unnest(range(cast(
                    coalesce(later.paid_date - changes.paid_date, 0) + 180 as bigint
                ))) as integer)
            from (select distinct source, paid_date from changes) as changes
            asof left join (select distinct source, paid_date from fct_customer_orders) as later
                on changes.source = later.source and changes.paid_date < later.paid_date
        ',
        'dim_sources': maturing_dates(0),
        'dim_source_parameters': '
            select paid_date + cast(unnest(range(180)) as integer)
            from (select distinct paid_date from fct_customer_orders) where exists (from changes)
        ',
    },
) }}
-- One row per source, last day of a window, and length of the window (30, 90 and 180 days): its
-- buyers, and those of them with two kept orders or more. Both are counts of distinct people.
-- A first order that comes or goes changes which windows are complete, up to those that begin with
-- the next. A source may say earlier when its data begin, by the parameter `from_date`.
with
orders as (
    select *
    from {{ rows_in_windows(ref('fct_customer_orders'), 'paid_date', 180) }}
    where is_kept
),

-- An order is its buyer's newest one until the next one, and leaves the window after its length;
-- the buyer has bought twice as long as the order before it is still inside, too.
spans as (
    select
        orders.source,
        orders.paid_date,
        lengths.window_days,
        least(orders.next_kept_date, orders.paid_date + lengths.window_days) as left_date,
        least(orders.next_kept_date, orders.previous_kept_date + lengths.window_days)
            as once_date,
        orders.previous_kept_date + lengths.window_days > orders.paid_date as is_repeated,
    from orders
    cross join (values (30), (90), (180)) as lengths (window_days)
),

moves as (
    select
        source,
        window_days,
        paid_date as moved_date,
        1 as buyers,
        cast(coalesce(is_repeated, false) as integer) as repeated_buyers,
    from spans
    union all
    select
        source,
        window_days,
        left_date as moved_date,
        -1 as buyers,
        0 as repeated_buyers,
    from spans
    union all
    select
        source,
        window_days,
        once_date as moved_date,
        0 as buyers,
        -1 as repeated_buyers,
    from spans
    where is_repeated
),

running as (
    select
        source,
        window_days,
        moved_date,
        lead(moved_date) over in_order as next_date,
        sum(sum(buyers)) over in_order as buyer_count,
        sum(sum(repeated_buyers)) over in_order as repeated_buyer_count,
    from moves
    group by source, window_days, moved_date
    window in_order as (partition by source, window_days order by moved_date)
),

firsts as (
    {{ first_dates(ref('fct_customer_orders'), ref('dim_source_parameters')) }}
),

days as (
    select
        running.*,
        running.moved_date + cast(unnest(range(cast(
            least(running.next_date, sources.data_date + 1) - running.moved_date as bigint
        ))) as integer) as business_date,
    from running
    inner join {{ ref('dim_sources') }} as sources on running.source = sources.source
    where running.buyer_count > 0 and running.moved_date <= sources.data_date
),

final as (
    select
        days.source,
        cast(days.window_days as bigint) as window_days,
        cast(days.buyer_count as bigint) as buyer_count,
        cast(days.repeated_buyer_count as bigint) as repeated_buyer_count,
        cast(days.repeated_buyer_count as bigint) / cast(days.buyer_count as bigint)
            as repurchase_rate,
        days.business_date - cast(days.window_days as integer) + 1 >= firsts.first_date
            as is_complete,
        days.business_date,
    from days
    left join firsts on days.source = firsts.source
)

select * from final
