//! Settlement: who pays what, so that the four identities hold to the fen.

use crate::claim::{Claim, div_round};
use crate::people::Person;
use crate::world::Institution;

/// What a person has left and has paid so far in the period.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wallet {
    pub account: i64,
    deductible_paid: i64,
    pub stays: i64,
}

impl Wallet {
    pub fn new(person: &Person) -> Wallet {
        let account = if person.insurance == "310" { 120_000 + i64::from(person.index % 97) * 2_500 } else { 0 };
        Wallet { account, ..Wallet::default() }
    }
}

/// The money of one settlement, in fen, named as the national columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pay {
    pub total: i64,
    pub own: i64,
    pub over: i64,
    pub pre: i64,
    pub in_scope: i64,
    pub deductible_std: i64,
    pub deductible: i64,
    pub pool: i64,
    pub ratio: i64,
    pub civil: i64,
    pub residents_large: i64,
    pub employees_large: i64,
    pub aid: i64,
    pub fund: i64,
    pub account: i64,
    pub shared_account: i64,
    pub cash: i64,
    pub balance: i64,
}

impl Pay {
    /// The mirror of a refunded settlement.
    pub fn negated(&self) -> Pay {
        Pay {
            total: -self.total,
            own: -self.own,
            over: -self.over,
            pre: -self.pre,
            in_scope: -self.in_scope,
            deductible_std: self.deductible_std,
            deductible: -self.deductible,
            pool: -self.pool,
            ratio: self.ratio,
            civil: -self.civil,
            residents_large: -self.residents_large,
            employees_large: -self.employees_large,
            aid: -self.aid,
            fund: -self.fund,
            account: -self.account,
            shared_account: -self.shared_account,
            cash: -self.cash,
            balance: self.balance + self.account,
        }
    }
}

/// Pool ratio in percent, and the deductible in fen for a stay.
fn terms(claim: &Claim, person: &Person, institution: &Institution) -> (i64, i64) {
    let employee = person.insurance == "310";
    let level = institution.price;
    match claim.med_type {
        "41" => (0, 0),
        "51" | "52" | "53" => (if employee { 100 } else { 75 }, 0),
        "14" => (if employee { 80 } else { 65 }, 0),
        kind if kind.starts_with('2') => {
            let ratio = if employee { [92, 88, 85][level] } else { [85, 72, 60][level] };
            (ratio, [20_000, 50_000, 80_000][level])
        }
        _ => (if employee { [65, 60, 55][level] } else { [60, 45, 30][level] }, 0),
    }
}

/// Above this part in scope the large-sum insurances pay, in fen.
const LARGE: i64 = 12_000_000;
/// Yearly outpatient deductible of employees, in fen.
const OUTPATIENT_DEDUCTIBLE: i64 = 20_000;

/// Settles a claim whose lines have their four parts.
pub(crate) fn settle(claim: &Claim, person: &Person, institution: &Institution, wallet: &mut Wallet) -> Pay {
    let mut pay = Pay::default();
    for line in &claim.lines {
        pay.total += line.amount;
        pay.own += line.own;
        pay.over += line.over;
        pay.pre += line.pre;
        pay.in_scope += line.in_scope;
    }
    let employee = person.insurance == "310";
    let (ratio, stay_deductible) = terms(claim, person, institution);
    pay.ratio = ratio;
    if claim.is_stay() {
        wallet.stays += 1;
        // From the second stay of a year the deductible halves.
        pay.deductible_std = if wallet.stays > 1 { stay_deductible / 2 } else { stay_deductible };
        pay.deductible = pay.deductible_std.min(pay.in_scope.max(0));
    } else if employee && matches!(claim.med_type, "11" | "13" | "19") {
        pay.deductible_std = OUTPATIENT_DEDUCTIBLE;
        pay.deductible = (OUTPATIENT_DEDUCTIBLE - wallet.deductible_paid).clamp(0, pay.in_scope.max(0));
        wallet.deductible_paid += pay.deductible;
    }
    let covered = (pay.in_scope - pay.deductible).max(0);
    let basic = covered.min(LARGE);
    pay.pool = div_round(basic * ratio, 100);
    let large = covered - basic;
    if employee {
        pay.employees_large = div_round(large * 85, 100);
    } else {
        pay.residents_large = div_round(large * 60, 100);
    }
    let mut rest = pay.in_scope - pay.pool - pay.employees_large - pay.residents_large;
    if person.civil_servant && claim.is_stay() {
        pay.civil = div_round(rest * 50, 100);
        rest -= pay.civil;
    }
    if person.poor && (claim.is_stay() || claim.med_type == "14") {
        pay.aid = div_round(rest * 70, 100);
    }
    pay.fund = pay.pool + pay.employees_large + pay.residents_large + pay.civil + pay.aid;
    let mut open = pay.total - pay.fund;
    if employee {
        pay.account = open.clamp(0, wallet.account.max(0));
        wallet.account -= pay.account;
        open -= pay.account;
    } else if claim.is_pharmacy() || person.index.is_multiple_of(9) {
        pay.shared_account = div_round(open * 60, 100);
        open -= pay.shared_account;
    }
    pay.cash = open;
    pay.balance = wallet.account;
    pay
}
