//! Money (金额) as integer fen (分).

use std::{fmt, iter::Sum, ops};

/// An amount of money in fen (1 yuan = 100 fen). Exact; may be negative for refunds.
///
/// ```
/// use mingjian_model::Fen;
/// assert_eq!(Fen(123_456).to_string(), "1234.56");
/// assert_eq!(Fen(-5).to_string(), "-0.05");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fen(pub i64);

impl Fen {
    pub const ZERO: Fen = Fen(0);

    /// `self × numerator ÷ denominator`, rounded half up to the fen; zero where the denominator is zero
    /// (house reading 3: the fund's share of a settlement without in-scope money is nothing).
    pub fn share(self, numerator: Fen, denominator: Fen) -> Fen {
        if denominator.0 == 0 {
            return Fen::ZERO;
        }
        Fen(div_round_half_up(i128::from(self.0) * i128::from(numerator.0), i128::from(denominator.0)))
    }
}

/// Integer division rounded half up (towards positive infinity at the half), as money is rounded here.
///
/// The quotient must fit an `i64`; `denominator` must not be zero.
pub fn div_round_half_up(numerator: i128, denominator: i128) -> i64 {
    debug_assert!(denominator != 0, "division by zero");
    let (n, d) = if denominator < 0 { (-numerator, -denominator) } else { (numerator, denominator) };
    (2 * n + d).div_euclid(2 * d) as i64
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", abs / 100, abs % 100)
    }
}

impl ops::Add for Fen {
    type Output = Fen;
    fn add(self, other: Fen) -> Fen {
        Fen(self.0 + other.0)
    }
}

impl ops::Sub for Fen {
    type Output = Fen;
    fn sub(self, other: Fen) -> Fen {
        Fen(self.0 - other.0)
    }
}

impl ops::Neg for Fen {
    type Output = Fen;
    fn neg(self) -> Fen {
        Fen(-self.0)
    }
}

impl ops::AddAssign for Fen {
    fn add_assign(&mut self, other: Fen) {
        self.0 += other.0;
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(iter: I) -> Fen {
        Fen(iter.map(|fen| fen.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_up() {
        assert_eq!(div_round_half_up(5, 2), 3);
        assert_eq!(div_round_half_up(4, 3), 1);
        assert_eq!(div_round_half_up(-5, 2), -2);
        assert_eq!(div_round_half_up(5, -2), -2);
    }

    #[test]
    fn share_of_nothing_is_nothing() {
        assert_eq!(Fen(100).share(Fen(1), Fen(0)), Fen(0));
        assert_eq!(Fen(1000).share(Fen(70), Fen(100)), Fen(700));
    }
}
