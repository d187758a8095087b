-- Lines of the ordinary trade: the weights' running sum is rounded, so any window of a segment is
-- right to a line and the sum is exact.
create or replace table plan.lines as
with

whole as (
    select
        segment_no,
        day,
        round(weight / (select max(weight) from plan.weights) * 1e9)::hugeint as weight,
    from plan.weights
),

running as (
    select
        segment_no,
        day,
        weight,
        sum(weight) over (order by segment_no, day) as upto,
        sum(weight) over () as total,
        getvariable('lines') - (select coalesce(sum(lines), 0) from plan.specials) as lines,
    from whole
)

select
    segment_no,
    day,
    0 as room,
    (((2 * upto * lines + total) // (2 * total))
    - ((2 * (upto - weight) * lines + total) // (2 * total)))::bigint as lines,
    null::bigint as price,
from running
union all
select
    segments.segment_no,
    specials.day,
    specials.room,
    specials.lines,
    specials.price,
from plan.specials as specials
inner join plan.segments as segments using (kind)
order by day, segment_no, room;

-- Orders of calibrated groups have a single line: one even draw then settles payment and pieces
-- together, and the units of any window are right to one or two. One row per day and segment (and
-- room): which numbers its orders and lines take, everywhere and in its group of even draws, and
-- where it stands in a campaign whose merchants or products are counted.
create or replace table plan.numbers as
with

sized as (
    select
        lines.*,
        segments.kind,
        segments.draw_group,
        between_of(0, 1000000, 'group', segments.draw_group) as group_start,
        calibrated.draw_group is not null as is_calibrated,
        is_calibrated or segments.kind in ('wine', 'hit', 'xian', 'durian', 'allergy') as is_single,
        case
            when is_single then lines.lines
            else
                lines.lines // 13 * 10
                + [0, 1, 2, 2, 3, 4, 5, 6, 6, 6, 7, 8, 9][lines.lines % 13 + 1]
        end as orders,
        case
            when lines.day between date '2020-06-01' and date '2020-06-18' then 1
            when lines.day between date '2021-06-01' and date '2021-06-18' then 2
        end as campaign,
    from plan.lines as lines
    inner join plan.segments as segments using (segment_no)
    left join (select distinct draw_group from plan.calibrations) as calibrated using (draw_group)
    where lines.lines > 0
)

select
    *,
    (sum(orders) over everything - orders)::bigint as order_base,
    (sum(lines) over everything - lines)::bigint as line_base,
    (sum(orders) over in_group - orders)::bigint + group_start as group_order_base,
    (sum(lines) over in_group - lines)::bigint + group_start as group_line_base,
    (sum(orders) over in_segment - orders)::bigint as segment_order_base,
    case when campaign is not null then (sum(orders) over in_campaign - orders)::bigint end
        as campaign_order_base,
from sized
window
    everything as (order by day, segment_no, room),
    in_group as (partition by draw_group order by day, segment_no, room),
    in_segment as (partition by segment_no order by day, room),
    in_campaign as (partition by segment_no, campaign order by day, room)
order by day, segment_no, room;
