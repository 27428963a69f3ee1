//! Where a lead stands (办理状态): one list of words, everywhere.

use serde::Serialize;

/// Status of a lead. The order is the order of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Made by a run, nobody has it.
    New,
    /// With an auditor for the first review.
    Check,
    /// Told to the institution, which has not answered.
    Sent,
    /// Answered, or silent past the limit; waits for the second reviewer.
    Answered,
    /// With the second reviewer.
    Review,
    /// The second review upheld what the institution had contested; it may appeal again.
    Appeal,
    /// It did; waits for the panel to be seated.
    Appeal2,
    /// With the panel.
    Panel,
    /// Waits for the last word of the head of supervision.
    Final,
    Upheld,
    Partly,
    Cleared,
    Withdrawn,
    /// 合并: its findings are in another lead; it says in which.
    Merged,
}

/// How a status is coloured: grey, blue, neutral, red, green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Waits for us.
    Wait,
    /// Something came back.
    Back,
    /// Others have it.
    Run,
    Upheld,
    Cleared,
}

impl Tone {
    pub fn id(self) -> &'static str {
        match self {
            Tone::Wait => "wait",
            Tone::Back => "back",
            Tone::Run => "run",
            Tone::Upheld => "upheld",
            Tone::Cleared => "cleared",
        }
    }
}

impl Status {
    pub const ALL: [Status; 14] = [
        Status::New,
        Status::Check,
        Status::Sent,
        Status::Answered,
        Status::Review,
        Status::Appeal,
        Status::Appeal2,
        Status::Panel,
        Status::Final,
        Status::Upheld,
        Status::Partly,
        Status::Cleared,
        Status::Withdrawn,
        Status::Merged,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::Check => "check",
            Status::Sent => "sent",
            Status::Answered => "answered",
            Status::Review => "review",
            Status::Appeal => "appeal",
            Status::Appeal2 => "appeal2",
            Status::Panel => "panel",
            Status::Final => "final",
            Status::Upheld => "upheld",
            Status::Partly => "partly",
            Status::Cleared => "cleared",
            Status::Withdrawn => "withdrawn",
            Status::Merged => "merged",
        }
    }

    pub fn of(id: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.id() == id)
    }

    pub fn title(self) -> &'static str {
        match self {
            Status::New => "待派发",
            Status::Check => "待核查",
            Status::Sent => "待机构反馈",
            Status::Answered => "已反馈",
            Status::Review => "复审中",
            Status::Appeal => "申诉中",
            Status::Appeal2 => "再申诉中",
            Status::Panel => "合议中",
            Status::Final => "终审",
            Status::Upheld => "已认定",
            Status::Partly => "部分认定",
            Status::Cleared => "已排除",
            Status::Withdrawn => "已撤回",
            Status::Merged => "已合并",
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            Status::New | Status::Check | Status::Review | Status::Final => Tone::Wait,
            Status::Answered | Status::Appeal2 => Tone::Back,
            Status::Sent | Status::Appeal | Status::Panel => Tone::Run,
            Status::Upheld | Status::Partly => Tone::Upheld,
            Status::Cleared | Status::Withdrawn | Status::Merged => Tone::Cleared,
        }
    }

    /// The matter has ended: a new run changes nothing of it.
    pub fn is_closed(self) -> bool {
        matches!(self, Status::Upheld | Status::Partly | Status::Cleared | Status::Withdrawn | Status::Merged)
    }

    /// Not yet told to anyone outside: a new run may still change what the lead holds, and the institution does not see it.
    pub fn is_early(self) -> bool {
        matches!(self, Status::New | Status::Check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_found_by_its_id() {
        for status in Status::ALL {
            assert_eq!(Status::of(status.id()), Some(status));
        }
        assert_eq!(Status::of("done"), None);
    }
}
