-- An old file again: 5% of its lines with one piece more, 1% dropped (variable: old_file).
select
    * replace (
        item_count + case when hash('changed' || line_id) % 100 < 5 then 1 else 0 end as item_count
    )
from read_parquet(getvariable('old_file'), hive_partitioning = false)
where hash('dropped' || line_id) % 100 >= 1
order by line_id
