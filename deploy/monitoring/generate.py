"""Prints what is generated here: `dashboard` (Grafana's JSON) or `prometheusrule` (rules.yaml for the Prometheus Operator)."""

import sys
from pathlib import Path

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableHide,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

HERE = Path(__file__).parent
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")

OPEN = 'type="DirectAccessBlocked",status="False",enforcement="Enforce"'
NOT_TRUE = 'status!="True",type!~"Stalled|Reconciling"'


def standing(matchers: str) -> str:
    """Objects by their conditions. Each replica tells those of all objects, so nothing is summed over Pods."""
    return f'max by (type, status, reason, enforcement) (palisade_conditions{{namespace=~"$namespace",{matchers}}})'


def conditions(matchers: str) -> str:
    """How many objects stand so."""
    return f"sum({standing(matchers)}) or vector(0)"


def query(expression: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(ref)


def instant(expression: str, legend: str = "") -> prometheus.Dataquery:
    return query(expression, legend).instant().format(PromQueryFormat.TABLE if not legend else PromQueryFormat.TIME_SERIES)


def colours(*steps: tuple[float | None, str]) -> dashboard.ThresholdsConfig:
    found = [Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


GOOD_IF_ZERO = ((None, "green"), (1, "red"))


def figure(title: str, what: str, expression: str, *steps: tuple[float | None, str]) -> stat.Panel:
    """One number, coloured by what it should be."""
    thresholds = colours(*(steps or ((None, "blue"),)))
    panel = stat.Panel().title(title).description(what).datasource(SOURCE).with_target(query(expression))
    return panel.thresholds(thresholds).color_mode(BigValueColorMode.BACKGROUND).height(4).span(4)


def curves(title: str, what: str, unit: str, *queries: prometheus.Dataquery, stacked: bool = False) -> timeseries.Panel:
    """Curves over time, with the newest values beside them."""
    panel = timeseries.Panel().title(title).description(what).datasource(SOURCE).unit(unit).min(0).height(8).span(12)
    for found in queries:
        panel = panel.with_target(found)
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.RIGHT).calcs(["lastNotNull"])
    panel = panel.legend(legend.show_legend(True)).tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)).fill_opacity(10)
    return panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL)) if stacked else panel


def rate(metric: str, by: str, more: str = "") -> str:
    return f'sum by ({by}) (rate({metric}{{namespace=~"$namespace"{more}}}[$__rate_interval]))'


