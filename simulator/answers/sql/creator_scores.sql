-- Reputation scores of creators, in windows of 30 days.
-- Grain: one row per creator and last day of the window: the last three of the month ends and the
-- data's last day.
-- For: merchants.agg_creator_scores_daily. Partner shops' score: each sale weighs, by its paid GMV,
-- the experience score that its shop had on the day of the sale; sales of shops without a score
-- are left out. Complaint and return rate as in creator_score_inputs. Scored by the newest set of
-- the seed score_parameters as the merchants are. Null with fewer than 30 paid orders. gate: the
-- highest of the seed creator_gates that the score reaches.
with

sold as (
    select
        creator_id,
        merchant_id,
        paid_date,
        count(distinct order_id) as orders,
        sum(pay_amount)::hugeint as gmv,
    from base.lines
    where paid_date is not null and creator_id is not null
    group by all
),

partners as (
    select
        sold.creator_id,
        ends.end_date,
        coalesce(sum(sold.orders) filter (where scores.points is not null), 0)::bigint
            as scored_orders,
        sum(sold.gmv * scores.points)::hugeint as weighed,
        sum(sold.gmv) filter (where scores.points is not null)::hugeint as weight,
        if(weight > 0, half_up(weighed, weight), null) as partner_points,
    from sold
    inner join base.last_ends as ends
        on sold.paid_date > ends.end_date - 30 and sold.paid_date <= ends.end_date
    left join base.merchant_scores as scores
        on sold.merchant_id = scores.merchant_id and sold.paid_date = scores.day
    group by all
),

inputs as (
    select
        partners.*,
        rates.orders,
        rates.complained_orders,
        rates.lines,
        rates.returned_lines,
    from partners
    inner join base.creator_windows as rates
        on partners.creator_id = rates.creator_id and partners.end_date = rates.end_date
),

indicators as (
    select
        creator_id,
        end_date,
        unnest(
            [
                {
                    'indicator': 'partner_merchant_score',
                    'value': partner_points::hugeint,
                    'size': 1::bigint,
                    'sample': scored_orders
                },
                {
                    'indicator': 'complaint_rate',
                    'value': complained_orders::hugeint * 1000000,
                    'size': orders::bigint,
                    'sample': orders::bigint
                },
                {
                    'indicator': 'return_rate',
                    'value': returned_lines::hugeint * 1000000,
                    'size': lines::bigint,
                    'sample': lines::bigint
                }
            ],
            recursive := true
        ),
    from inputs
),

scores as (
    select
        indicators.creator_id,
        indicators.end_date,
        rules.component,
        rules.component_weight,
        scored(
            rules.sign,
            rules.full_points,
            rules.enough_points,
            rules.no_points,
            indicators.value,
            indicators.size
        ) as points,
    from indicators
    inner join base.score_rules as rules
        on indicators.indicator = rules.indicator and rules.score = 'creator'
    where indicators.sample >= rules.min_sample and indicators.value is not null
),

totals as (
    select
        creator_id,
        end_date,
        max(points) filter (where component = 'partners') as partners_points,
        max(points) filter (where component = 'complaints') as complaints_points,
        max(points) filter (where component = 'returns') as returns_points,
        half_up(sum(points * component_weight), sum(component_weight)) as points,
    from scores
    group by all
),

judged as (
    select
        inputs.creator_id,
        inputs.end_date,
        inputs.scored_orders,
        inputs.partner_points,
        totals.partners_points,
        totals.complaints_points,
        totals.returns_points,
        if(inputs.orders < rules.min_sample, null, totals.points) as points,
    from inputs
    left join totals
        on inputs.creator_id = totals.creator_id and inputs.end_date = totals.end_date
    cross join base.score_rules as rules
    where rules.score = 'creator' and rules.component = 'score'
)

select
    creator_id::varchar as creator_id,
    end_date,
    scored_orders as scored_order_count,
    yuan(partner_points)::decimal(5, 2) as partner_merchant_score,
    yuan(partners_points)::decimal(5, 2) as partners_score,
    yuan(complaints_points)::decimal(5, 2) as complaints_score,
    yuan(returns_points)::decimal(5, 2) as returns_score,
    yuan(points)::decimal(5, 2) as score,
    (
        select arg_max(gate, minimum_score)
        from read_csv(getvariable('seeds') || '/creator_gates.csv')
        where judged.points >= minimum_score * 100
    ) as gate,
from judged
order by creator_id, end_date
