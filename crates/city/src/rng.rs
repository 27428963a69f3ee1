//! A small seeded generator (xoshiro256++ seeded by splitmix64).
//!
//! The city may not depend on how many threads make it, so every block of persons and every institution has its own
//! generator, seeded from the city's seed and the subject's number. Blackman and Vigna, 2019, public domain.

/// One step of splitmix64: a good mix of any two numbers into one.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[derive(Debug, Clone)]
pub(crate) struct Rng {
    state: [u64; 4],
}

impl Rng {
    pub fn new(seed: u64, subject: u64) -> Rng {
        let s = mix(seed, subject);
        Rng { state: [mix(s, 1), mix(s, 2), mix(s, 3), mix(s, 4)] }
    }

    pub fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A number in `low..=high`.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    /// True `n` times in a thousand.
    pub fn permille(&mut self, n: u32) -> bool {
        self.below(1000) < n as usize
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// An index drawn by weight; the last one when all weights are 0.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut at = self.below(total as usize) as u32;
        for (i, weight) in weights.iter().enumerate() {
            if at < *weight {
                return i;
            }
            at -= weight;
        }
        weights.len().saturating_sub(1)
    }

    /// How often something with this mean (in thousandths) happens: Poisson by inversion, means to about ten.
    pub fn poisson(&mut self, mean_milli: u32) -> u32 {
        let limit = (-(f64::from(mean_milli) / 1000.0)).exp();
        let mut product = 1.0;
        let mut count = 0;
        loop {
            product *= (self.next() >> 11) as f64 / (1u64 << 53) as f64;
            if product <= limit || count > 60 {
                return count;
            }
            count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_streams_and_other_subjects_others() {
        let mut a = Rng::new(7, 1);
        let mut b = Rng::new(7, 1);
        let mut c = Rng::new(7, 2);
        let (x, y, z) = (a.next(), b.next(), c.next());
        assert_eq!(x, y);
        assert_ne!(x, z);
    }

    #[test]
    fn draws_stay_in_their_range_and_near_their_mean() {
        let mut rng = Rng::new(1, 1);
        let total: u32 = (0..10_000).map(|_| rng.poisson(2_500)).sum();
        assert!((24_000..26_000).contains(&total), "{total}");
        assert!((0..1000).all(|_| (3..=5).contains(&rng.range(3, 5))));
    }
}
