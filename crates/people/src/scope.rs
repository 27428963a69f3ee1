//! 数据范围 as a condition of SQL, which every list, count, choice and export puts below itself.

use mingjian_store::Arg;

use crate::policy::roles_for;
use crate::role::Reach;
use crate::{Act, Person};

/// How a query calls the columns that scopes look at.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    pub region: &'a str,
    pub institution: &'a str,
    pub lead: &'a str,
}

impl Columns<'static> {
    /// Of the table `leads` by its name.
    pub const LEADS: Columns<'static> = Columns { region: "leads.region", institution: "leads.institution", lead: "leads.id" };
    /// Without the name of a table.
    pub const BARE: Columns<'static> = Columns { region: "region", institution: "institution", lead: "id" };
}

/// The condition under which a lead may be seen by this person: over `leads.region`, `leads.institution`, `leads.id`, with placeholders from
/// `$1`. In brackets, so that it can stand beside `and`; who may see nothing gets a condition that is never true.
pub fn scope_sql(person: &Person) -> (String, Vec<Arg>) {
    scope_sql_for(person, Act::LeadsRead, &Columns::LEADS, 1)
}

/// The same for any act and any table; placeholders count from `$first`.
pub fn scope_sql_for(person: &Person, act: Act, columns: &Columns<'_>, first: usize) -> (String, Vec<Arg>) {
    let mut condition = Condition { first, parts: Vec::new(), args: Vec::new() };
    let mut done: Vec<Reach> = Vec::new();
    if person.must.is_none() {
        for reach in roles_for(person, act).map(|role| role.reach()) {
            if !done.contains(&reach) {
                done.push(reach);
                condition.reach(reach, person, columns);
            }
        }
    }
    let sql = if condition.parts.is_empty() { "(1 = 0)".to_owned() } else { format!("({})", condition.parts.join(" or ")) };
    (sql, condition.args)
}

struct Condition {
    first: usize,
    parts: Vec<String>,
    args: Vec<Arg>,
}

impl Condition {
    fn place(&mut self, arg: impl Into<Arg>) -> String {
        self.args.push(arg.into());
        format!("${}", self.first + self.args.len() - 1)
    }

    fn reach(&mut self, reach: Reach, person: &Person, columns: &Columns<'_>) {
        match reach {
            Reach::Region => {
                for prefix in person.scopes.regions.iter().filter(|prefix| !prefix.is_empty()) {
                    // A range, not `like`: it can use an index in both databases. Codes are digits, which all collations put in order.
                    let from = self.place(prefix);
                    let mut part = format!("{} >= {from}", columns.region);
                    if let Some(after) = next(prefix) {
                        let until = self.place(after);
                        part = format!("({part} and {} < {until})", columns.region);
                    }
                    self.parts.push(part);
                }
            }
            Reach::Institution => {
                let codes = person.scopes.institutions.iter().filter(|code| !code.is_empty());
                let places: Vec<String> = codes.map(|code| self.place(code)).collect();
                if !places.is_empty() {
                    self.parts.push(format!("{} in ({})", columns.institution, places.join(", ")));
                }
            }
            Reach::Lead => {
                if !person.scopes.leads.is_empty() {
                    let (account, at) = (self.place(&person.account), self.place(person.at));
                    self.parts.push(format!(
                        "{} in (select value from scopes where account = {account} and kind = 'lead' and (ends is null or ends > {at}))",
                        columns.lead
                    ));
                }
            }
            Reach::Nothing => {}
        }
    }
}

/// The first code after all that begin with this one; `None` after the last (all nines).
fn next(prefix: &str) -> Option<String> {
    let kept = prefix.trim_end_matches('9');
    let last = kept.chars().last()?.to_digit(10)?;
    Some(format!("{}{}", &kept[..kept.len() - 1], last + 1))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_code_after_a_region() {
        assert_eq!(next("3309").as_deref(), Some("331"));
        assert_eq!(next("33").as_deref(), Some("34"));
        assert_eq!(next("330900").as_deref(), Some("330901"));
        assert_eq!(next("99"), None);
    }
}
