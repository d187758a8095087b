-- What becomes of the claims of claim_plan: approved, refused, withdrawn; sent back, refunded,
-- reshipped.
create or replace temp table claim_lives as
with

answered as (
    select
        *,
        case
            when case_code is not null then false
            when claim_kind = 'early' then early_refund = 'refused'
            else draw('refused', claim_no)
                < case
                    when claim_kind = 'freight' then 0.02e0
                    when is_late then 0.8e0
                    when claim_kind in ('fresh', 'allergy') then 0.02e0 + 0.06e0 * badness
                    when claim_kind = 'again' then 0.4e0
                    else 0.02e0 + 0.09e0 * badness
                end
        end as is_refused,
        case_code is null
        and not is_refused
        and claim_kind <> 'early'
        and draw('withdrawn', claim_no) < 0.02e0 as is_withdrawn,
        case
            when case_code = 'durian' then applied + 16500
            when case_code = 'allergy' then applied + 140
            when claim_kind = 'early' and not is_refused then early_approved
            else
                applied + 60 + least(
                    259200,
                    wait(
                        case claim_kind
                            when 'fresh' then 6000 + 30000 * badness
                            when 'freight' then 3000
                            else 7200 + 72000 * badness
                        end,
                        'answered',
                        claim_no
                    )
                )
        end as answered,
    from claim_plan
),

disputed as (
    select
        *,
        case when is_refused then answered end as refused,
        case
            when is_refused and draw('disputed', claim_no) < 0.4e0
                then answered + between_of(3600, 600000, 'dispute opened', claim_no)
        end as opened,
        opened + between_of(86400, 864000, 'judged', claim_no) as judged,
        draw('blame', claim_no) as blame_draw,
        case
            when opened is null then null
            when blame_draw < 0.25e0 + 0.45e0 * badness then 1
            when blame_draw < 0.85e0 then 2
            when blame_draw < 0.93e0 then 3
            when blame_draw < 0.97e0 or creator_no is null then 4
            else 5
        end as blame,
        case
            when blame is null then null
            when blame in (1, 4, 5) or (blame = 3 and draw('ruling', claim_no) < 0.5e0) then 2
            else 3
        end as ruling,
    from answered
),

approved as (
    select
        *,
        case
            when is_refused then case when ruling = 2 then judged end
            when is_withdrawn then null
            else answered
        end as approved,
        case when is_withdrawn then applied + between_of(600, 86400, 'withdrew', claim_no) end
            as withdrawn,
        claim_type in (0, 3) and approved is not null and not is_refused as is_sent_back,
        case
            when is_sent_back and (case_code is not null or draw('sends back', claim_no) < 0.97e0)
                then approved + case
                    when case_code is not null then 86400
                    else between_of(14400, 259200, 'returned', claim_no)
                end
        end as returned,
        returned + case
            when case_code is not null then 172800
            else between_of(64800, 345600, 'return received', claim_no)
        end as return_received,
    from disputed
),

decided as (
    select
        *,
        case
            when claim_type in (0, 1, 2, 6)
                and approved is not null
                and (returned is not null or not is_sent_back)
                then coalesce(return_received, approved)
        end as refund_from,
        case
            when case_code = 'durian' then 5400
            when case_code = 'allergy' then 18000
            when claim_kind = 'early' and not is_refused then early_refunded - early_approved
            when claim_type = 0
                then 600 + least(604800, wait(18000 + 180000 * badness, 'refunded', claim_no))
            else 300 + least(259200, wait(3600 + 40000 * badness, 'refunded', claim_no))
        end as refund_takes,
        case_code is null
        and refund_takes < 259200
        and draw('refund fails', claim_no) < 0.006e0 as is_failing,
        case
            when claim_type in (7, 8) then
                approved + between_of(21600, 259200, 'reshipped', claim_no)
                + case when claim_type = 8 then 432000 else 0 end
            when claim_type = 3
                then return_received + between_of(21600, 200000, 'reshipped', claim_no)
        end as reshipped,
    from approved
),

