-- The chunk's first claims: about which line (or the whole order), of which kind, when applied for.
create or replace temp table claim_plan as
with

drawn as (
    select
        *,
        category_signed is not null
        and category_signed < paid
        and (
            even(0.3027756377e0, 'category right', group_no) < getvariable('category_right_share')
            or kind in ('durian', 'allergy')
        ) as is_category_right,
        draw('claim', order_no)
        < least(
            0.9e0,
            return_factor
            * return_factor_of(category_id)
            * case channel
                when 'live' then getvariable('returns_live')
                when 'video' then getvariable('returns_video')
                else getvariable('returns_shelf')
            end
        ) as is_return,
        draw('other claim', order_no) as other_draw,
    from draft
    where paid is not null and kind not in ('wine', 'xian')
),

kinds as (
    select
        *,
        case
            when early_refund <> 'none' then 'early'
            when is_category_right and category_id = 'beauty' then 'allergy'
            when is_category_right then 'fresh'
            when is_return then 'return'
            when other_draw < 0.015e0 then 'only'
            when other_draw < 0.027e0
                and category_id in ('apparel', 'sports', 'digital', 'jewellery')
                then 'exchange'
            when other_draw < 0.034e0 and category_id not in ('fresh', 'flowers') then 'price'
            when other_draw < 0.038e0 then 'resend'
            when other_draw < 0.043e0 and category_id in ('digital', 'home', 'toys') then 'repair'
        end as claim_kind,
    from drawn
),

targeted as (
    select
        *,
        case
            when kind in ('durian', 'allergy') then 0
            when claim_kind = 'early' and line_count > 1 then null
            when draw('whole', order_no) < 0.1e0 then null
            else between_of(0, line_count, 'claimed line', order_no)
        end as ordinal,
        case
            when ordinal is null or ordinal = line_count - 1 then received else first_received
        end as claimed_received,
        draw('late claim', order_no) < 0.05e0 and kind not in ('durian', 'allergy') as is_late,
        draw('applied', order_no) as applied_draw,
        draw('reason', order_no) as reason_draw,
        draw('right', order_no) as right_draw,
    from kinds
    where claim_kind is not null
),

timed as (
    select
        *,
        case claim_kind
            when 'early' then early_applied
            when 'allergy' then claimed_received + case
                when kind = 'allergy' then 29 * 86400 + 1800
                when is_late then between_of(5184001, 5600000, 'too late', order_no)
                else 3600 + floor(5180000 * pow(applied_draw, 1.4e0))::bigint
            end
            when 'fresh' then claimed_received + case
                when kind = 'durian' then 14400
                when is_late then between_of(86401, 150000, 'too late', order_no)
                else 300 + floor(85000 * pow(applied_draw, 1.2e0))::bigint
            end
            when 'return' then claimed_received + case
                when is_late then between_of(604801, 1296000, 'too late', order_no)
                else 1800 + floor(602000 * pow(applied_draw, 1.5e0))::bigint
            end
            when 'price' then paid + 3600 + floor(1200000 * applied_draw)::bigint
            when 'repair' then claimed_received + 86400 + floor(4000000 * applied_draw)::bigint
            else claimed_received + 1800 + floor(500000 * applied_draw)::bigint
        end as applied,
        case claim_kind
            when 'early' then case when early_refund = 'intercepted' then 1 else 2 end
            when 'allergy' then 0
            when 'return' then 0
            when 'exchange' then 3
            when 'price' then 6
            when 'resend' then 7
            when 'repair' then 8
            else 1
        end as claim_type,
        case claim_kind
            when 'early' then case
                when reason_draw < 0.6e0 then 'changed my mind'
                when reason_draw < 0.8e0 then 'ordered by mistake'
                else 'late shipment'
            end
            when 'allergy' then 'allergy'
            when 'fresh' then case
                when kind = 'durian' or reason_draw < 0.6e0 then 'rotten'
                when reason_draw < 0.85e0 then 'damaged'
                else 'quality'
            end
            when 'price' then 'price drop'
            when 'repair' then 'quality'
            when 'resend'
                then case when reason_draw < 0.7e0 then 'missing parts' else 'wrong goods' end
            when 'exchange' then case when reason_draw < 0.8e0 then 'size' else 'wrong goods' end
            else case
                when reason_draw < 0.04e0 + 0.10e0 * badness then 'not as described'
                when reason_draw < 0.06e0 + 0.22e0 * badness then 'quality'
                when reason_draw < 0.07e0 + 0.25e0 * badness then 'wrong goods'
                when reason_draw < 0.072e0 + 0.26e0 * badness then 'no-label goods'
                when reason_draw < 0.074e0 + 0.27e0 * badness then 'counterfeit'
                when claim_kind = 'only' and reason_draw < 0.7e0 then 'damaged'
                when claim_kind = 'only' then 'missing parts'
                when reason_draw < 0.6e0 then 'no reason'
                when reason_draw < 0.85e0 then 'size'
                else 'changed my mind'
            end
        end as reason,
    from targeted
)

select
    order_no * 2 as claim_no,
    order_no,
    case when ordinal is not null then line_no + ordinal end as line_no,
    merchant_no,
    customer_no,
    creator_no,
    claim_kind,
    claim_type,
    case
        when claim_kind = 'allergy' then 'R7'
        when claim_kind = 'fresh' then 'R6'
        when signed is null or signed >= applied then null
        when claim_kind = 'early' and claim_type = 2 then 'R3'
        when reason = 'counterfeit' then 'R1'
        when claim_kind = 'return' and right_draw < 0.6e0 then 'R2'
        when claim_kind = 'return' and right_draw < 0.8e0 then 'R5'
    end as right_code,
    reason,
    case ordinal when 0 then pay_1 when 1 then pay_2 when 2 then pay_3 else pay_amount end
        as paid_amount,
    case ordinal when 0 then pay_1 when 1 then pay_2 when 2 then pay_3 else pay_amount end
        as limit_amount,
    applied,
    case when kind in ('durian', 'allergy') then kind end as case_code,
    is_late and claim_kind in ('allergy', 'fresh', 'return') as is_late,
    early_refund,
    early_approved,
    early_refunded,
    signed,
    badness,
    created,
from timed
order by order_no;
