{#-
  Scores are whole hundredths of a point, rounded half up at each step, so that they never depend on
  an order of summing. All arguments are SQL expressions of whole numbers.
-#}
{% macro half_up(dividend, divisor) -%}
    (2 * ({{ dividend }}) + {{ divisor }}) // (2 * ({{ divisor }}))
{%- endmacro %}


{#-
  The rules of a score, one row per set: per indicator a struct `<indicator>_rule`, per component
  one with its weight. Points are whole numbers in the unit of the indicator's numerator: millionths
  for a rate, seconds for hours, hundredths for a score.
-#}
{% macro scoring_rules(relation, score, indicators, components) -%}
    (
        select
            valid_from,
            coalesce(lead(valid_from) over (order by valid_from), date '9999-12-31') as valid_to,
            {%- for indicator in indicators %}
            any_value(rule) filter (where indicator = '{{ indicator }}') as {{ indicator }}_rule,
            {%- endfor %}
            {%- for component in components %}
            {
                'weight': any_value(component_weight) filter (where component = '{{ component }}')
            } as {{ component }}_rule,
            {%- endfor %}
        from (
            select
                valid_from,
                component,
                indicator,
                cast(component_weight * 10000 as bigint) as component_weight,
                case
                    when indicator like '%_hours' then 3600
                    when indicator like '%_score' then 100
                    else 1000000
                end * case when direction = 'higher' then -1 else 1 end as unit,
                {
                    'sign': sign(unit),
                    'at_100': cast(round(at_100 * unit) as bigint),
                    'at_60': cast(round(at_60 * unit) as bigint),
                    'at_0': cast(round(at_0 * unit) as bigint),
                    'min_sample': min_sample,
                    'weight': cast(indicator_weight * 10000 as bigint)
                } as rule,
            from {{ relation }}
            where score_name = '{{ score }}'
        ) as rules
        group by valid_from
    )
{%- endmacro %}


{#-
  An indicator's score: 100, 60 and 0 at its points, linear between, flat outside; null below the
  minimum sample. Its value is numerator / denominator, in the unit of its rule's points; it reads
  the rule as `<indicator>_rule`.
-#}
{% macro indicator_score(indicator, numerator, denominator, sample=none) -%}
    {%- set rule = indicator ~ '_rule' -%}
    {%- set scale = ' * 1000000' if indicator.endswith('_rate') else '' -%}
    {%- set value = rule ~ '.sign * ' ~ numerator ~ scale -%}
    {%- set at_100 = rule ~ '.at_100 * ' ~ denominator -%}
    {%- set at_60 = rule ~ '.at_60 * ' ~ denominator -%}
    {%- set at_0 = rule ~ '.at_0 * ' ~ denominator -%}
    case
        when not coalesce(
            {{ sample or denominator }} >= {{ rule }}.min_sample
            and {{ denominator }} > 0
            and {{ numerator }} is not null,
            false
        ) then null
        when {{ value }} <= {{ at_100 }} then 10000
        when {{ value }} <= {{ at_60 }}
            then {{ half_up(
                '10000 * (' ~ at_60 ~ ' - ' ~ at_100 ~ ')'
                ~ ' - 4000 * (' ~ value ~ ' - ' ~ at_100 ~ ')',
                '(' ~ at_60 ~ ' - ' ~ at_100 ~ ')'
            ) }}
        when {{ value }} < {{ at_0 }}
            then {{ half_up(
                '6000 * (' ~ at_0 ~ ' - ' ~ value ~ ')', '(' ~ at_0 ~ ' - ' ~ at_60 ~ ')'
            ) }}
        else 0
    end
{%- endmacro %}


{#-
  The weighted mean of `<name>_points` by `<name>_rule.weight`; one that is null leaves its weight
  to the others.
-#}
{% macro weighted_points(names) -%}
    {%- set weighed = [] -%}
    {%- set present = [] -%}
    {%- for name in names -%}
        {%- do weighed.append('coalesce(' ~ name ~ '_points * ' ~ name ~ '_rule.weight, 0)') -%}
        {%- do present.append(
            'if(' ~ name ~ '_points is null, 0, ' ~ name ~ '_rule.weight)'
        ) -%}
    {%- endfor -%}
    case
        when {{ present | join(' + ') }} > 0
            then {{ half_up(weighed | join(' + '), '(' ~ present | join(' + ') ~ ')') }}
    end
{%- endmacro %}


{#- Why there is no score; null when there is one. -#}
{% macro missing_score_reason(components) -%}
    case
        when paid_orders_rule.min_sample is null then 'no_parameters'
        when paid_order_count < paid_orders_rule.min_sample then 'too_few_paid_orders'
        when coalesce({{ components | join('_points, ') }}_points) is null then 'no_indicator'
    end
{%- endmacro %}


{#- Hundredths of a point as the published number. -#}
{% macro points(hundredths) -%}
    cast(cast({{ hundredths }} as decimal(5, 0)) * 0.01 as decimal(5, 2))
{%- endmacro %}
