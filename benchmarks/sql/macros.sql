-- What both scripts call.
create temp macro business_date(source, moment) as
case source
    when 'native' then timezone('Asia/Shanghai', timezone('UTC', moment))
    when 'online_retail' then timezone('Europe/London', timezone('UTC', moment))
end::date;

-- A share of an amount, rounded down to the minor unit; all are decimal(18, 2).
create temp macro floor_share(total, weight, weights) as
coalesce((total * 100)::hugeint * (weight * 100)::hugeint // nullif((weights * 100)::hugeint, 0), 0)
::decimal(18, 0) * 0.01;