def quantile(of: float, metric: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f'histogram_quantile({of}, sum by ({labels}) (rate({metric}_bucket{{namespace=~"$namespace"}}[$__rate_interval])))'


def fleet(board: dashboard.Dashboard) -> dashboard.Dashboard:
    board = board.with_row(dashboard.Row("The fleet"))
    for panel in (
        figure("Objects", "ProtectedApis", conditions('type="Ready"')),
        figure("Ready", "All that was asked for stands, and is proven unless probes are off", conditions('type="Ready",status="True"')),
        figure("Not Ready", "Including those that are being made", conditions('type="Ready",status!="True"'), (None, "green"), (1, "orange")),
        figure("Stalled", "Only a person can help", conditions('type="Stalled",status="True"'), *GOOD_IF_ZERO),
        figure("Doors open", "A probe past the perimeter got in, under Enforce", conditions(OPEN), *GOOD_IF_ZERO),
        figure("Leaders", "One replica leads", 'sum(palisade_leader{namespace=~"$namespace"})', (None, "red"), (1, "green"), (2, "red")),
    ):
        board = board.with_panel(panel)
    reasons = (
        table.Panel()
        .title("What is not True, and why")
        .description("Conditions by status and reason, newest count. docs/troubleshooting.md has a row for each reason")
        .datasource(SOURCE)
        .with_target(instant(f"{standing(NOT_TRUE)} > 0"))
        .height(9)
        .span(12)
    )
    longest = (
        bargauge.Panel()
        .title("Not Ready for longest, by reason")
        .description("Seconds since the object that is not Ready for longest was last so")
        .datasource(SOURCE)
        .unit(units.Seconds)
        .orientation(VizOrientation.HORIZONTAL)
        .thresholds(colours((None, "green"), (900, "orange"), (3600, "red")))
        .with_target(
            instant(
                'time() - min by (reason) (palisade_condition_since_timestamp_seconds{namespace=~"$namespace",type="Ready",status!="True"})',
                "{{reason}}",
            )
        )
        .height(9)
        .span(12)
    )
    return board.with_panel(reasons).with_panel(longest)


def passes(board: dashboard.Dashboard) -> dashboard.Dashboard:
    board = board.with_row(dashboard.Row("Passes"))
    duration = "palisade_reconcile_duration_seconds"
    for panel in (
        curves(
            "Passes a second, by outcome", "ok, or what failed first", "ops", query(rate("palisade_reconciles_total", "outcome"), "{{outcome}}"), stacked=True
        ),
        curves(
            "How long a pass takes",
            "Waiting for AWS's quotas included",
            units.Seconds,
            query(quantile(0.5, duration), "half of them", "A"),
            query(quantile(0.95, duration), "95 of 100", "B"),
        ),
        curves("Planned waits, by reason", "At the end of passes", "ops", query(rate("palisade_waits_total", "reason"), "{{reason}}"), stacked=True),
        curves(
            "Changes by others that were set right, within an hour",
            "Events DriftCorrected name objects and fields",
            "short",
            query('sum by (kind) (increase(palisade_drift_corrected_total{namespace=~"$namespace"}[1h])) > 0', "{{kind}}"),
            stacked=True,
        ),
    ):
        board = board.with_panel(panel)
    return board


def aws(board: dashboard.Dashboard) -> dashboard.Dashboard:
    board = board.with_row(dashboard.Row("AWS"))
    calls = "palisade_aws_calls_total"
    for panel in (
        curves("Calls a second, by service", "All outcomes", "ops", query(rate(calls, "service"), "{{service}}"), stacked=True),
        curves(
            "Calls that were refused, by outcome",
            "Not found is an answer, and left out",
            "ops",
            query(rate(calls, "service, operation, outcome", ',outcome!~"ok|not_found"') + " > 0", "{{service}} {{operation}}: {{outcome}}"),
        ),
        curves(
            "Throttled attempts a second",
            "Something else uses up the quota where this lasts",
            "ops",
            query(rate("palisade_aws_throttles_total", "service"), "{{service}}"),
        ),
        curves(
            "How long calls wait for their share of the quota",
            "95 of 100, by service",
            units.Seconds,
            query(quantile(0.95, "palisade_aws_budget_wait_seconds", "service"), "{{service}}"),
        ),
    ):
        board = board.with_panel(panel)
    accounts = (
        table.Panel()
        .title("AwsAccounts, by condition")
        .description("Empty where no AwsAccount is declared")
        .datasource(SOURCE)
        .with_target(instant('max by (type, status, reason) (palisade_account_conditions{namespace=~"$namespace"})'))
        .height(8)
        .span(12)
    )
    left = curves(
        "Left in AWS",
        "Orphans have no owner and are never deleted by themselves; the condemned wait for Lambda's replicas to vanish",
        "short",
        query('max by (kind) (palisade_orphans{namespace=~"$namespace"})', "orphaned {{kind}}", "A"),
        query('max by (kind) (palisade_condemned{namespace=~"$namespace"})', "condemned {{kind}}", "B"),
    )
    counted = figure(
        "Left-overs counted",
        "How long ago, in every account",
        'time() - max(palisade_leftovers_counted_timestamp_seconds{namespace=~"$namespace"})',
        (None, "green"),
        (7200, "orange"),
    ).unit(units.Seconds)
    version = stat.Panel().title("Version").description("Of each replica").datasource(SOURCE).height(4).span(4)
    version = version.with_target(query('count by (version) (palisade_build_info{namespace=~"$namespace"})', "{{version}}")).text_mode("name")
    return board.with_panel(accounts).with_panel(left).with_panel(counted).with_panel(version)


def the_dashboard() -> str:
    board = (
        dashboard.Dashboard("Palisade")
        .uid("palisade")
        .tags(["palisade", "generated"])
        .description("Perimeters in front of API Gateway. Generated: deploy/monitoring/generate.py in Palisade's repository.")
        .refresh("1m")
        .time("now-6h", "now")
        .timezone("browser")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus").hide(VariableHide.DONT_HIDE))
        .with_variable(
            dashboard.QueryVariable("namespace")
            .label("Namespace")
            .datasource(SOURCE)
            .query("label_values(palisade_leader, namespace)")
            .include_all(True)
            .multi(True)
            .all_value(".*")
        )
    )
    built = aws(passes(fleet(board))).build()
    for number, panel in enumerate(built.panels, start=1):
        panel.id_val = number
    return JSONEncoder(sort_keys=True, indent=2).encode(built)


def the_rules() -> str:
    head = """\
# Generated from rules.yaml by `make generate`, for the Prometheus Operator.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: palisade
  labels:
    app.kubernetes.io/name: palisade
spec:
"""
    lines = (HERE / "rules.yaml").read_text().splitlines()
    body = lines[lines.index("groups:") :]
    return head + "\n".join(f"  {line}" if line else line for line in body)


if __name__ == "__main__":
    print({"dashboard": the_dashboard, "prometheusrule": the_rules}[sys.argv[1]]())
