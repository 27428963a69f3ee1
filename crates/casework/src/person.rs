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

    /// The condition for a table that names the lead in a column of its own: directly where it speaks of region and institution alone,
    /// else through the leads.
    pub(crate) fn of_table_with_lead(&self, lead: &str) -> Scope {
        if self.speaks_only_of(&["region", "institution"]) {
            return self.clone();
        }
        Scope { sql: format!("{lead} in (select id from leads where {})", self.sql), args: self.args.clone() }
    }

    /// Whether the condition speaks of nothing but the columns named here: then it also holds for a table of sums that has only these.
    pub(crate) fn speaks_only_of(&self, columns: &[&str]) -> bool {
        const WORDS: &[&str] = &["and", "or", "not", "in", "like", "is", "null", "escape", "between", "true", "false"];
        let mut text = String::with_capacity(self.sql.len());
        let mut quoted = false;
        for char in self.sql.chars() {
            quoted ^= char == '\'';
            let keep = !quoted && (char.is_ascii_alphanumeric() || char == '_' || char == '$' || char == '.');
            text.push(if keep { char.to_ascii_lowercase() } else { ' ' });
        }
        text.split_whitespace().all(|word| {
            word.starts_with('$') || word.starts_with(|c: char| c.is_ascii_digit()) || WORDS.contains(&word) || columns.contains(&word)
        })
    }
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
}
