//! 基金份额: which part of an amount at risk the fund and the personal account bore (house reading 3).

use std::collections::BTreeMap;

use mingjian_engine::NONE;
use mingjian_engine::timeline::Settlement;
use mingjian_model::Fen;

/// 统筹基金 and 个人账户, in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shares {
    pub fund: i64,
    pub account: i64,
}

/// The shares of amounts at risk that lie in settlements (rows of `settlements`; [`NONE`]: in no known one, nobody's share).
///
/// Per settlement: fund = A × fund_pay_sumamt ÷ inscp_amt, account = (A − fund) × (acct_pay + acct_mulaid_pay) ÷ (medfee_sumamt −
/// fund_pay_sumamt), each rounded half up to the fen, then summed.
pub(crate) fn shares(settlements: &[Settlement], amounts: impl Iterator<Item = (u32, i64)>) -> Shares {
    let mut at_risk: BTreeMap<u32, i64> = BTreeMap::new();
    for (settlement, fen) in amounts.filter(|amount| amount.0 != NONE) {
        *at_risk.entry(settlement).or_default() += fen;
    }
    let mut shares = Shares::default();
    for (at, amount) in at_risk {
        let settlement = &settlements[at as usize];
        let fund = Fen(amount).share(Fen(settlement.fund), Fen(settlement.scope));
        let account = Fen(amount - fund.0).share(Fen(settlement.account), Fen(settlement.medfee - settlement.fund));
        shares.fund += fund.0;
        shares.account += account.0;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fund_and_account_bear_their_parts() {
        let settlement = Settlement { medfee: 10_000, scope: 80_00, fund: 60_00, account: 20_00, ..Settlement::default() };
        // 40.00 × 60 ÷ 80 = 30.00; the other 10.00 × 20 ÷ 40 = 5.00.
        assert_eq!(shares(&[settlement], [(0, 15_00), (0, 25_00)].into_iter()), Shares { fund: 30_00, account: 5_00 });
    }

    #[test]
    fn a_settlement_without_scope_or_unknown_bears_nothing() {
        assert_eq!(shares(&[Settlement::default()], [(0, 500), (NONE, 300)].into_iter()), Shares::default());
    }
}
