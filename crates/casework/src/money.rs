//! Whose money a finding counts and what a decision makes of it (金额).
//!
//! True of it: the money of a cluster is counted once over all leads; what is decided on the findings of a cluster never exceeds what
//! was counted; found = decided + withdrawn, to the fen.

use std::collections::HashMap;

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
/// Of a cluster that stands whole, the finding that counts its money carries all of it. Where a finding of it falls or stands in part, each
/// charges no more than its own money, and the findings left share it: together the largest of them, since what their lines have in common
/// cannot be told here and is never charged twice. Whoever decides may name other amounts, up to each finding's own and to what the cluster
/// counts: nought on one that counts nothing is 'it stands, and the other carries the money'.
///
/// # Errors
/// The stake at which an amount is missing, negative, or more than may be charged on it, and the most it may be (fen).
pub fn verdicts(stakes: &[Stake], said: &[(Conclusion, Option<i64>)]) -> Result<Vec<Verdict>, (usize, i64)> {
    debug_assert_eq!(stakes.len(), said.len(), "one conclusion per finding");
    let mut verdicts: Vec<Verdict> = said.iter().map(|&(conclusion, _)| Verdict { conclusion, money: Money::default() }).collect();
    let mut pots: HashMap<&str, Pot> = HashMap::new();
    for (stake, &(conclusion, _)) in stakes.iter().zip(said) {
        let pot = pots.entry(&stake.cluster).or_default();
        pot.left += stake.counted;
        pot.members += 1;
        pot.has_fallen |= conclusion == Conclusion::Withdraw;
        pot.is_whole &= conclusion == Conclusion::Uphold || stake.counted.amount_fen > 0;
    }
    // Those that count first, then the others in order.
    let order = (0..stakes.len())
        .filter(|&i| stakes[i].counted.amount_fen > 0)
        .chain((0..stakes.len()).filter(|&i| stakes[i].counted.amount_fen == 0));
    for i in order {
        let (stake, (conclusion, amount)) = (&stakes[i], said[i]);
        let Some(pot) = pots.get_mut(stake.cluster.as_str()) else { continue };
        let (most, usual) = pot.bounds(stake);
        let takes = match (conclusion, amount) {
            (Conclusion::Withdraw, _) => 0,
            (Conclusion::Uphold, None) => usual,
            // Partly without money to divide: conduct of which a part stands.
            (Conclusion::Partly, None) if most == 0 => 0,
            (Conclusion::Partly, None) => return Err((i, most)),
            (_, Some(fen)) if (0..=most).contains(&fen) => fen,
            (_, Some(_)) => return Err((i, most)),
        };
        verdicts[i].money = pot.give(takes);
        // What stands of a finding says its conclusion, whatever was ticked.
        if conclusion != Conclusion::Withdraw && usual > 0 {
            verdicts[i].conclusion = match takes {
                0 if stake.counted.amount_fen > 0 || pot.members == 1 => Conclusion::Withdraw,
                // It stands in part, on money the one that counts carries.
                _ if takes == usual && (conclusion == Conclusion::Uphold || pot.members == 1) => Conclusion::Uphold,
                _ => Conclusion::Partly,
            };
        }
    }
    Ok(verdicts)
}

/// The money of one cluster while it is decided.
struct Pot {
    left: Money,
    taken_fen: i64,
    /// Findings of this lead on it.
    members: usize,
    /// One of them falls.
    has_fallen: bool,
    /// All but the one that counts stand in full.
    is_whole: bool,
}

impl Default for Pot {
    fn default() -> Pot {
        Pot { left: Money::default(), taken_fen: 0, members: 0, has_fallen: false, is_whole: true }
    }
}

impl Pot {
    /// The most that may be charged on a finding, and what is where it stands and nobody names an amount.
    fn bounds(&self, stake: &Stake) -> (i64, i64) {
        let counted = stake.counted.amount_fen;
        let own = if stake.own.amount_fen > 0 { stake.own.amount_fen } else { counted };
        if counted > 0 {
            let most = if self.has_fallen { own.min(counted) } else { counted };
            return (most, if self.is_whole { most } else { own.min(counted) });
        }
        let all = self.left.amount_fen + self.taken_fen;
        let own = own.min(all);
        (own.min(self.left.amount_fen), (own - self.taken_fen).max(0))
    }

    fn give(&mut self, takes: i64) -> Money {
        let money = self.left.part(takes);
        self.left = Money {
            amount_fen: self.left.amount_fen - money.amount_fen,
            fund_fen: self.left.fund_fen - money.fund_fen,
            acct_fen: self.left.acct_fen - money.acct_fen,
        };
        self.taken_fen += money.amount_fen;
        money
    }
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

    fn charged(stakes: &[Stake], said: &[(Conclusion, Option<i64>)]) -> Vec<i64> {
        verdicts(stakes, said).expect("fits").iter().map(|verdict| verdict.money.amount_fen).collect()
    }

