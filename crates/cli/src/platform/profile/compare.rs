//! Beside the like: median and quartiles, which a few strange ones do not move.

use mingjian_platform::contract::profile::{Band, Measure};

/// Id, title and unit of a figure.
pub struct Figure(pub &'static str, pub &'static str, pub &'static str);

/// Fewer of the like are not compared with: a rank among four says nothing, and each of the four could be told.
pub const LIKE_MIN: usize = 5;
/// Values of the like that are passed on to be drawn.
const DOTS: usize = 120;

/// The figures of a subject beside those of its like (`like` is without the subject); a figure the subject does not have is left out.
pub fn measures<const N: usize>(figures: &[Figure; N], own: &[Option<f64>; N], like: &[[Option<f64>; N]]) -> Vec<Measure> {
    let of = |at: usize| like.iter().filter_map(move |other| other[at]).collect::<Vec<f64>>();
    figures.iter().enumerate().filter_map(|(at, figure)| Some(measure(figure, own[at]?, of(at)))).collect()
}

pub fn measure(Figure(id, title, unit): &Figure, value: f64, like: Vec<f64>) -> Measure {
    Measure { id: (*id).to_owned(), title: (*title).to_owned(), unit: (*unit).to_owned(), value, peers: band(value, like) }
}

fn band(value: f64, mut like: Vec<f64>) -> Option<Band> {
    if like.len() < LIKE_MIN {
        return None;
    }
    like.sort_by(f64::total_cmp);
    let below = like.partition_point(|other| *other < value);
    // Who is equal to many stands in their middle.
    let equal = like.partition_point(|other| *other <= value) - below;
    Some(Band {
        count: like.len() as i64,
        p25: quantile(&like, 0.25),
        median: quantile(&like, 0.5),
        p75: quantile(&like, 0.75),
        percentile: 100.0 * (below as f64 + equal as f64 / 2.0) / like.len() as f64,
        dots: dots(&like),
    })
}

/// All values, or as many as are drawn, evenly by rank with both ends.
fn dots(sorted: &[f64]) -> Vec<f64> {
    if sorted.len() <= DOTS {
        return sorted.to_vec();
    }
    (0..DOTS).map(|at| sorted[at * (sorted.len() - 1) / (DOTS - 1)]).collect()
}

/// Linear between neighbours of a sorted list.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = share * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|share| quantile(&[10.0, 20.0, 40.0], share)), [10.0, 15.0, 20.0, 40.0]);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn fewer_than_five_are_not_compared_with() {
        assert!(band(1.0, vec![1.0, 2.0, 3.0, 4.0]).is_none());
        let told = band(9.0, vec![5.0, 1.0, 2.0, 4.0, 3.0]).unwrap();
        assert_eq!((told.count, told.median, told.percentile), (5, 3.0, 100.0));
        assert_eq!(band(3.0, vec![3.0; 6]).unwrap().percentile, 50.0);
    }

    #[test]
    fn many_are_drawn_by_rank_with_both_ends() {
        let all: Vec<f64> = (0..1000).map(f64::from).collect();
        let drawn = dots(&all);
        assert_eq!((drawn.len(), drawn[0], drawn[DOTS - 1]), (DOTS, 0.0, 999.0));
    }
}
