{{ restate(
    by='window_id',
    affected_by={
        'dim_growth_windows': 'window_id',
        'agg_window_sales':
            'select window_id from changes inner join dim_growth_windows'
            ' on changes.range_id in'
            ' (dim_growth_windows.range_id, dim_growth_windows.base_range_id)',
        'agg_data_spans': 'select window_id from changes cross join dim_growth_windows',
    },
    recompute='select window_id from dim_growth_windows inner join requested'
        ' on dim_growth_windows.base_start_date <= requested.to_date'
        ' and dim_growth_windows.end_date >= requested.from_date',
) }}
-- One row per window, alignment, subject and currency with a paid line in the window or its base.
-- A ratio is window / base: 2.9 means +190%; growth is the change over the base. Both are null with
-- the reason, when the base is zero or tiny or the data don't cover window and base.
with
windows as (
    select * from {{ affected_rows(ref('dim_growth_windows'), 'window_id') }}
),

sales as (
    select * from {{ ref('agg_window_sales') }}
),

data_spans as (
    select * from {{ ref('agg_data_spans') }}
),

sides as (
    select
        windows.window_id,
        windows.alignment,
        false as is_base,
        sales.*,
    from windows
    inner join sales on windows.range_id = sales.range_id
    union all
    select
        windows.window_id,
        windows.alignment,
        true as is_base,
        sales.*,
    from windows
    inner join sales on windows.base_range_id = sales.range_id
),

compared as (
    select
        window_id,
        alignment,
        subject,
        currency_code,
        coalesce(max(case when not is_base then paid_line_count end), 0) as paid_line_count,
        coalesce(max(case when is_base then paid_line_count end), 0) as base_paid_line_count,
        coalesce(max(case when not is_base then item_count end), 0) as item_count,
        coalesce(max(case when is_base then item_count end), 0) as base_item_count,
        coalesce(max(case when not is_base then merchant_count end), 0) as merchant_count,
        coalesce(max(case when is_base then merchant_count end), 0) as base_merchant_count,
        coalesce(max(case when not is_base then buyer_count end), 0) as buyer_count,
        coalesce(max(case when is_base then buyer_count end), 0) as base_buyer_count,
        coalesce(max(case when not is_base then product_count end), 0) as product_count,
        coalesce(max(case when is_base then product_count end), 0) as base_product_count,
        coalesce(max(case when not is_base then gmv_amount end), 0) as gmv_amount,
        coalesce(max(case when is_base then gmv_amount end), 0) as base_gmv_amount,
    from sides
    group by window_id, alignment, subject, currency_code
),

judged as (
    select
        windows.*,
        compared.* exclude (compared.window_id, compared.alignment),
        case
            when windows.base_start_date < data_spans.first_date
                then 'base begins before the data'
            when windows.end_date > data_spans.last_date then 'window ends after the data'
            when compared.base_paid_line_count = 0 then 'base is zero'
            when compared.base_paid_line_count < windows.minimum_base_line_count
                then 'base is tiny'
        end as missing_reason,
    from compared
    inner join windows
        on compared.window_id = windows.window_id and compared.alignment = windows.alignment
    inner join data_spans on compared.currency_code = data_spans.currency_code
),

ratios as (
    select
        *,
        case when missing_reason is null then 1 end as comparable,
        comparable * item_count / nullif(base_item_count, 0) as item_ratio,
        comparable * merchant_count / nullif(base_merchant_count, 0) as merchant_ratio,
        comparable * buyer_count / nullif(base_buyer_count, 0) as buyer_ratio,
        comparable * product_count / nullif(base_product_count, 0) as product_ratio,
        comparable * gmv_amount / nullif(base_gmv_amount, 0) as gmv_ratio,
    from judged
),

final as (
    select
        window_id,
        range_id,
        base_range_id,
        comparison,
        alignment,
        subject,
        currency_code,
        missing_reason,
        paid_line_count,
        base_paid_line_count,
        item_count,
        base_item_count,
        merchant_count,
        base_merchant_count,
        buyer_count,
        base_buyer_count,
        product_count,
        base_product_count,
        gmv_amount,
        base_gmv_amount,
        item_ratio,
        comparable * (item_count - base_item_count) / nullif(base_item_count, 0)
            as item_growth,
        merchant_ratio,
        comparable * (merchant_count - base_merchant_count) / nullif(base_merchant_count, 0)
            as merchant_growth,
        buyer_ratio,
        comparable * (buyer_count - base_buyer_count) / nullif(base_buyer_count, 0)
            as buyer_growth,
        product_ratio,
        comparable * (product_count - base_product_count) / nullif(base_product_count, 0)
            as product_growth,
        gmv_ratio,
        comparable * (gmv_amount - base_gmv_amount) / nullif(base_gmv_amount, 0)
            as gmv_growth,
        start_date,
        end_date,
        base_start_date,
        base_end_date,
    from ratios
)

select * from final
