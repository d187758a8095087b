{#-
  What is left of the GMV: less the refunds of the day, and less those of the orders paid on it.
  Reads `paid`, `refunded` and, of `cohort`, the latter, each joined to the row or absent.
-#}
{% macro net_amounts(cohort='cohort_refunded') -%}
cast(
            coalesce(paid.gmv_amount, 0) - coalesce(refunded.refunded_amount, 0)
            as decimal(18, 2)
        ) as net_cash_amount,
        cast(
            coalesce(paid.gmv_amount, 0) - coalesce({{ cohort }}.cohort_refunded_amount, 0)
            as decimal(18, 2)
        ) as net_cohort_amount
{%- endmacro %}
