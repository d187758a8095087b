-- Rows that are no payments: a bill of type SUCCESS does not tell what they pay back.
select
    _row_number,
    '交易状态' as column_name,
    concat('交易状态 ', chr(39), left("交易状态", 40), chr(39), ' is no payment') as reason
from delivered
where coalesce("交易状态", '') <> 'SUCCESS'
