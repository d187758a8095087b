-- One row per merchant and version. A few grow into another type; a platform's partners come in
-- 2020.
create or replace table truth.merchants as
with

named as (
    select
        merchants.*,
        segments.brand,
        segments.grower_share,
        places.province,
        places.city,
        draw('type', merchants.merchant_no) as type_draw,
        draw('type changes', merchants.merchant_no) < 0.02e0 and merchants.kind = 'normal'
            as changes,
        row_number() over (
            partition by merchants.segment, year(at_time(merchants.opened))
            order by merchants.merchant_no
        ) as nth_of_year,
    from plan.merchants as merchants
    inner join plan.segments as segments using (segment_no)
    left join plan.places as places
        on between_of(0, 1000, 'merchant city', merchants.merchant_no)
            = places.place
),

typed as (
    select
        *,
        case
            when segment in ('appliances', 'gadgets')
                and year(at_time(opened)) = 2020 and nth_of_year = 1
                then 'platform_partner'
            when kind in ('dounan', 'durian') then 'grower'
            when brand is not null and nth < 3 then 'brand'
            when type_draw < grower_share then 'grower'
            when kind = 'local' then 'factory_shop'
            when type_draw < 0.25e0 then 'brand'
            when type_draw < 0.60e0 then 'factory_shop'
            else 'other'
        end as merchant_type,
    from named
),

versions as (
    select *, 0 as version, opened as since
    from typed
    union all
    select
        * replace ('brand' as merchant_type),
        1,
        greatest(opened, day_start(getvariable('from_date')))
        + between_of(30 * 86400, 400 * 86400, 'type changes', merchant_no),
    from typed
    where changes and merchant_type in ('factory_shop', 'other')
)

select
    make_id('merchant', merchant_no) as merchant_id,
    case
        when merchant_type = 'platform_partner' and segment = 'appliances' then '苏宁易购旗舰店'
        when merchant_type = 'platform_partner' then '京东自营店'
        when kind = 'wine' then '酒庄直供'
        when kind = 'dounan' then '斗南花农'
        when brand is not null then brand || case when nth = 0 then '官方旗舰店' else '专卖店' || nth end
        else segment || ' shop ' || (nth + 1)
    end as merchant_name,
    merchant_type,
    case when kind = 'dounan' then '云南' else province end as province,
    case when kind = 'dounan' then '昆明' else city end as city,
    'contact-' || merchant_no as contact_name,
    '10' || lpad(((merchant_no * 7919 + 300000000) % 1000000000)::varchar, 9, '0')
        as contact_phone,
    at_time(opened) as opened_at,
    at_time(since) as updated_at,
from versions
order by version, merchant_no;

-- One row per product and version. Few change their category, none of a calibrated segment.
create or replace table truth.products as
with

numbered as (
    select
        *,
        product_base + unnest(range(products)) as product_no,
    from plan.merchants
),

described as (
    select
        numbered.*,
        segments.subcategory,
        segments.brand,
        segments.is_local,
        segments.is_qixi,
        segments.is_rose,
        segments.is_china,
        segments.is_domestic,
        numbered.opened
        + between_of(600, 86400, 'listed', numbered.product_no) as listed,
        draw('china style', numbered.product_no) < 0.06e0
        and numbered.category_id in ('apparel', 'beauty', 'home', 'jewellery', 'toys')
        and not segments.is_qixi as is_styled,
        numbered.segment in ('toys', 'household')
        and draw('category changes', numbered.product_no) < 0.01e0 as changes,
    from numbered
    inner join plan.segments as segments using (segment_no)
),

versions as (
    select *, 0 as version, listed as since
    from described
    union all
    select
        * replace (case segment when 'toys' then 'home' else 'toys' end as category_id),
        1,
        greatest(listed, day_start(getvariable('from_date')))
        + between_of(60 * 86400, 400 * 86400, 'category changes', product_no),
    from described
    where changes
)

select
    make_id('product', product_no) as product_id,
    make_id('merchant', merchant_no) as merchant_id,
    case
        when kind = 'durian' then '猫山王榴莲'
        when is_rose then 'rose bouquet ' || product_no
        else subcategory || ' ' || product_no
    end as product_name,
    case
        when brand is not null then brand
        when draw('branded', merchant_no) < 0.5e0 then segment || ' brand ' || (nth + 1)
    end
        as brand_name,
    category_id,
    subcategory,
    false as is_pseudo_product,
    is_local as is_local_speciality,
    is_qixi,
    is_rose,
    is_china or is_styled as is_china_style,
    is_domestic as is_domestic_brand,
    at_time(since) as updated_at,
from versions
order by version, product_no;
