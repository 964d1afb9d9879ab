//! A plan of a class as text for people: how many objects change, alike ones together, and what viewers notice.

use super::lines::Lines;
use super::look::Look;
use super::plan_text::{about, problems_listed, steps};
use crate::api::{ClassPlanGroup, ClassPlanProblem, ClassPlanReport, PlanEffect};

/// The plan of the class `name`.
#[must_use]
pub fn text(report: &ClassPlanReport, name: &str, look: Look) -> String {
    let mut lines = Lines::new(look);
    lines.paragraph(0, None, &format!("PerimeterClass {name}: {}", summary(report)));
    if let Some(limited) = &report.limited_to {
        lines.paragraph(0, None, limited);
    }
    report.groups.iter().for_each(|group| tell(&mut lines, group));
    left_out(&mut lines, report.groups_left_out, "groups");
    problems(&mut lines, &report.problems);
    left_out(&mut lines, report.problems_left_out, "problems");
    lines.gap();
    if report.changed > 0 {
        lines.paragraph(0, None, &takes(report));
    }
    let cost = &report.cost;
    lines.paragraph(
        0,
        None,
        &format!(
            "All these perimeters cost {currency} {} a month now, {currency} {} then; a million requests of the dearest {currency} {} \
             now, {currency} {} then.",
            cost.monthly_before,
            cost.monthly_after,
            cost.per_million_requests_before,
            cost.per_million_requests_after,
            currency = cost.currency,
        ),
    );
    lines.paragraph(0, None, &format!("Plan {}", report.hash));
    lines.into_text()
}

fn summary(report: &ClassPlanReport) -> String {
    let mut parts = vec![format!(
        "{} objects: {} would change, {} stay as they are",
        report.objects, report.changed, report.unchanged
    )];
    if report.refused > 0 {
        parts.push(format!("{} would be refused", report.refused));
    }
    if report.unknown > 0 {
        parts.push(format!("{} could not be reckoned", report.unknown));
    }
    parts.join(", ")
}

fn takes(report: &ClassPlanReport) -> String {
    let noticed = match report.viewers {
        PlanEffect::None => "viewers notice nothing",
        PlanEffect::Brief => "viewers may notice something briefly",
        PlanEffect::Visible => "viewers notice it",
    };
    format!(
        "One object takes {} at most, and the rollout {}, where nothing halts it. It makes {} calls to AWS; {noticed}. None of it was done.",
        about(report.longest_wait_seconds),
        about(report.rollout_seconds),
        report.calls,
    )
}

fn tell(lines: &mut Lines, group: &ClassPlanGroup) {
    lines.gap();
    let named = i64::try_from(group.named.len()).unwrap_or_default();
    let more = group.objects - named;
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    lines.paragraph(
        0,
        None,
        &format!("{} objects: {}{more}", group.objects, group.named.join(", ")),
    );
    steps(lines, &group.steps);
}

fn problems(lines: &mut Lines, problems: &[ClassPlanProblem]) {
    problems_listed(lines, problems, |lines, mark, problem| {
        let text = format!("{}: {} ({})", problem.object, problem.message, problem.reason);
        lines.paragraph(2, Some(mark), &text);
    });
}

fn left_out(lines: &mut Lines, count: Option<i64>, what: &str) {
    if let Some(count) = count {
        lines.gap();
        let text = format!("… and {count} more {what}, for which a status has no room");
        lines.paragraph(0, None, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plan_of_a_class_tells_how_many_objects_change_and_names_some() {
        let step = json!({"kind": "webAcl", "name": "palisade-shop-a", "verb": "Change", "viewers": "Visible", "effect": "Some.",
            "known": true, "changes": [{"path": "rules.rate-per-ip", "from": "2000", "to": "500"}]});
        let report = json!({
            "hash": "h", "revision": "r1", "objects": 102, "changed": 100, "unchanged": 1, "refused": 1, "unknown": 0,
            "viewers": "Visible", "longestWaitSeconds": 0, "rolloutSeconds": 6000, "calls": 200,
            "groups": [{"objects": 100, "named": ["shop/a", "shop/b"], "steps": [step]}],
            "problems": [{"object": "shop/z", "reason": "ForbiddenByClass", "message": "spec.access.mode: no"}],
            "cost": {"currency": "USD", "monthlyBefore": "5.00", "monthlyAfter": "6.00", "perMillionRequestsBefore": "0.60",
                "perMillionRequestsAfter": "0.70"},
        });
        let report: ClassPlanReport = serde_json::from_value(report).unwrap();
        let look = Look {
            width: 200,
            unicode: true,
            colour: false,
        };
        let text = text(&report, "public", look);
        for told in [
            "102 objects: 100 would change, 1 stay as they are, 1 would be refused",
            "100 objects: shop/a, shop/b and 98 more",
            "rules.rate-per-ip: 2000 → 500",
            "shop/z: spec.access.mode: no (ForbiddenByClass)",
            "the rollout about 100 min",
            "USD 6.00 then",
        ] {
            assert!(text.contains(told), "{told} is not in:\n{text}");
        }
    }
}
