{#-
  The refund chains, each with the row of every side that decides: its order, and the file, the hash
  of its content and the row's number. Reads `chains` and the sides. Names and hashes are long and
  files few: rows are looked up with a key of their file (64 bits), and the files by it, so that the
  sides of millions of chains fit into memory.
-#}
{% macro chains_with_evidence() -%}
    {%- set sides = {
        'claims': 'claim_id', 'current_orders': 'refund_order_id',
        'current_lines': 'bill_line_id', 'current_flows': 'fund_flow_id',
    } -%}
    {%- set file_key = 'hash(evidence_file, evidence_sha256)' -%}
    with
    files as (
        {%- for side in sides %}
        select
            {{ file_key }} as file_key,
            evidence_file as file,
            evidence_sha256 as sha256,
        from {{ side }}
        {{ 'union' if not loop.last }}
        {%- endfor %}
    ),

    {% for side, key in sides.items() -%}
    rows_of_{{ side }} as (
        select
            {{ key }},
            {{ 'order_id,' if side in ('claims', 'current_orders') }}
            {{ file_key }} as file_key,
            evidence_row_number as row_number,
        from {{ side }}
    ){{ ',' if not loop.last }}

    {% endfor -%}
    select
        chains.*,
        coalesce(
            case when chains.is_entitled then rows_of_claims.order_id end,
            rows_of_current_orders.order_id
        ) as order_id,
        {%- for side, key in sides.items() %}
        {%- set name = key.removesuffix('_id') %}
        files_of_{{ side }}.file as {{ name }}_file,
        files_of_{{ side }}.sha256 as {{ name }}_sha256,
        rows_of_{{ side }}.row_number as {{ name }}_row_number,
        {%- endfor %}
    from chains
    {%- for side, key in sides.items() %}
    left join rows_of_{{ side }} on chains.{{ key }} = rows_of_{{ side }}.{{ key }}
    left join files as files_of_{{ side }}
        on rows_of_{{ side }}.file_key = files_of_{{ side }}.file_key
    {%- endfor %}
{%- endmacro %}
