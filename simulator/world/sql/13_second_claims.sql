-- Second claims on the same goods: the freight of an exchange from its insurance, a new try after a
-- refusal, more money after a part of it. Both together never exceed what was paid.
create or replace temp table claim_plan as
select
    claim_no + 1 as claim_no,
    order_no,
    line_no,
    merchant_no,
    customer_no,
    creator_no,
    case when claim_type = 3 then 'freight' else 'again' end as claim_kind,
    case when claim_type in (3, 6) then 1 else claim_type end as claim_type,
    case
        when claim_type = 3 then 'R4'
        when refunded is null then right_code
    end as right_code,
    case when claim_type = 3 then 'return freight' else reason end as reason,
    paid_amount,
    limit_amount - case when refunded is null then 0 else refund_amount end as limit_amount,
    case
        when claim_type = 3 then return_received + between_of(3600, 172800, 'second', claim_no)
        when refunded is null then refused + between_of(36000, 259200, 'second', claim_no)
        else refunded + between_of(36000, 345600, 'second', claim_no)
    end as applied,
    null::varchar as case_code,
    false as is_late,
    'none' as early_refund,
    null::bigint as early_approved,
    null::bigint as early_refunded,
    signed,
    badness,
    created,
from claim_lives
where
    claim_kind <> 'early'
    and case_code is null
    and limit_amount > case when refunded is null then 0 else refund_amount end
    and case
        when claim_type = 3
            then return_received is not null
                and signed < applied
                and draw('second', claim_no) < 0.5e0
        when refused is not null then opened is null and draw('second', claim_no) < 0.25e0
        when claim_kind in ('only', 'price')
            then refunded is not null and recovered is null and draw('second', claim_no) < 0.1e0
        else false
    end;
