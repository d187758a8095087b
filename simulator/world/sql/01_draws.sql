-- Random draws, ids and roundings. All of them are functions of the seed and of a thing's number,
-- so that any part of the history can be drawn on its own and in any order.

-- Uniform over [0, 1): independent of every other subject and number. hash() combines its arguments
-- by exclusive or, which ties the subjects of one number together; hashing once more unties them.
create or replace temp macro draw(subject, number) as
    (hash(hash(subject, getvariable('seed'), number)) >> 11) / 9007199254740992.0e0;

-- Uniform over [0, 1) and even: any run of n numbers holds a share p of them n * p times, give or
-- take one or two. `step` is irrational, another one for every subject that goes together with
-- this.
create or replace temp macro even(step, subject, number) as
    ((number + 0.5e0) * step + draw(subject, 0)) % 1.0e0;

-- Exponential waiting time with a mean.
create or replace temp macro wait(mean, subject, number) as
    (-ln(1.0e0 - draw(subject, number)) * mean)::bigint;

-- Between two whole numbers, the upper one left out.
create or replace temp macro between_of(low, high, subject, number) as
    low + floor((high - low) * draw(subject, number))::bigint;

-- 19 digits, neither dense nor in order: the last nine are a permutation of the numbers below 1e9,
-- so that no two things of a kind share an id.
create or replace temp macro make_id(kind, number) as
    7000000000000000000
    + (hash(hash(kind, getvariable('seed'), number)) % 1000000000)::bigint * 1000000000
    + ((number)::bigint * 387420489 + (hash(kind, getvariable('seed')) % 1000000000)::bigint)
    % 1000000000;

-- Seconds since 1970 in UTC of a business day's begin in Shanghai.
create or replace temp macro day_start(day) as epoch(day::timestamp)::bigint - 28800;

create or replace temp macro at_time(seconds) as make_timestamp((seconds) * 1000000);

-- Shop prices end in 9 tenths.
create or replace temp macro price_point(amount) as
    floor((amount) / 100) * 100 + 90;

-- Prices of a segment: its median times a spread that is the same for every window.
create or replace temp macro spread_price(median, spread, place) as
    case
        when spread = 0 then median
        else price_point(
            median * exp(spread * ln((place) / (1 - (place))))
        )
    end::bigint;

create or replace temp macro line_price(median, spread, number) as
    spread_price(median, spread, 0.03e0 + 0.94e0 * even(0.7320508075e0, 'price', number));

-- Pieces of a line: 1.25 on average.
create or replace temp macro line_items(kind, number) as
    case
        when kind in ('wine', 'hit', 'rooms', 'xian', 'durian', 'allergy') then 1
        when even(0.2360679775e0, 'items', number) < 0.8e0 then 1
        when even(0.2360679775e0, 'items', number) < 0.95e0 then 2
        else 3
    end;

-- Refunds before the goods arrive. impulse: within two hours, before shipment; intercepted: within
-- two hours, just after it; unsent: later, before shipment; refused: too late to stop the shipment.
create or replace temp macro refund_before_receipt(channel, drawn) as
    case
        when drawn < case channel when 'live'
            then 0.050e0 when 'video' then 0.030e0 else 0.015e0 end
            then 'impulse'
        when drawn >= 0.1e0 and drawn < case channel when 'live'
            then 0.135e0 when 'video' then 0.125e0
            else 0.118e0 end
            then 'unsent'
        when drawn >= 0.2e0 and drawn < case channel when 'live'
            then 0.206e0 when 'video' then 0.203e0
            else 0.201e0 end
            then 'intercepted'
        when drawn >= 0.3e0 and drawn < 0.302e0 then 'refused'
        else 'none'
    end;

-- Where a buyer lives: a place (plan.places) of the early or the late mix of cities, and after a
-- move another one.
create or replace temp macro home_place(customer_no) as
    case
        when customer_no = getvariable('customers') + getvariable('loyal_customers') then 2000
        else
            floor(1000 * even(0.6180339887e0, 'city', customer_no))::bigint
            + case
                when draw('late mix', customer_no)
                    < least(1, customer_no / getvariable('customers')::double)
                    then 1000
                else 0
            end
    end;

create or replace temp macro moved_at(customer_no) as
    case
        when draw('moves', customer_no) < 0.02e0 and customer_no < getvariable('customers')
            then day_start(getvariable('from_date'))
                + between_of(0, 86400 * getvariable('span'), 'moved', customer_no)
    end;

create or replace temp macro next_place(customer_no) as
    between_of(0, 1000, 'next city', customer_no);

-- WeChat, Alipay, bank card, balance, instalments, new card, pay later.
create or replace temp macro pay_type_of(order_no) as
    case
        when draw('pay type', order_no) < 0.45e0 then 1
        when draw('pay type', order_no) < 0.72e0 then 2
        when draw('pay type', order_no) < 0.78e0 then 4
        when draw('pay type', order_no) < 0.83e0 then 5
        when draw('pay type', order_no) < 0.94e0 then 8
        when draw('pay type', order_no) < 0.97e0 then 9
        else 12
    end;

-- How readily goods of a category are sent back; fresh goods and flowers are not.
create or replace temp macro return_factor_of(category_id) as
    case category_id
        when 'apparel' then 1.35e0
        when 'jewellery' then 1.2e0
        when 'sports' then 0.9e0
        when 'beauty' then 0.8e0
        when 'digital' then 0.8e0
        when 'food' then 0.5e0
        when 'liquor' then 0.4e0
        when 'fresh' then 0.0e0
        when 'flowers' then 0.0e0
        else 0.75e0
    end;
