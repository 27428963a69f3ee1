//! Findings grouped by what a person works on (按对象归并): a stay or visit; a person for windows over visits; a practitioner's month; an
//! institution's month.

use mingjian_model::day::{Day, format_day};

use crate::finding::{Facts, FindingRow};

/// What a lead is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// stay, visit, person, practitioner, institution_month
    pub kind: &'static str,
    /// Unique among subjects, the same in every run.
    pub key: String,
}

/// The subject of a finding. `as_of` dates findings without any time.
///
/// A visit comes first: its lines are what a hospital can answer for. Findings over several visits of a person (frequent visits, split
/// stays named by no visit) go to the person at the institution that is to answer. What names neither goes to the practitioner's or the
/// institution's month.
pub fn subject_of(finding: &FindingRow, facts: &Facts, as_of: Day) -> Subject {
    let [visit, person, practitioner, institution] =
        [&finding.mdtrt_id, &finding.psn_no, &finding.bilg_dr_code, &finding.fixmedins_code].map(|code| code.as_deref().unwrap_or(""));
    let kind = match (visit, person, practitioner) {
        ("", "", "") => "institution_month",
        ("", "", _) => "practitioner",
        ("", _, _) => "person",
        _ if facts.visits.get(visit).is_some_and(|visit| visit.stay) => "stay",
        _ => "visit",
    };
    Subject { kind, key: key_of(visit, person, practitioner, institution, finding.first_day().unwrap_or(as_of)) }
}

/// The key of the subject of a finding by its codes, blank where it has none.
pub(crate) fn key_of(visit: &str, person: &str, practitioner: &str, institution: &str, day: Day) -> String {
    let month = &format_day(day)[..7];
    match (visit, person, practitioner) {
        ("", "", "") => format!("institution:{institution}:{month}"),
        ("", "", _) => format!("practitioner:{practitioner}:{institution}:{month}"),
        ("", _, _) => format!("person:{person}:{institution}"),
        _ => format!("visit:{visit}"),
    }
}

/// What a list calls the subject.
pub fn label_of(subject: &Subject, finding: &FindingRow, facts: &Facts, as_of: Day) -> String {
    let institution = finding
        .fixmedins_code
        .as_deref()
        .map(|code| facts.institutions.get(code).map_or(code, |fact| fact.name.as_str()))
        .unwrap_or("机构不明");
    let person = finding.psn_no.as_deref().map_or("", |person| facts.persons.get(person).map_or(person, |fact| fact.name_masked.as_str()));
    let month = format_day(finding.first_day().unwrap_or(as_of));
    let month = format!("{}年{}月", &month[..4], month[5..7].trim_start_matches('0'));
    match subject.kind {
        "stay" | "visit" => {
            let fact = finding.mdtrt_id.as_deref().and_then(|visit| facts.visits.get(visit));
            let kind = fact.map(|fact| fact.kind_title.as_str()).filter(|title| !title.is_empty());
            let kind = kind.unwrap_or(if subject.kind == "stay" { "住院" } else { "就诊" });
            let day = |day: Option<Day>| day.map(format_day);
            match fact.map(|fact| (day(fact.begin), day(fact.end))) {
                Some((Some(begin), Some(end))) if begin != end => format!("{person} {kind} {begin} 至 {end}"),
                Some((Some(begin), _)) => format!("{person} {kind} {begin}"),
                _ => format!("{person} {kind}"),
            }
            .trim()
            .to_owned()
        }
        "person" => format!("{person} 多次就诊"),
        "practitioner" => {
            let code = finding.bilg_dr_code.as_deref().unwrap_or("");
            format!("医师 {} {month}", facts.practitioners.get(code).map_or(code, String::as_str))
        }
        _ => format!("{institution} {month}"),
    }
}

