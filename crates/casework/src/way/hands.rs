//! 经手人: who had a lead in hand before, by its steps, and what the institution was told of the second review.
//!
//! A lead names its newest first and second reviewer; the steps know all of them, also those before a recall or a change of hands. Nobody of
//! them takes a later part.

use mingjian_store::Row;

use super::panel::Seat;
use crate::error::{CaseError, Result};
use crate::leads::row::LeadRow;
use crate::leads::view::LineAnswer;

/// Who did what on a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hands {
    /// 初审: sent or dropped it, once or before a recall.
    pub first: Vec<String>,
    /// 复审: took it up or concluded, or was given it.
    pub second: Vec<String>,
    /// 终审: decided, confirmed or corrected it.
    pub decided: Vec<String>,
    /// Panel members who have not spoken yet.
    pub asked: Vec<String>,
    /// Those that have.
    pub spoken: Vec<String>,
    /// What the newest second review concluded on each finding (fen), as the institution was told; empty before one.
    pub told: Vec<LineAnswer>,
}

/// The steps that say so.
pub(crate) const HANDS: &str = "select act, account, lines from lead_steps where lead = $1 and act in ('send', 'drop', 'review', 'conclude', 'confirm', 'decide', 'correct') order by seq";

impl Hands {
    pub fn of(lead: &LeadRow, steps: &[Row], seats: &[Seat]) -> Result<Hands> {
        let mut hands = Hands::default();
        hands.first.push(lead.first_account.clone());
        hands.second.push(lead.second_account.clone());
        for step in steps {
            let (act, account) = (step.text("act")?, step.text("account")?);
            match act.as_str() {
                // Told anew after a recall: what was concluded before is no more.
                "send" => {
                    hands.told.clear();
                    hands.first.push(account);
                }
                "drop" => hands.first.push(account),
                "confirm" | "decide" | "correct" => hands.decided.push(account),
                _ => hands.second.push(account),
            }
            if act == "conclude" {
                let lines = step.text("lines")?;
                let broken = |error: serde_json::Error| CaseError::Broken(format!("lead_steps.lines: {error}"));
                hands.told = if lines.is_empty() { Vec::new() } else { serde_json::from_str(&lines).map_err(broken)? };
            }
        }
        for list in [&mut hands.first, &mut hands.second] {
            list.retain(|account| !account.is_empty());
        }
        for seat in seats {
            match seat.state.as_str() {
                "asked" => hands.asked.push(seat.account.clone()),
                "voted" => hands.spoken.push(seat.account.clone()),
                _ => {}
            }
        }
        Ok(hands)
    }

    pub fn is_first(&self, account: &str) -> bool {
        self.first.iter().any(|one| one == account)
    }

    pub fn is_second(&self, account: &str) -> bool {
        self.second.iter().any(|one| one == account)
    }
}
