-- Money in and out of the account, in fen.
select
    sum(amount) filter (where direction = 0) as amount_in,
    sum(amount) filter (where direction = 1) as amount_out
from prepared
