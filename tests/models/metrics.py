"""What every metric is compared with: the columns of the marts that show it, by the same groups."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.home import PROJECT, Home

Figures = dict[tuple[str, ...], dict[str, Decimal]]
"""By day (or month) and the other groups: the figures that are there and not zero."""

CLOSE = Decimal("1e-9")
"""How far quotients of doubles may differ; amounts and counts are equal."""
QUOTIENTS = (
    *("_rate", "_ratio", "_growth", "_score"),
    *("average_order_value", "average_concurrency", "uv_value", "gpm", "gpm_viewer", "roi"),
)
"""Endings of metrics that are quotients of doubles."""
MF = """
import json, sys
from dbt_metricflow.cli.main import cli
for arguments in json.load(sys.stdin):
    cli(arguments, standalone_mode=False)
"""
"""What the command `mf` runs, for many queries."""
BY_DAY = ("metric_time__day", "currency")
SALES = """
    select
        business_date, currency_code, placed_amount, placed_order_count, paid_order_count,
        paid_line_count, item_count, buyer_count, merchant_count, product_count, gmv_amount,
        refunded_amount, refund_count, cohort_refunded_amount, net_cash_amount, net_cohort_amount,
        gmv_amount / nullif(paid_order_count, 0) as average_order_value
    from sales.agg_sales_daily
