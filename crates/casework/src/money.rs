//! Whose money a finding counts and what a decision makes of it (金额).
//!
//! True of it: the money of a cluster is counted once over all leads; what is decided on the findings of a cluster never exceeds what
//! was counted; found = decided + withdrawn, to the fen.

use mingjian_model::Fen;

/// Money of a finding: in scope, and the funds' parts of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Money {
    /// 涉及金额
    pub amount_fen: i64,
    /// 其中统筹
    pub fund_fen: i64,
    /// 其中个账
    pub acct_fen: i64,
}

impl Money {
    /// What the funds lost: what can be refused or recovered.
    pub fn loss_fen(self) -> i64 {
        self.fund_fen + self.acct_fen
    }

    /// The part of this money that `amount_fen` of its amount stands for; funds' parts in proportion, rounded half up.
    pub fn part(self, amount_fen: i64) -> Money {
        if amount_fen == self.amount_fen {
            return self;
        }
        let share = |of: i64| Fen(of).share(Fen(amount_fen), Fen(self.amount_fen)).0;
        let loss = share(self.loss_fen()).min(amount_fen);
        let fund = share(self.fund_fen).min(loss);
        Money { amount_fen, fund_fen: fund, acct_fen: loss - fund }
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.amount_fen += other.amount_fen;
        self.fund_fen += other.fund_fen;
        self.acct_fen += other.acct_fen;
    }
}

/// The money counted on a finding that leads its cluster: the cluster's, with the funds' parts in the proportion of the finding's own.
///
/// `taken_fen`: what of the cluster's money other leads, told or closed before, count already.
pub fn counted(cluster_fen: i64, own: Money, taken_fen: i64) -> Money {
    let amount_fen = (cluster_fen - taken_fen).max(0);
    let base = if own.amount_fen == 0 { Money { amount_fen, ..Money::default() } } else { own };
    base.part(amount_fen)
}

/// What is concluded about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    Withdraw,
    Partly,
    Uphold,
}

impl Conclusion {
    pub fn id(self) -> &'static str {
        match self {
            Conclusion::Withdraw => "withdraw",
            Conclusion::Partly => "partly",
            Conclusion::Uphold => "uphold",
        }
    }

    pub fn of(id: &str) -> Option<Conclusion> {
        [Conclusion::Withdraw, Conclusion::Partly, Conclusion::Uphold].into_iter().find(|one| one.id() == id)
    }
}

/// A finding as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stake {
    pub id: String,
    pub cluster: String,
    /// The finding's own money.
    pub own: Money,
    /// The cluster's money counted on it; zero where another finding counts it.
    pub counted: Money,
}

/// What was decided on one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub conclusion: Conclusion,
    pub money: Money,
}

