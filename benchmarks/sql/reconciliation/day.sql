-- A day's change: one in 730 of the bill lines comes in another state, as a newer version says.
create or replace temp table changed as
select bill_line_id, refund_order_id
from intermediate.int_channel_bill_lines_current
where hash(bill_line_id, 'day') % 730 = 0;

update intermediate.int_channel_bill_lines_current
set bill_status = 'FAIL', fee_amount = 0
where bill_line_id in (select bill_line_id from changed);

update changes.heads set seq = seq + 1 where model = 'int_channel_bill_lines_current';

insert into changes.int_channel_bill_lines_current by name
select
    changed.bill_line_id,
    changed.refund_order_id,
    heads.seq,
from changed
cross join changes.heads as heads
where heads.model = 'int_channel_bill_lines_current';