"""


@dataclass(frozen=True)
class Compared:
    """The columns of a mart after its groups, which are metrics by the same groups."""

    groups: tuple[str, ...]
    query: str
    options: tuple[str, ...] = ()
    rows_of_both: bool = False
    """Whether a metric may be there where the mart gives a reason instead."""


def growth_of_months(kind: str, things: tuple[str, ...], *groups: str) -> Compared:
    """Growth of months over whole months, in all or by category; the mart leaves some out."""
    alignment = {"year_on_year": "solar", "month_on_month": "preceding"}[kind]
    subject = "subject like 'category:%'" if groups else "subject = 'all'"
    columns = [
        "growth.start_date",
        *("split_part(growth.subject, ':', 2)" for _ in groups),
        "growth.currency_code",
        *(f"growth.{thing}_growth as {thing}_{kind}_growth" for thing in things),
    ]
    return Compared(
        ("metric_time__month", *groups, "currency"),
        f"""
        select {", ".join(columns)}
        from growth.agg_category_growth as growth
        inner join growth.dim_growth_windows using (window_id, alignment)
        where
            window_kind = 'month' and alignment = '{alignment}' and {subject}
            and growth.base_start_date = date_trunc('month', growth.base_start_date)
            and growth.base_end_date = last_day(growth.base_start_date)
        """,
        rows_of_both=True,
    )


TIERS = Compared(
    ("metric_time__month", "currency"),
    """
    pivot (
        select start_date, currency_code, session_tier, session_count, room_count
        from livestream.agg_session_tiers where period_kind = 'month'
    )
    on session_tier in (over_1m, over_10m, over_100m)
    using max(session_count) as session_count, max(room_count) as room_count
    group by start_date, currency_code
    """,
)
COMPARED = {
    "tiers": TIERS,
    "sales": Compared(BY_DAY, SALES),
    "discounts": Compared(
        BY_DAY,
        """
        select
            business_date, currency_code, sum(gross_amount) as gross_amount,
            sum(shop_discount_amount) as shop_discount_amount,
            sum(platform_discount_amount) as platform_discount_amount,
            sum(creator_discount_amount) as creator_discount_amount,
            sum(freight_discount_amount) as freight_discount_amount
        from sales.agg_gmv_walk_daily group by all
        """,
    ),
    "sales by creator": Compared(
        BY_DAY,
        """
        select business_date, currency_code, count(*) as selling_creator_count
        from livestream.agg_creator_sales_daily
        where paid_line_count > 0 and creator_id <> 'none' group by all
        """,
    ),
    "refunds by channel": Compared(
        (*BY_DAY, "channel"),
        """
        select
            business_date, currency_code, channel,
            sum(refunded_amount) as refunded_amount,
            sum(impulse_refund_count) as impulse_refund_count
        from claims.agg_refund_reasons_daily group by all
        """,
    ),
    "claims": Compared(
        (*BY_DAY, "consumer_right"),
        """
        select
            business_date, currency_code, nullif(right_code, 'none'), applied_count,
            eligible_count, enrolled_count, refused_count, failed_count, disputed_count,
            served_count, eligible_served_count, served_amount, refusal_rate, dispute_rate
        from claims.agg_claims_daily
        """,
    ),
    "claims served": Compared(
        ("metric_time__day", "consumer_right"),
        """
        select business_date, right_code, served_count, cumulative_served_count
        from claims.agg_claims_served_daily
        where business_date between '2021-08-10' and '2021-08-16'
        """,
        ("--start-time", "2021-08-10", "--end-time", "2021-08-16"),
        rows_of_both=True,
    ),
    "claims served so far": Compared(
        ("metric_time__month", "consumer_right"),
        """
        select
            date_trunc('month', business_date)::date, right_code, sum(served_count) as served_count,
            max(cumulative_served_count) as cumulative_served_count
        from claims.agg_claims_served_daily group by all
        """,
        rows_of_both=True,
    ),
    "handling": Compared(
        ("metric_time__day", "consumer_right"),
        """
        with steps as (
            pivot (
                select
                    business_date, right_code, measure, p50_seconds, p90_seconds,
                    nullif(deadline_count, 0) as deadlines, inside_deadline_count as inside,
                    inside_deadline_rate as rate
                from claims.agg_claim_handling_daily
            )
            on measure in (
                apply_to_approve, approve_to_refund, apply_to_refund, return_to_refund, apply_to_end
            )
            using
                max(p50_seconds) as p50_seconds, max(p90_seconds) as p90_seconds,
                max(deadlines) as deadlines, max(inside) as inside, max(rate) as rate
            group by business_date, right_code
        )
        select
            business_date, nullif(right_code, 'none'), columns('.*_p[59]0_seconds'),
            apply_to_approve_deadlines as deadline_count,
            apply_to_approve_inside as inside_deadline_count,
            apply_to_approve_rate as inside_deadline_rate
        from steps
        """,
    ),
    "returns": Compared(
        ("metric_time__month", "merchant", "channel", "currency"),
        """
        select
            month_start_date, merchant_id, channel, currency_code,
            paid_order_count as claimable_order_count, refunded_order_count, returned_order_count,
            quality_return_order_count, impulse_refund_order_count, refunded_line_count,
            refunded_before_shipment_line_count, returned_line_count,
            gmv_amount as claimable_amount, returned_amount, refunded_amount as given_back_amount,
            return_rate, refund_rate, refunded_amount_rate, quality_return_rate,
            impulse_refund_rate
        from claims.agg_return_rates_monthly
        """,
    ),
    "sessions": Compared(
        BY_DAY,
        """
        with sold as (
            select
                session_id, currency_code, sum(gmv_amount) as gmv,
                sum(cohort_refunded_amount) as back
            from livestream.agg_session_sales_daily group by all
        )
        select
            started_date, currency_code, count(*) as session_count,
            count(distinct creator_id) as room_count,
            coalesce(sum(gmv), 0) as session_gmv_amount,
            coalesce(sum(back), 0) as session_refunded_amount,
            coalesce(sum(gmv - back), 0) as session_net_amount,
            sum(ad_cost_amount) as ad_cost_amount,
            sum(gmv) filter (where ad_cost_amount > 0) as advertised_gmv_amount,
            sum(view_count) as view_count, sum(viewer_count) as session_viewer_count,
            sum(new_follower_count) as new_follower_count,
            sum(paid_order_count) as session_paid_order_count,
            sum(buyer_count) as session_buyer_count,
            sum(product_exposure_count) as product_exposure_count,
            sum(product_click_count) as product_click_count,
            max(peak_online_count) as peak_online_count,
            avg(average_concurrency) as average_concurrency,
            coalesce(sum(gmv), 0)::double / nullif(sum(view_count), 0) * 1000 as gpm,
            coalesce(sum(gmv), 0)::double / nullif(sum(viewer_count), 0) * 1000 as gpm_viewer,
            coalesce(sum(gmv), 0)::double / nullif(sum(viewer_count), 0) as uv_value,
            sum(gmv) filter (where ad_cost_amount > 0)::double / nullif(sum(ad_cost_amount), 0)
                as roi,
            sum(buyer_count) / nullif(sum(viewer_count), 0) as viewer_to_payer_rate,
            sum(product_click_count) / nullif(sum(product_exposure_count), 0)
                as exposure_to_click_rate,
            sum(paid_order_count) / nullif(sum(product_click_count), 0) as click_to_pay_rate
        from livestream.fct_livestream_sessions left join sold using (session_id, currency_code)
        group by all
        """,
    ),
    "one session": Compared(
        ("session", "currency"),
        """
        select
            session_id, currency_code, view_count, product_click_count, average_concurrency,
            gpm, gpm_viewer, uv_value, roi, viewer_to_payer_rate, exposure_to_click_rate,
            click_to_pay_rate
        from livestream.fct_livestream_sessions
        """,
    ),
    "growth of windows": Compared(
        (
            "growth_comparison__window_id",
            "growth_comparison__alignment",
            "growth_comparison__subject",
            "currency",
        ),
        """
        select
            window_id, alignment, subject, currency_code, item_ratio, item_growth, merchant_ratio,
            merchant_growth, buyer_ratio, buyer_growth, product_ratio, product_growth, gmv_ratio,
            gmv_growth
        from growth.agg_category_growth
        """,
    ),
    "growth of categories": growth_of_months(
        "year_on_year", ("item", "product", "gmv"), "category"
    ),
    "growth of all": growth_of_months("year_on_year", ("merchant", "buyer")),
    "growth of equally long months": growth_of_months(
        "month_on_month", ("item", "merchant", "product")
    ),
    "profile": Compared(
        ("metric_time__month", "customer__gender", "currency"),
        """
        select
            month_start_date, dimension_value, currency_code, buyer_count, new_buyer_count
        from customers.agg_customer_profile_monthly
        where dimension = 'gender' and dimension_value <> 'unknown'
        """,
        ("--where", "{{ Dimension('customer__gender') }} <> 'unknown'"),
    ),
    "generations": Compared(
        ("metric_time__month", "customer__generation", "currency"),
        """
        select
            month_start_date, dimension_value, currency_code, buyer_count, paid_order_count
        from customers.agg_customer_profile_monthly
        where dimension = 'generation' and dimension_value not in ('unknown', 'post_95')
        """,
        ("--where", "{{ Dimension('customer__generation') }} <> 'unknown'"),
    ),
    "post-95s": Compared(
        ("metric_time__month", "customer__is_post_95", "currency"),
        """
        select month_start_date, true, currency_code, buyer_count, gmv_amount
        from customers.agg_customer_profile_monthly where dimension_value = 'post_95'
        """,
        rows_of_both=True,
    ),
    "city tiers": Compared(
        ("metric_time__month", "customer__city_tier", "currency"),
        """
        select month_start_date, dimension_value, currency_code, buyer_count, paid_order_count
        from customers.agg_customer_profile_monthly
        where dimension = 'city_tier' and dimension_value <> 'unlisted'
        """,
        ("--where", "{{ Dimension('customer__city_tier') }} <> 'unlisted'"),
    ),
    "growth of profiles": Compared(
        ("metric_time__month", "customer__gender", "currency"),
        """
        select
            month_start_date, dimension_value, currency_code,
            max(buyer_growth_rate) filter (where alignment = 'solar') as buyer_year_on_year_growth,
            max(gmv_growth_rate) filter (where alignment = 'solar') as gmv_year_on_year_growth,
            max(buyer_growth_rate) filter (where alignment <> 'solar')
                as buyer_month_on_month_growth,
            max(gmv_growth_rate) filter (where alignment <> 'solar') as gmv_month_on_month_growth
        from customers.agg_customer_profile_growth
        where dimension = 'gender' and dimension_value <> 'unknown'
        group by all
        """,
        rows_of_both=True,
    ),
    "regions": Compared(
        (*BY_DAY, "order__city_tier"),
        """
        select
            business_date, currency_code, nullif(city_tier, 'none'),
            sum(gmv_amount) as gmv_amount, sum(refunded_amount) as refunded_amount
        from sales.agg_region_sales_daily group by all
        """,
    ),
    "payment kinds": Compared(
        (*BY_DAY, "order__payment_kind"),
        """
        select business_date, currency_code, payment_kind, gmv_amount, gross_amount
        from sales.agg_gmv_walk_daily
        """,
    ),
    "channels": Compared(
        (*BY_DAY, "channel", "category"),
        """
        select
            business_date, currency_code, channel, category_id, paid_order_count, paid_line_count,
            item_count, refund_count, gmv_amount, refunded_amount, cohort_refunded_amount,
            net_cash_amount, net_cohort_amount
        from sales.agg_gmv_daily
        """,
    ),
    "products": Compared(
        (*BY_DAY, "product"),
        """
        select business_date, currency_code, product_id, paid_order_count, buyer_count, item_count
        from sales.agg_product_sales_daily where product_id <> 'unknown'
        """,
    ),
    "cohorts": Compared(
        ("metric_time__month", "customer_order__source"),
        """
        with cohorts as (
            pivot (
                select
                    cohort_date, source, window_days, buyer_count, repeated_buyer_count,
                    repurchase_rate
                from customers.agg_repurchase_cohorts
            )
            on window_days in (30, 90, 180)
            using
                max(buyer_count) as buyers, max(repeated_buyer_count) as repeated,
                max(repurchase_rate) as rate
            group by cohort_date, source
        )
        select
            cohort_date, source, "30_buyers" as cohort_buyer_count,
            "30_repeated" as repeated_30_day_buyer_count, "30_rate" as repurchase_30_day_rate,
            "90_repeated" as repeated_90_day_buyer_count, "90_rate" as repurchase_90_day_rate,
            "180_repeated" as repeated_180_day_buyer_count, "180_rate" as repurchase_180_day_rate
        from cohorts
        """,
    ),
    "repurchase": Compared(
        ("metric_time__day", "source_name"),
        """
        pivot (select * from customers.agg_repurchase_daily)
        on 'window_' || window_days || '_day' in (window_30_day, window_90_day, window_180_day)
        using max(repurchase_rate) as repurchase_rate
        group by business_date, source
        """,
    ),
    "windows of the month": Compared(
        ("metric_time__month", "source_name", "repurchase_window__window_days"),
        """
        select
            date_trunc('month', business_date)::date, source, window_days,
            max_by(buyer_count, business_date) as window_buyer_count,
            max_by(repeated_buyer_count, business_date) as window_repeated_buyer_count
        from customers.agg_repurchase_daily group by all
        """,
    ),
    "loyalty": Compared(
        ("metric_time__month", "merchant"),
        """
        select
            month_start_date, merchant_id, buyer_count as merchant_buyer_count,
            returning_buyer_count as merchant_returning_buyer_count,
            loyal_buyer_count as merchant_loyal_buyer_count,
            returning_buyer_count / buyer_count as returning_buyer_rate,
            loyal_buyer_count / buyer_count as loyal_buyer_rate
        from customers.agg_merchant_loyalty_monthly
        """,
    ),
    "scores": Compared(
        ("metric_time__day", "merchant"),
        """
        select
            business_date, merchant_id, score as merchant_score,
            goods_score as merchant_goods_score, logistics_score as merchant_logistics_score,
            service_score as merchant_service_score
        from merchants.agg_merchant_scores_daily
        """,
    ),
    "scores of the month": Compared(
        ("metric_time__month",),
        """
        select
            date_trunc('month', business_date)::date, avg(score) as merchant_score,
            count(score) as scored_merchant_count
        from merchants.agg_merchant_scores_daily
        where business_date in (
            select max(business_date) from merchants.agg_merchant_scores_daily
            group by date_trunc('month', business_date)
        )
        group by all
        """,
    ),
    "reputation": Compared(
        ("metric_time__day", "creator", "currency"),
        """
        select
            business_date, creator_id, currency_code, score as creator_score,
            partners_score as creator_partners_score,
            complaints_score as creator_complaints_score, returns_score as creator_returns_score,
            (score is not null)::int as scored_creator_count
        from merchants.agg_creator_scores_daily
        """,
    ),
    "chains": Compared(
        (*BY_DAY, "refund_chain__payer"),
        """
        select
            approved_date, currency_code, payer, count(*) as chain_count,
            sum(approved_amount) as approved_amount, sum(instructed_amount) as instructed_amount,
            sum(billed_amount) as billed_amount, sum(funded_amount) as funded_amount,
            sum(paid_amount) as paid_amount, sum(in_transit_amount) as in_transit_amount,
            sum(unpaid_amount) as unpaid_amount
        from finance.fct_refund_reconciliation group by all
        """,
    ),
    "breaks": Compared(
        (*BY_DAY, "reconciliation_break__break_class"),
        """
        select
            opened_date, currency_code, break_class, count(*) as break_count,
            sum(break_amount) as break_amount, count(*) filter (where is_open) as open_break_count,
            sum(break_amount) filter (where is_open) as open_break_amount
        from finance.fct_reconciliation_breaks group by all
        """,
    ),
    "ledger": Compared(
        (*BY_DAY, "ledger_posting__account"),
        """
        select
            business_date, currency_code, account, debit_amount, credit_amount, balance_amount,
            posting_count
        from finance.agg_trial_balance
        """,
    ),
}


@dataclass(frozen=True)
class Semantics:
    """The two ways to the figures of a home: `mf query` in a folder, and its published marts."""

    home: Home
    folder: Path

    @classmethod
    def of(cls, home: Home, folder: Path) -> Semantics:
        """Make a project folder of the semantic manifest that the home's run wrote."""
        for name in ("dbt_project.yml", "profiles.yml"):
            shutil.copy(PROJECT / name, folder)
        (folder / "target").mkdir()
        shutil.copy(home.dbt_target / "semantic_manifest.json", folder / "target")
        return cls(home, folder)

    def metrics(self) -> list[str]:
        """Return the names of all metrics."""
        text = (self.folder / "target" / "semantic_manifest.json").read_text(encoding="utf-8")
        return sorted(metric["name"] for metric in json.loads(text)["metrics"])

    def asked(self, queries: dict[str, list[str]]) -> dict[str, list[dict[str, str]]]:
        """Return the rows of queries, given as the arguments of `mf query`, from one process."""
        files = {name: self.folder / f"{number}.csv" for number, name in enumerate(queries)}
        asked = [["query", *queries[name], "--csv", str(file)] for name, file in files.items()]
        done = subprocess.run(
            [sys.executable, "-c", MF],
            input=json.dumps(asked),
            cwd=self.folder,
            env={**os.environ, "ANXIN_HOME": str(self.home.root)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return {name: list(csv.DictReader(_lines(file))) for name, file in files.items()}

    def selected(self, query: str, groups: int) -> tuple[list[str], Figures]:
        """Ask a mart for its columns after the groups, and for what they hold."""
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.home.published}' as marts (read_only)")
            connection.execute("use marts")
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()][groups:]
            rows = [
                [None if value is None else str(value) for value in row]
                for row in cursor.fetchall()
            ]
        return names, figures(names, rows, groups)

    def differences(self, subjects: dict[str, Compared]) -> dict[str, tuple[list[str], list[str]]]:
        """Return by subject what the two ways tell differently, and columns that hold nothing."""
        marts = {
            subject: self.selected(compared.query, len(compared.groups))
            for subject, compared in subjects.items()
        }
        rows = self.asked(
            {
                subject: [
                    *("--metrics", ",".join(marts[subject][0])),
                    *("--group-by", ",".join(compared.groups)),
                    *compared.options,
                ]
                for subject, compared in subjects.items()
            }
        )
        results = {}
        for subject, (names, expected) in marts.items():
            found = answered(rows[subject], subjects[subject].groups, names)
            if subjects[subject].rows_of_both:
                found = restricted(found, expected)
            shown = {name for row in expected.values() for name in row}
            results[subject] = differences(found, expected, names), sorted({*names} - shown)
        return results