/// One sentence: what the leading finding says, shortened, and what else there is.
///
/// `kinds` are the kinds of the other findings, each once per finding.
pub fn reason_of(leading: &str, kinds: &[&str]) -> String {
    let mut sentence = shorten(leading, 70);
    if !kinds.is_empty() {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for kind in kinds {
            match counts.iter_mut().find(|(known, _)| known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
        }
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let named: Vec<String> = counts.iter().take(3).map(|(kind, count)| format!("{kind} {count} 条")).collect();
        let rest = if counts.len() > 3 { "等" } else { "" };
        sentence = format!("{}；另有{}{rest}", sentence.trim_end_matches(['。', '；', '，']), named.join("、"));
    }
    sentence
}

/// At most `limit` characters, cut at a mark of punctuation where there is one in the second half.
fn shorten(text: &str, limit: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit).collect();
    let half = cut.char_indices().nth(limit / 2).map_or(0, |(at, _)| at);
    match cut.rfind(['。', '；', '，']).filter(|&at| at >= half) {
        Some(at) => format!("{}…", &cut[..at]),
        None => format!("{cut}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::VisitFact;
    use mingjian_model::day::parse_day;

    fn finding() -> FindingRow {
        FindingRow {
            psn_no: Some("P1".into()),
            fixmedins_code: Some("H1".into()),
            first_time: mingjian_model::day::parse_moment("2025-03-08 09:00:00"),
            ..FindingRow::default()
        }
    }

    fn key(finding: &FindingRow, facts: &Facts) -> (&'static str, String) {
        let subject = subject_of(finding, facts, 20_000);
        (subject.kind, subject.key)
    }

    #[test]
    fn findings_go_to_the_narrowest_thing_one_can_answer_for() {
        let mut facts = Facts::default();
        facts.visits.insert("V1".into(), VisitFact { stay: true, ..VisitFact::default() });
        let visit = |id: &str| FindingRow { mdtrt_id: Some(id.into()), ..finding() };
        assert_eq!(key(&visit("V1"), &facts), ("stay", "visit:V1".into()));
        assert_eq!(key(&visit("V2"), &facts), ("visit", "visit:V2".into()));
        assert_eq!(key(&finding(), &facts), ("person", "person:P1:H1".into()));
        let doctor = FindingRow { psn_no: None, bilg_dr_code: Some("D1".into()), ..finding() };
        assert_eq!(key(&doctor, &facts), ("practitioner", "practitioner:D1:H1:2025-03".into()));
        let house = FindingRow { psn_no: None, ..finding() };
        assert_eq!(key(&house, &facts), ("institution_month", "institution:H1:2025-03".into()));
    }

    #[test]
    fn labels_say_who_and_when() {
        let mut facts = Facts::default();
        let days = (parse_day("2025-03-01"), parse_day("2025-03-09"));
        facts.visits.insert("V1".into(), VisitFact { kind_title: "住院".into(), stay: true, begin: days.0, end: days.1 });
        facts.persons.insert("P1".into(), crate::finding::PersonFact { name_masked: "周**".into(), ..Default::default() });
        let of = |finding: &FindingRow| label_of(&subject_of(finding, &facts, 0), finding, &facts, 0);
        assert_eq!(of(&FindingRow { mdtrt_id: Some("V1".into()), ..finding() }), "周** 住院 2025-03-01 至 2025-03-09");
        assert_eq!(of(&FindingRow { psn_no: None, ..finding() }), "H1 2025年3月");
    }

    #[test]
    fn the_reason_is_one_sentence_with_what_else_there_is() {
        assert_eq!(reason_of("同日重复收费，多收 20.00 元。", &[]), "同日重复收费，多收 20.00 元。");
        assert_eq!(
            reason_of("同日重复收费，多收 20.00 元。", &["超标准收费", "重复收费", "重复收费"]),
            "同日重复收费，多收 20.00 元；另有重复收费 2 条、超标准收费 1 条"
        );
        let long = format!("{}，{}", "甲".repeat(50), "乙".repeat(50));
        assert_eq!(reason_of(&long, &[]), format!("{}…", "甲".repeat(50)));
    }
}
