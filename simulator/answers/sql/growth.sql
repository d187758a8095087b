-- Sales of a window compared with its base, by subject and alignment.
-- Grain: one row per window, alignment, subject and currency with a paid line in the window or its
-- base.
-- For: growth.agg_category_growth. Subjects: all; category:<id>; subcategory:<name>, and vegetables
-- and fruit together; tag:<flag>. Amounts, units and lines by pay date; merchants, buyers and
-- products are the distinct ones with a paid line; category, subcategory and flags are those in
-- force at pay time. A ratio is window / base (2.9 means +190%), and null with a reason when the
-- base is zero, has fewer lines than the minimum, or begins before the data, or the window ends
-- after them; that of merchants, buyers or products also when the base has fewer of them than the
-- minimum of distinct ones. Each figure has its own reason; missing_reason is that of all.
select *
from base.growth
order by window_id, alignment, subject, currency_code