def _lines(file: Path) -> list[str]:
    """Return a result's lines; a query without rows writes no file."""
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def answered(rows: list[dict[str, str]], groups: tuple[str, ...], names: list[str]) -> Figures:
    """Figures of metrics; of a time only its date."""
    found = [
        [
            *(
                row[group].partition(" ")[0] if group.startswith("metric_time") else row[group]
                for group in groups
            ),
            *(row[name] for name in names),
        ]
        for row in rows
    ]
    return figures(names, found, len(groups))


def figures(names: list[str], rows: list[list[str | None]], groups: int) -> Figures:
    """Rows by their groups; what is absent and what is zero are the same."""
    found: Figures = {}
    for row in rows:
        values = zip(names, row[groups:], strict=True)
        given = {name: Decimal(value) for name, value in values if value not in (None, "", "nan")}
        kept = {name: value for name, value in given.items() if value}
        if kept:
            found[tuple(group or "" for group in row[:groups])] = kept
    return found


def differences(found: Figures, expected: Figures, metrics: list[str]) -> list[str]:
    """Figures that differ; a quotient may do so in its last digits."""
    wrong = []
    for key in sorted({*found, *expected}):
        for name in metrics:
            one, other = (side.get(key, {}).get(name, Decimal()) for side in (found, expected))
            allowed = CLOSE * abs(other) if name.endswith(QUOTIENTS) else 0
            if abs(one - other) > allowed:
                wrong.append(f"{name} of {key}: {one} instead of {other}")
    return wrong


def restricted(found: Figures, expected: Figures) -> Figures:
    """What is found of what is expected."""
    return {
        key: {name: value for name, value in found.get(key, {}).items() if name in row}
        for key, row in expected.items()
    }