paid_back as (
    select
        *,
        refund_from + refund_takes // 3 as refunding,
        case when is_failing then refund_from + refund_takes // 3 * 2 end as failed,
        refund_from + refund_takes + case when is_failing then 86400 else 0 end as refunded,
        case
            when claim_kind = 'early' or case_code is not null then limit_amount
            when claim_kind = 'price'
                then limit_amount * between_of(3, 13, 'amount', claim_no) // 100
            when claim_kind = 'freight' then 100 * between_of(10, 20, 'amount', claim_no)
            when draw('full', claim_no) < case claim_kind
                when 'return' then 0.94e0
                when 'allergy' then 0.97e0
                when 'only' then 0.3e0
                else 0.6e0
            end then limit_amount
            else limit_amount * between_of(30, 90, 'amount', claim_no) // 100
        end as wanted_amount,
        greatest(1, least(limit_amount, wanted_amount)) as refund_amount,
    from decided
)

select
    *,
    case
        when refunded is not null and draw('recovered', claim_no) < 0.0005e0 and case_code is null
            then refunded + between_of(86400, 1700000, 'recovery', claim_no)
    end as recovered,
    case
        when refund_from is not null then refunded
        when reshipped is not null
            then reshipped + between_of(172800, 432000, 'reship received', claim_no)
        when withdrawn is not null then withdrawn
        when opened is not null then judged
        when refused is not null then refused + 604800
        else approved + 604800
    end as ended,
    case
        when refund_from is not null then case when claim_type = 2 then 51 else 12 end
        when reshipped is not null then 14
        else 28
    end as outcome,
    case
        when claim_type not in (0, 1, 2, 6) then null
        when blame = 5 then 'creator'
        when blame = 4 then 'platform'
        when right_code = 'R3' then 'platform'
        when right_code = 'R4' then 'insurer'
        when right_code is not null then 'merchant'
        when draw('payer', claim_no) < 0.02e0 then 'platform'
        when draw('payer', claim_no) < 0.025e0 and creator_no is not null then 'creator'
        else 'merchant'
    end as payer,
from paid_back;

insert into truth.claims
select
    make_id('claim', claim_no) as claim_id,
    make_id('order', order_no) as order_id,
    make_id('line', line_no) as line_id,
    make_id('customer', customer_no) as customer_id,
    right_code,
    claim_type,
    reason,
    'CNY' as currency_code,
    case
        when claim_type not in (0, 1, 2, 6) then null
        when case_code is null and draw('asks more', claim_no) < 0.08e0 then limit_amount
        else refund_amount
    end as applied_amount,
    case when refunded is not null then refund_amount end as refund_amount,
    at_time(applied) as applied_at,
    at_time(approved) as approved_at,
    at_time(return_received) as return_received_at,
    at_time(refunded) as refunded_at,
    at_time(ended) as ended_at,
    draw('exempt', claim_no) < 0.004e0 as is_exempt,
    case when approved is not null then payer end as payer,
    make_id('merchant', merchant_no) as merchant_id,
    at_time(created) as order_created_at,
    paid_amount,
    pay_type_of(order_no) as pay_type,
    at_time(refused) as refused_at,
    at_time(returned) as returned_at,
    at_time(refunding) as instructed_at,
    at_time(failed) as failed_at,
    at_time(reshipped) as reshipped_at,
    at_time(recovered) as recovered_at,
    outcome,
from claim_lives;

-- The buyer may call the platform after a refusal.
insert into truth.disputes
select
    make_id('dispute', claim_no) as dispute_id,
    make_id('claim', claim_no) as claim_id,
    make_id('order', order_no) as order_id,
    blame,
    at_time(opened) as opened_at,
    at_time(judged) as judged_at,
    at_time(created) as order_created_at,
    ruling,
    at_time(opened + (judged - opened) // 2) as evidence_at,
    at_time(judged + 86400) as closed_at,
from claim_lives
where opened is not null;

insert into truth.cases
select
    case_code,
    make_id('claim', claim_no) as claim_id,
    make_id('order', order_no) as order_id,
from claim_lives
where case_code is not null;
