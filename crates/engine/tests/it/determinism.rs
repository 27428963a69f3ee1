//! The result depends on the data alone: not on the ids a worker gave out, not on what it saw before.

use mingjian_engine::{Attrition, CatalogueEntry, Hit, Options, Screener, Worker};

use crate::properties::{library, people};
use crate::world::*;

/// Hits without what is an id by nature: values may hold ids of items and institutions.
fn stripped(hits: &[Hit]) -> Vec<Hit> {
    hits.iter().map(|hit| Hit { values: Vec::new(), ..hit.clone() }).collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn ids_change_nothing_but_themselves(people in people()) {
        let rules = library();
        let (hits, attrition, _) = screen(&rules, &Catalogue::default(), &people, Options::default());

        let mut worker = Worker::new(&rules);
        for code in ["ZZZ", "PART", "XCHILD02", "BED", "XFORWOMEN", "MAIN", "A", "CSTENT1"] {
            worker.item(&rules, code, &CatalogueEntry::default());
        }
        for code in ["Z99.900", "K29.500", "C34.900"] {
            worker.code(&rules, code);
        }
        for code in ["H9", "H2", "H1"] {
            worker.institution(code);
        }
        let batch = Batch::of(&rules, &mut worker, &Catalogue::default(), &people);
        let (mut again, mut counts) = (Vec::new(), Attrition::new(rules.blocks.len()));
        let screener = Screener::new(&rules, Options::default());
        screener.screen(&mut worker, &batch.timelines(), &mut again, &mut counts);
        proptest::prop_assert_eq!(stripped(&hits), stripped(&again));
        proptest::prop_assert_eq!(&attrition, &counts);

        // A worker that has worked before.
        let (mut third, mut counts) = (Vec::new(), Attrition::new(rules.blocks.len()));
        screener.screen(&mut worker, &batch.timelines(), &mut third, &mut counts);
        proptest::prop_assert_eq!(again, third);
        proptest::prop_assert_eq!(attrition, counts);
    }
}
