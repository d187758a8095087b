{#-
  The manifest with the place of each delivery by dt and path, for `_version_rank`; the order of
  arrival only parts contents of one path, of which one counts.
-#}
{% macro ranked_deliveries() -%}
    (
        select
            *,
            row_number() over (order by dt, path, delivery_id) as place,
        from {{ source('manifest', 'deliveries') }}
    )
{%- endmacro %}


{#-
  What a staging view says of a row's delivery: whether it counts, and which version of a key is
  newer: by version time (64 bits), then dt and path (32 bits), then row number (32 bits). The row
  of an erased person (`erasable`) also changed when it was emptied.
-#}
{% macro lineage_columns(table, erasable=false) -%}
    deliveries.status = 'accepted' as _counts,
    {%- if erasable %}
    greatest(deliveries.change_seq, {{ table }}._erased_seq) as _changed_seq,
    {%- else %}
    deliveries.change_seq as _changed_seq,
    {%- endif %}
    deliveries.dt as _dt,
    deliveries.path as _path,
    {{ table }}._row_number,
    cast(epoch_us({{ table }}.updated_at) as hugeint) * 18446744073709551616
    + deliveries.place * 4294967296
    + {{ table }}._row_number as _version_rank
{%- endmacro %}


{#- For the auditor: which row of which file says so, and the hash of the file's content. -#}
{% macro evidence_columns(table) -%}
    deliveries.path as evidence_file,
    {{ table }}._row_number as evidence_row_number,
    deliveries.sha256 as evidence_sha256,
{%- endmacro %}