/// Turns conclusions into money. `said`: one conclusion per stake, with the amount where it is 'partly'.
///
/// The finding that counts its cluster's money carries what is upheld of it. Where that one falls and another finding on the same money
/// stands, the other carries its own amount, up to the cluster's.
///
/// # Errors
/// The stake at which an amount is missing, negative, or more than its cluster counts, and the most it may be (fen).
pub fn verdicts(stakes: &[Stake], said: &[(Conclusion, Option<i64>)]) -> Result<Vec<Verdict>, (usize, i64)> {
    debug_assert_eq!(stakes.len(), said.len(), "one conclusion per finding");
    let mut verdicts: Vec<Verdict> = said.iter().map(|&(conclusion, _)| Verdict { conclusion, money: Money::default() }).collect();
    // What each cluster of this lead still has to give.
    let mut left: std::collections::HashMap<&str, Money> = std::collections::HashMap::new();
    for stake in stakes {
        *left.entry(&stake.cluster).or_default() += stake.counted;
    }
    // Those that count first, then the others in order.
    let order = (0..stakes.len())
        .filter(|&i| stakes[i].counted.amount_fen > 0)
        .chain((0..stakes.len()).filter(|&i| stakes[i].counted.amount_fen == 0));
    for i in order {
        let (stake, (conclusion, amount)) = (&stakes[i], said[i]);
        let Some(rest) = left.get_mut(stake.cluster.as_str()) else { continue };
        let most = if stake.counted.amount_fen > 0 { stake.counted.amount_fen } else { stake.own.amount_fen.min(rest.amount_fen) };
        let takes = match (conclusion, amount) {
            (Conclusion::Withdraw, _) => 0,
            (Conclusion::Uphold, None) => most,
            // Partly without money to divide: conduct of which a part stands.
            (Conclusion::Partly, None) if most == 0 => 0,
            (Conclusion::Partly, None) => return Err((i, most)),
            (_, Some(fen)) if (0..=most).contains(&fen) => fen,
            (_, Some(_)) => return Err((i, most)),
        };
        let money = rest.part(takes);
        *rest = Money {
            amount_fen: rest.amount_fen - money.amount_fen,
            fund_fen: rest.fund_fen - money.fund_fen,
            acct_fen: rest.acct_fen - money.acct_fen,
        };
        verdicts[i].money = money;
        // A finding of which less than all stands is upheld in part, whatever was ticked.
        if conclusion == Conclusion::Uphold && takes < most {
            verdicts[i].conclusion = if takes == 0 && most > 0 { Conclusion::Withdraw } else { Conclusion::Partly };
        }
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(amount_fen: i64, fund_fen: i64, acct_fen: i64) -> Money {
        Money { amount_fen, fund_fen, acct_fen }
    }

    fn stake(cluster: &str, own: Money, counted: Money) -> Stake {
        Stake { id: "f".into(), cluster: cluster.into(), own, counted }
    }

    #[test]
    fn a_cluster_counts_once_and_only_what_nobody_else_counts() {
        assert_eq!(counted(1000, money(800, 400, 80), 0), money(1000, 500, 100));
        assert_eq!(counted(1000, money(800, 400, 80), 700), money(300, 150, 30));
        assert_eq!(counted(1000, money(800, 400, 80), 1500), Money::default());
    }

    #[test]
    fn the_leading_finding_carries_what_stands_and_another_steps_in_when_it_falls() {
        let stakes = [
            stake("a", money(1000, 700, 0), money(1000, 700, 0)),
            stake("a", money(400, 280, 0), Money::default()),
            stake("b", Money::default(), Money::default()),
        ];
        let all = verdicts(&stakes, &[(Conclusion::Uphold, None); 3]).expect("fits");
        assert_eq!(all.iter().map(|v| v.money.amount_fen).collect::<Vec<_>>(), [1000, 0, 0]);
        let said = [(Conclusion::Withdraw, None), (Conclusion::Uphold, None), (Conclusion::Uphold, None)];
        let second = verdicts(&stakes, &said).expect("fits");
        assert_eq!(second.iter().map(|v| v.money).collect::<Vec<_>>(), [Money::default(), money(400, 280, 0), Money::default()]);
        assert_eq!(second[2].conclusion, Conclusion::Uphold);
    }

    #[test]
    fn nobody_decides_more_than_was_found() {
        let stakes = [stake("a", money(1000, 700, 0), money(1000, 700, 0))];
        assert_eq!(verdicts(&stakes, &[(Conclusion::Partly, Some(1001))]), Err((0, 1000)));
        assert_eq!(verdicts(&stakes, &[(Conclusion::Partly, None)]), Err((0, 1000)));
        assert_eq!(verdicts(&stakes, &[(Conclusion::Partly, Some(-1))]), Err((0, 1000)));
        assert_eq!(verdicts(&stakes, &[(Conclusion::Partly, Some(250))]).expect("fits")[0].money, money(250, 175, 0));
    }

    proptest! {
        #[test]
        fn what_is_decided_never_exceeds_what_was_counted(
            rows in prop::collection::vec((0usize..3, 0i64..100_000, 0i64..100, 0i64..100, any::<bool>(), 0usize..3), 1..8)
        ) {
            let mut led = [false; 3];
            let mut stakes = Vec::new();
            let mut said = Vec::new();
            for (cluster, amount, fund, acct, leads, how) in rows {
                let fund_fen = amount * fund / 200;
                let own = money(amount, fund_fen, (amount - fund_fen) * acct / 200);
                let counts = leads && !led[cluster];
                led[cluster] |= counts;
                stakes.push(stake(["a", "b", "c"][cluster], own, if counts { own } else { Money::default() }));
                said.push(([Conclusion::Withdraw, Conclusion::Partly, Conclusion::Uphold][how], (how == 1).then_some(0)));
            }
            let found: i64 = stakes.iter().map(|s| s.counted.amount_fen).sum();
            let loss: i64 = stakes.iter().map(|s| s.counted.loss_fen()).sum();
            let verdicts = verdicts(&stakes, &said).expect("zero always fits");
            let decided: i64 = verdicts.iter().map(|v| v.money.amount_fen).sum();
            let lost: i64 = verdicts.iter().map(|v| v.money.loss_fen()).sum();
            prop_assert!(decided <= found && lost <= loss, "{decided} of {found}, {lost} of {loss}");
            prop_assert!(verdicts.iter().all(|v| v.money.fund_fen >= 0 && v.money.acct_fen >= 0 && v.money.loss_fen() <= v.money.amount_fen));
        }
    }
}