    #[test]
    fn a_finding_that_fell_takes_what_it_alone_stood_for() {
        // The first on a line of 500, the second on 400 of that line and 100 of another: 600 counted once.
        let stakes =
            [stake("a", money(50_000, 35_000, 0), money(60_000, 42_000, 0)), stake("a", money(50_000, 35_000, 0), Money::default())];
        assert_eq!(charged(&stakes, &[(Conclusion::Uphold, None); 2]), [60_000, 0]);
        assert_eq!(charged(&stakes, &[(Conclusion::Uphold, None), (Conclusion::Withdraw, None)]), [50_000, 0]);
        assert_eq!(charged(&stakes, &[(Conclusion::Withdraw, None), (Conclusion::Uphold, None)]), [0, 50_000]);
        let more = [(Conclusion::Partly, Some(55_000)), (Conclusion::Withdraw, None)];
        assert_eq!(verdicts(&stakes, &more), Err((0, 50_000)), "more than the finding left stands for");
    }

    #[test]
    fn money_findings_may_share_is_not_charged_twice_unless_somebody_says_so() {
        let stakes = [
            stake("a", money(10_000, 7_000, 0), money(10_000, 7_000, 0)),
            stake("a", money(6_000, 4_200, 0), Money::default()),
            stake("a", money(5_000, 3_500, 0), Money::default()),
        ];
        let said = [(Conclusion::Partly, Some(3_000)), (Conclusion::Uphold, None), (Conclusion::Uphold, None)];
        assert_eq!(charged(&stakes, &said), [3_000, 3_000, 0], "together the largest, 60.00");
        let said = [(Conclusion::Withdraw, None), (Conclusion::Uphold, None), (Conclusion::Uphold, None)];
        assert_eq!(charged(&stakes, &said), [0, 6_000, 0]);
        let said = [(Conclusion::Partly, Some(3_000)), (Conclusion::Partly, Some(0)), (Conclusion::Partly, Some(0))];
        assert_eq!(charged(&stakes, &said), [3_000, 0, 0], "the others follow the one that counts");
        assert_eq!(verdicts(&stakes, &said).expect("fits")[1].conclusion, Conclusion::Partly);
        let said = [(Conclusion::Partly, Some(3_000)), (Conclusion::Partly, Some(6_000)), (Conclusion::Withdraw, None)];
        assert_eq!(charged(&stakes, &said), [3_000, 6_000, 0], "named: they are on different lines");
    }

    #[test]
    fn partly_of_nothing_falls_and_partly_of_all_stands() {
        let stakes = [stake("a", money(1000, 700, 0), money(1000, 700, 0))];
        let one = |said| verdicts(&stakes, &[said]).expect("fits")[0].conclusion;
        assert_eq!(one((Conclusion::Partly, Some(0))), Conclusion::Withdraw);
        assert_eq!(one((Conclusion::Partly, Some(1000))), Conclusion::Uphold);
        assert_eq!(one((Conclusion::Partly, Some(1))), Conclusion::Partly);
    }

    #[test]
    fn the_funds_part_of_a_part_is_rounded_to_the_fen() {
        let stakes = [stake("a", money(3_333, 2_001, 0), money(3_333, 2_001, 0))];
        let one = verdicts(&stakes, &[(Conclusion::Partly, Some(1_000))]).expect("fits")[0].money;
        assert_eq!(one, money(1_000, 600, 0)); // 2001 × 1000 ÷ 3333 = 600.36
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

        #[test]
        fn what_was_decided_is_decided_again_when_it_is_read_back(
            rows in prop::collection::vec((0usize..2, 1i64..10_000, any::<bool>(), 0usize..3, 0i64..100), 1..6)
        ) {
            let (mut led, mut stakes, mut said) = ([false; 2], Vec::new(), Vec::new());
            for (cluster, amount, leads, how, part) in rows {
                let own = money(amount, amount * 7 / 10, 0);
                let counts = leads && !led[cluster];
                led[cluster] |= counts;
                let counted = if counts { money(amount + part, (amount + part) * 7 / 10, 0) } else { Money::default() };
                stakes.push(stake(["a", "b"][cluster], own, counted));
                said.push(([Conclusion::Withdraw, Conclusion::Partly, Conclusion::Uphold][how], (how == 1).then_some(amount * part / 200)));
            }
            let Ok(first) = verdicts(&stakes, &said) else { return Ok(()) };
            let back: Vec<_> = first
                .iter()
                .map(|one| (one.conclusion, (one.conclusion == Conclusion::Partly).then_some(one.money.amount_fen)))
                .collect();
            let again = verdicts(&stakes, &back).expect("fits as before");
            prop_assert_eq!(
                first.iter().map(|one| one.money.amount_fen).collect::<Vec<_>>(),
                again.iter().map(|one| one.money.amount_fen).collect::<Vec<_>>()
            );
        }
    }
}
