-- Lines of the orders of one date (variable: old_date), out of the files that hold them
-- (variables: order_files, line_files).
create temp table carved_lines as
select *
from read_parquet(getvariable('line_files'), hive_partitioning = false, filename = true)
where order_id in (
    select order_id
    from read_parquet(getvariable('order_files'), hive_partitioning = false)
    where (created_at + interval 8 hour)::date = getvariable('old_date')
);
