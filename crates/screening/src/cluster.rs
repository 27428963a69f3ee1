//! 一笔钱一条疑点: findings that put the same lines' money at risk form a cluster; one leads and carries the money once.
//!
//! True of it: clusters lie within a person (lines do), so the batch a person is screened in changes nothing.

use std::cmp::Reverse;

use mingjian_engine::Outcome;
use mingjian_rules::Class;

use crate::finding::FindingId;

/// What clustering needs to know of a finding.
pub(crate) struct Stake<'a> {
    pub id: FindingId,
    pub outcome: Outcome,
    pub class: Class,
    /// Lines with the money this finding puts at risk in each (fen); lines without money are left out.
    pub lines: &'a [(u32, i64)],
}

/// Where a finding ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Position of the leading finding.
    pub leader: usize,
    /// The cluster's money counted once: over its lines, the largest amount at risk of each.
    pub amount: i64,
}

/// Scratch that lives as long as its thread.
#[derive(Default)]
pub(crate) struct Clusters {
    /// (line, money, finding), sorted to find lines that findings share.
    shares: Vec<(u32, i64, u32)>,
    parent: Vec<u32>,
}

impl Clusters {
    /// One place per stake, in order. Leads: 违规 before 可疑, policy before management before medical, the larger amount, the
    /// smaller id.
    pub fn place(&mut self, stakes: &[Stake<'_>]) -> Vec<Place> {
        self.parent.clear();
        self.parent.extend(0..stakes.len() as u32);
        self.shares.clear();
        for (i, stake) in stakes.iter().enumerate() {
            self.shares.extend(stake.lines.iter().map(|&(line, fen)| (line, fen, i as u32)));
        }
        self.shares.sort_unstable();
        for i in 1..self.shares.len() {
            let ((line_a, _, a), (line_b, _, b)) = (self.shares[i - 1], self.shares[i]);
            if line_a == line_b {
                let (a, b) = (root(&mut self.parent, a), root(&mut self.parent, b));
                self.parent[a.max(b) as usize] = a.min(b);
            }
        }
        let mut places = vec![Place { leader: usize::MAX, amount: 0 }; stakes.len()];
        for i in 0..stakes.len() {
            let top = root(&mut self.parent, i as u32) as usize;
            let leader = places[top].leader;
            if leader == usize::MAX || rank(&stakes[i]) < rank(&stakes[leader]) {
                places[top].leader = i;
            }
        }
        // Sorted by line and money: the last share of a line is its largest.
        for (i, &(line, fen, finding)) in self.shares.iter().enumerate() {
            if self.shares.get(i + 1).is_none_or(|next| next.0 != line) {
                let top = root(&mut self.parent, finding) as usize;
                places[top].amount += fen;
            }
        }
        for i in 0..stakes.len() {
            let top = root(&mut self.parent, i as u32) as usize;
            places[i] = places[top];
        }
        places
    }
}

fn rank(stake: &Stake<'_>) -> (Outcome, Class, Reverse<i64>, FindingId) {
    (stake.outcome, stake.class, Reverse(stake.lines.iter().map(|line| line.1).sum()), stake.id)
}

fn root(parent: &mut [u32], mut of: u32) -> u32 {
    while parent[of as usize] != of {
        let up = parent[parent[of as usize] as usize];
        parent[of as usize] = up;
        of = up;
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stake(id: u8, outcome: Outcome, class: Class, lines: &[(u32, i64)]) -> Stake<'_> {
        Stake { id: [id; 16], outcome, class, lines }
    }

    fn check(stakes: &[Stake<'_>], expected: &[(usize, i64)]) {
        let places = Clusters::default().place(stakes);
        assert_eq!(places.iter().map(|place| (place.leader, place.amount)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn findings_on_one_line_share_its_largest_amount_once() {
        let (a, b) = ([(3, 400), (4, 100)], [(3, 500)]);
        check(&[stake(1, Outcome::Suspect, Class::Policy, &a), stake(2, Outcome::Violation, Class::Medical, &b)], &[(1, 600), (1, 600)]);
    }

    #[test]
    fn chains_of_shared_lines_join_and_others_stay_alone() {
        let (a, b, c, d) = ([(1, 10)], [(1, 10), (2, 20)], [(2, 5)], [(9, 7)]);
        let all = [
            stake(4, Outcome::Violation, Class::Medical, &a),
            stake(3, Outcome::Violation, Class::Management, &b),
            stake(2, Outcome::Violation, Class::Management, &c),
            stake(1, Outcome::Suspect, Class::Policy, &d),
        ];
        check(&all, &[(1, 30), (1, 30), (1, 30), (3, 7)]);
    }

    #[test]
    fn findings_without_money_lead_themselves() {
        check(&[stake(1, Outcome::Violation, Class::Policy, &[]), stake(2, Outcome::Violation, Class::Policy, &[])], &[(0, 0), (1, 0)]);
    }

    #[test]
    fn equal_claims_are_settled_by_id() {
        let a = [(1, 10)];
        check(&[stake(9, Outcome::Violation, Class::Policy, &a), stake(8, Outcome::Violation, Class::Policy, &a)], &[(1, 10), (1, 10)]);
    }
}
