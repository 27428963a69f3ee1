//! Who asks and who acts: plain facts handed in by the crate that knows accounts.

use mingjian_model::day::Moment;
use mingjian_store::{Actor, Arg};

/// Role ids, as in the accounts.
pub mod role {
    pub const AUDITOR: &str = "auditor";
    pub const REVIEWER: &str = "reviewer";
    pub const EXPERT: &str = "expert";
    pub const SUPERVISOR: &str = "supervisor";
    pub const LEGAL: &str = "legal";
    pub const DIRECTOR: &str = "director";
    pub const FINANCE: &str = "finance";
    pub const INSTITUTION: &str = "institution";
    pub const OUTSIDE: &str = "outside";
    pub const OVERSEER: &str = "overseer";

    /// The Chinese title of a role; the id itself where it is not known here.
    pub fn title(id: &str) -> &str {
        match id {
            AUDITOR => "稽核员",
            REVIEWER => "复审员",
            EXPERT => "合议专家",
            SUPERVISOR => "基金监管科长",
            LEGAL => "法制审核",
            DIRECTOR => "局领导",
            FINANCE => "财务",
            INSTITUTION => "机构医保办",
            OUTSIDE => "第三方",
            OVERSEER => "纪检审计",
            "rule_author" => "规则管理员",
            "sysadmin" => "系统管理员",
            "secadmin" => "安全管理员",
            "auditadmin" => "审计管理员",
            other => other,
        }
    }
}

/// A person who is logged in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub account: String,
    pub name: String,
    /// Role ids; at least one.
    pub roles: Vec<String>,
    /// Code of the institution a person of an institution (or an expert who works at one) belongs to.
    pub institution: Option<String>,
}

impl Person {
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// Sees only what was told to the own institution.
    pub fn is_institution(&self) -> bool {
        self.has(role::INSTITUTION)
    }

    /// Works on leads inside the bureau: is shown what others may do, and why not oneself.
    pub fn is_inside(&self) -> bool {
        [role::AUDITOR, role::REVIEWER, role::SUPERVISOR, role::DIRECTOR].iter().any(|role| self.has(role))
    }
}

/// Someone who can be given a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Colleague {
    pub account: String,
    pub name: String,
    pub roles: Vec<String>,
    /// Where an expert works: nobody sits on a panel about the own institution.
    pub institution: Option<String>,
}

/// A condition every query puts below itself, over the columns `id`, `region` and `institution` of the table asked, with its own
/// placeholders from `$1` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    pub sql: String,
    pub args: Vec<Arg>,
}

impl Scope {
    /// Everything: for the program itself, never for a person who came over the network.
    pub fn all() -> Scope {
        Scope { sql: "1 = 1".into(), args: Vec::new() }
    }

    /// The condition for a table that names the lead in a column of its own: what speaks of region and institution alone directly, the rest
    /// through the leads.
    pub(crate) fn of_table_with_lead(&self, lead: &str) -> Scope {
        let parts: Vec<String> = self
            .alternatives()
            .into_iter()
            .map(
                |part| if speaks_only_of(part, PLACE) { part.to_owned() } else { format!("{lead} in (select id from leads where {part})") },
            )
            .collect();
        Scope { sql: format!("({})", parts.join(" or ")), args: self.args.clone() }
    }

    /// What of the scope holds for whole regions and institutions, and what names single leads: a lead is within the scope when it is
    /// within either. Each has its own placeholders from `$1` on.
    pub(crate) fn split(&self) -> (Option<Scope>, Option<Scope>) {
        let (places, leads): (Vec<&str>, Vec<&str>) = self.alternatives().into_iter().partition(|part| speaks_only_of(part, PLACE));
        (self.of_parts(&places), self.of_parts(&leads))
    }

    /// Whether it holds for regions or institutions too, not for single leads alone.
    pub(crate) fn has_places(&self) -> bool {
        self.alternatives().into_iter().any(|part| speaks_only_of(part, PLACE))
    }

    /// The conditions of which one must hold: cut at each `or` that stands in no brackets but those around everything.
    fn alternatives(&self) -> Vec<&str> {
        let mut text = self.sql.trim();
        while let Some(inner) = unwrapped(text) {
            text = inner.trim();
        }
        let (mut parts, mut depth, mut quoted, mut from) = (Vec::new(), 0_usize, false, 0);
        for (at, char) in text.char_indices() {
            match char {
                '\'' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth = depth.saturating_sub(1),
                ' ' if !quoted && depth == 0 && text[at..].get(..4).is_some_and(|word| word.eq_ignore_ascii_case(" or ")) => {
                    parts.push(text[from..at].trim());
                    from = at + 4;
                }
                _ => {}
            }
        }
        parts.push(text[from..].trim());
        parts
    }

