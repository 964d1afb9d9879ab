//! The adoption of a distribution that stands already, as a part of a plan's text.

use super::adoption::{is_for_consent, state};
use super::lines::{Colour, Lines, Mark};
use crate::api::{AdoptionState, AdoptionStatus, PlanEffect};

/// A part of a plan's text: what changes of the distribution where no step of the plan says it, who else may write it, what stands
/// in the way.
pub(super) fn section(lines: &mut Lines, adoption: &AdoptionStatus, with_changes: bool) {
    lines.gap();
    lines.paragraph(
        0,
        None,
        &format!("Adoption of distribution {}: {}", adoption.id, state(adoption)),
    );
    if with_changes {
        changes(lines, adoption);
    }
    if adoption.state != AdoptionState::Refused {
        lines.paragraph(2, None, "All else of its configuration stays as it is.");
    }
    for told in &adoption.worth_knowing {
        lines.paragraph(2, None, told);
    }
    if !adoption.rivals.is_empty() {
        lines.gap();
        lines.paragraph(0, None, "Who else may write it");
    }
    for rival in &adoption.rivals {
        let consent = if rival.needs_consent {
            " (to be named in spec.distribution.adopt.letGo)"
        } else {
            ""
        };
        lines.paragraph(
            2,
            Some(mark(rival.needs_consent)),
            &format!("{}{consent}: {}", rival.tool, rival.seen),
        );
        lines.paragraph(4, None, &rival.command);
    }
    let mut refusals = adoption
        .refusals
        .iter()
        .filter(|refusal| !is_for_consent(refusal))
        .peekable();
    if refusals.peek().is_some() {
        lines.gap();
        lines.paragraph(0, None, "What stands in the way");
    }
    for refusal in refusals {
        let said = format!("{}: {} ({})", refusal.field, refusal.message, refusal.reason);
        lines.paragraph(2, Some(mark(true)), &said);
        lines.paragraph(4, None, &refusal.remedy);
    }
    if !adoption.no_longer_used.is_empty() {
        lines.gap();
        lines.paragraph(0, None, "No longer used, and left as it is");
    }
    for unused in &adoption.no_longer_used {
        lines.paragraph(2, None, &format!("{} {}", unused.kind, unused.arn));
        lines.unbroken(4, &unused.command);
    }
}

fn changes(lines: &mut Lines, adoption: &AdoptionStatus) {
    let mark = Mark {
        sign: "~",
        colour: Colour::Yellow,
    };
    for change in &adoption.changes {
        let value = |value: &Option<String>, absent: &str| value.clone().unwrap_or_else(|| absent.to_owned());
        let noticed = match change.effect {
            PlanEffect::None => "",
            PlanEffect::Brief => " (brief for viewers)",
            PlanEffect::Visible => " (visible to viewers)",
        };
        let (from, to) = (
            value(&change.from, "nothing"),
            value(&change.to, "nothing, or known later"),
        );
        lines.paragraph(
            2,
            Some(mark),
            &format!("{}: {from} → {to}{noticed}", change.field),
        );
    }
}

fn mark(is_bad: bool) -> Mark {
    if is_bad {
        Mark {
            sign: "!",
            colour: Colour::Red,
        }
    } else {
        Mark {
            sign: "·",
            colour: Colour::Yellow,
        }
    }
}
