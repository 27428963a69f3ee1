//! 角色: what a person is in the supervision of the fund.

/// A role. A person may hold several, as far as [`clash`] lets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 稽核员 of a bureau or an agency.
    Auditor,
    /// 复审员: reads a second time what another has read.
    Reviewer,
    /// 合议专家: sees what was assigned.
    Expert,
    /// 基金监管科长.
    Supervisor,
    /// 法制审核.
    Legal,
    /// 局领导.
    Director,
    /// 规则管理员.
    RuleAuthor,
    /// 财务.
    Finance,
    /// 机构医保办: of one institution or several, sees their own.
    Institution,
    /// 第三方: sees what was assigned, until a day.
    Outside,
    /// 纪检审计: reads everything but the management of rights.
    Overseer,
    /// 系统管理员: parameters, imports, backups; no business data.
    Sysadmin,
    /// 安全管理员: accounts; no business data.
    Secadmin,
    /// 审计管理员: the trail; no business data.
    Auditadmin,
}

/// By what a role's view of business data is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// 统筹区: the regions granted.
    Region,
    /// The institutions granted.
    Institution,
    /// The leads granted, one by one.
    Lead,
    /// No business data.
    Nothing,
}

impl Role {
    pub const ALL: [Role; 14] = [
        Role::Auditor,
        Role::Reviewer,
        Role::Expert,
        Role::Supervisor,
        Role::Legal,
        Role::Director,
        Role::RuleAuthor,
        Role::Finance,
        Role::Institution,
        Role::Outside,
        Role::Overseer,
        Role::Sysadmin,
        Role::Secadmin,
        Role::Auditadmin,
    ];

    /// As it stands in the store and in the API.
    pub fn id(self) -> &'static str {
        self.facts().0
    }

    /// 中文名称.
    pub fn title(self) -> &'static str {
        self.facts().1
    }

    pub fn reach(self) -> Reach {
        self.facts().2
    }

    pub fn from_id(id: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.id() == id)
    }

    fn facts(self) -> (&'static str, &'static str, Reach) {
        match self {
            Role::Auditor => ("auditor", "稽核员", Reach::Region),
            Role::Reviewer => ("reviewer", "复审员", Reach::Region),
            Role::Expert => ("expert", "合议专家", Reach::Lead),
            Role::Supervisor => ("supervisor", "基金监管科长", Reach::Region),
            Role::Legal => ("legal", "法制审核", Reach::Lead),
            Role::Director => ("director", "局领导", Reach::Region),
            Role::RuleAuthor => ("rule_author", "规则管理员", Reach::Nothing),
            Role::Finance => ("finance", "财务", Reach::Region),
            Role::Institution => ("institution", "机构医保办", Reach::Institution),
            Role::Outside => ("outside", "第三方", Reach::Lead),
            Role::Overseer => ("overseer", "纪检审计", Reach::Region),
            Role::Sysadmin => ("sysadmin", "系统管理员", Reach::Nothing),
            Role::Secadmin => ("secadmin", "安全管理员", Reach::Nothing),
            Role::Auditadmin => ("auditadmin", "审计管理员", Reach::Nothing),
        }
    }
}

/// Roles that are held alone: the three administrators (三员分立), who watches the others, and who is outside the bureau.
const ALONE: [Role; 6] = [Role::Sysadmin, Role::Secadmin, Role::Auditadmin, Role::Overseer, Role::Institution, Role::Outside];

/// Pairs that one person must not hold: nobody audits and books the money (内控：审核与拨付分离), nobody advises on the panel what he
/// reads or heads, nobody writes rules and heads those who publish them.
const APART: [(Role, Role); 8] = [
    (Role::Finance, Role::Auditor),
    (Role::Finance, Role::Reviewer),
    (Role::Finance, Role::Supervisor),
    (Role::Expert, Role::Auditor),
    (Role::Expert, Role::Supervisor),
    (Role::RuleAuthor, Role::Supervisor),
    (Role::Legal, Role::Auditor),
    (Role::Legal, Role::Supervisor),
];

/// Two of these roles that one person must not hold together.
pub fn clash(roles: &[Role]) -> Option<(Role, Role)> {
    let pairs = roles.iter().enumerate().flat_map(|(place, one)| roles[place + 1..].iter().map(move |other| (*one, *other)));
    pairs.into_iter().find(|(one, other)| {
        let apart = APART.contains(&(*one, *other)) || APART.contains(&(*other, *one));
        one != other && (apart || ALONE.contains(one) || ALONE.contains(other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_its_id() {
        for role in Role::ALL {
            assert_eq!(Role::from_id(role.id()), Some(role));
        }
        assert_eq!(Role::from_id("root"), None);
    }

    #[test]
    fn administrators_hold_nothing_else() {
        for admin in [Role::Sysadmin, Role::Secadmin, Role::Auditadmin] {
            for other in Role::ALL.into_iter().filter(|other| *other != admin) {
                assert!(clash(&[other, admin]).is_some(), "{admin:?} and {other:?}");
                assert!(clash(&[admin, other]).is_some(), "{admin:?} and {other:?}");
            }
            assert_eq!(clash(&[admin]), None);
        }
    }

    #[test]
    fn who_audits_does_not_book() {
        assert_eq!(clash(&[Role::Auditor, Role::Finance]), Some((Role::Auditor, Role::Finance)));
        assert_eq!(clash(&[Role::Auditor, Role::Reviewer]), None);
        assert_eq!(clash(&[]), None);
    }
}
