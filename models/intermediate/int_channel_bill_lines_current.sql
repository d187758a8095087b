{{ restate(
    by='bill_line_id',
    images=['refund_order_id', 'channel_refund_id'],
    affected_by={'stg_native__channel_bill_lines': 'bill_line_id'},
    recompute=requested_rows('stg_native__channel_bill_lines', 'bill_line_id', 'transacted_at'),
) }}
-- One row per line of a channel's bill: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__channel_bill_lines'), 'bill_line_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('transacted_at') }} as transacted_date,
    from current_versions
)

select * from final