    /// One of these parts holds; its placeholders numbered anew. None without parts.
    fn of_parts(&self, parts: &[&str]) -> Option<Scope> {
        let (mut sql, mut args) = (String::new(), Vec::new());
        let text = (!parts.is_empty()).then(|| parts.join(" or "))?;
        let mut rest = text.as_str();
        let mut numbered: Vec<usize> = Vec::new();
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..].len() - rest[at + 1..].trim_start_matches(|char: char| char.is_ascii_digit()).len();
            sql.push_str(&rest[..=at]);
            // A dollar without a number is no placeholder.
            if let Ok(number) = rest[at + 1..at + 1 + digits].parse::<usize>() {
                let place = numbered.iter().position(|one| *one == number).unwrap_or_else(|| {
                    numbered.push(number);
                    args.extend(number.checked_sub(1).and_then(|at| self.args.get(at)).cloned());
                    numbered.len() - 1
                });
                sql.push_str(&(place + 1).to_string());
            }
            rest = &rest[at + 1 + digits..];
        }
        sql.push_str(rest);
        Some(Scope { sql: format!("({sql})"), args })
    }

    /// Whether the condition speaks of nothing but the columns named here: then it also holds for a table of sums that has only these.
    pub(crate) fn speaks_only_of(&self, columns: &[&str]) -> bool {
        speaks_only_of(&self.sql, columns)
    }
}

/// The columns of a place.
const PLACE: &[&str] = &["region", "institution"];

/// What stands in the brackets around a whole text; none where there are none.
fn unwrapped(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut depth, mut quoted) = (0_i32, false);
    for char in inner.chars() {
        match char {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    Some(inner)
}

fn speaks_only_of(sql: &str, columns: &[&str]) -> bool {
    const WORDS: &[&str] = &["and", "or", "not", "in", "like", "is", "null", "escape", "between", "true", "false"];
    let mut text = String::with_capacity(sql.len());
    let mut quoted = false;
    for char in sql.chars() {
        quoted ^= char == '\'';
        let keep = !quoted && (char.is_ascii_alphanumeric() || char == '_' || char == '$' || char == '.');
        text.push(if keep { char.to_ascii_lowercase() } else { ' ' });
    }
    text.split_whitespace().all(|word| {
        word.starts_with('$') || word.starts_with(|c: char| c.is_ascii_digit()) || WORDS.contains(&word) || columns.contains(&word)
    })
}

impl From<(String, Vec<Arg>)> for Scope {
    fn from((sql, args): (String, Vec<Arg>)) -> Scope {
        // Accounts name the columns with their table; here tables go by other names.
        Scope { sql: sql.replace("leads.", ""), args }
    }
}

/// A person who asks, with what they may see, at a moment.
#[derive(Debug, Clone)]
pub struct Asker {
    pub person: Person,
    pub scope: Scope,
    /// Now, local. Handed in: nothing here reads a clock.
    pub at: Moment,
    /// Where the request came from, for the trail: an address or `cli`.
    pub origin: String,
    /// Who tasks can be given to; empty where only a list is asked for.
    pub colleagues: Vec<Colleague>,
}

impl Asker {
    /// The actor of the trail, in the role the act is done in.
    pub fn actor(&self, role: &str) -> Actor {
        Actor { account: self.person.account.clone(), role: role.to_owned(), origin: self.origin.clone(), at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_over_regions_and_institutions_holds_for_sums_and_one_over_leads_does_not() {
        let of = |sql: &str| Scope { sql: sql.into(), args: vec![] }.speaks_only_of(&["region", "institution"]);
        assert!(of("(region like $1 and institution in ($2, $3))"));
        assert!(of("1 = 1"));
        assert!(of("region like '33%' or institution = 'id x'"));
        assert!(!of("id in ($1)"));
        assert!(!of("exists (select 1 from grants g where g.lead = id)"));
    }

    #[test]
    fn a_scope_of_places_and_single_leads_is_cut_in_two() {
        let sql =
            "((region >= $1 and region < $2) or institution in ($3) or id in (select value from scopes where account = $4 or ends > $5))";
        let scope = Scope { sql: sql.into(), args: (1..=5).map(Arg::Int).collect() };
        let (places, leads) = scope.split();
        let places = places.unwrap();
        assert_eq!(places.sql, "((region >= $1 and region < $2) or institution in ($3))");
        assert_eq!(places.args, [Arg::Int(1), Arg::Int(2), Arg::Int(3)]);
        let leads = leads.unwrap();
        assert_eq!(leads.sql, "(id in (select value from scopes where account = $1 or ends > $2))");
        assert_eq!(leads.args, [Arg::Int(4), Arg::Int(5)]);
        assert!(scope.has_places());
    }

    #[test]
    fn brackets_and_quotes_hold_a_condition_together() {
        let split = |sql: &str| {
            let (places, leads) = Scope { sql: sql.into(), args: vec![Arg::Int(7), Arg::Int(8)] }.split();
            (places.map(|scope| scope.sql), leads.map(|scope| scope.sql))
        };
        let some = |sql: &str| Some(sql.to_owned());
        assert_eq!(split("(region = $1) or (id = $2)"), (some("((region = $1))"), some("((id = $1))")));
        assert_eq!(split("region = $1 and (id = $2 or id = $1)"), (None, some("(region = $1 and (id = $2 or id = $1))")));
        assert_eq!(split("institution = 'a or b)'"), (some("(institution = 'a or b)')"), None));
        assert_eq!(split("(1 = 0)"), (some("(1 = 0)"), None));
        assert!(!Scope { sql: "(id in ($1))".into(), args: vec![] }.has_places());
    }
}
