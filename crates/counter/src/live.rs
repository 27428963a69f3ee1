//! 规则在线: the rule set in force, swapped as a whole while requests run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use mingjian_engine::program::stage;
use mingjian_rules::{Compiled, Diagnostic, Library, ParamOverrides, Selection};
use mingjian_screening::Reference;
use mingjian_screening::person::{PersonRows, PersonScreener, RulesInForce};

/// A screener that has met so many codes is replaced: codes come from outside, and it forgets none.
const CODES_MAX: usize = 400_000;

/// One compiled rule set with the screeners made for it.
pub struct Rules {
    library: Arc<Library>,
    compiled: Compiled,
    reference: Arc<Reference>,
    idle: Mutex<Vec<PersonScreener>>,
}

/// The rules of a library could not be compiled.
#[derive(Debug, thiserror::Error)]
#[error("规则编译不了：{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("；"))]
pub struct RulesError(pub Vec<Diagnostic>);

impl Rules {
    /// Compiles the kernel rules of a selection that run before or during the event, and makes and warms `threads` screeners, so that the
    /// first request pays nothing.
    pub fn compile(
        library: Arc<Library>,
        reference: Arc<Reference>,
        selection: &Selection,
        params: &ParamOverrides,
        threads: usize,
    ) -> Result<Rules, RulesError> {
        let here = |rule: &&mingjian_rules::Rule| rule.is_kernel() && rule.stages & (stage::BEFORE | stage::DURING) != 0;
        let ids = library.rules.iter().filter(|rule| selection.takes(rule)).filter(here).map(|rule| rule.id.clone()).collect();
        let selection = Selection { ids: Some(ids), statuses: selection.statuses.clone() };
        let compiled = library.compile(&selection, params).map_err(RulesError)?;
        let rules = Rules { library, compiled, reference, idle: Mutex::new(Vec::new()) };
        for _ in 0..threads {
            let mut screener = PersonScreener::new(&rules.compiled);
            screener.screen(&rules.in_force(), stage::BEFORE | stage::DURING, &PersonRows::default());
            rules.idle().push(screener);
        }
        Ok(rules)
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn in_force(&self) -> RulesInForce<'_> {
        RulesInForce { library: &self.library, compiled: &self.compiled, reference: &self.reference }
    }

    /// A fingerprint of what is in force.
    pub fn hash(&self) -> &str {
        self.compiled.hash()
    }

    /// How many rules are in force.
    pub fn count(&self) -> usize {
        self.compiled.rules.len()
    }

    /// Lends a screener; one is made where all are out. What panics does not come back.
    pub fn with_screener<T>(&self, work: impl FnOnce(&mut PersonScreener) -> T) -> T {
        let lent = self.idle().pop();
        let mut screener = lent.unwrap_or_else(|| PersonScreener::new(&self.compiled));
        let done = work(&mut screener);
        if screener.codes_met() > CODES_MAX {
            screener = PersonScreener::new(&self.compiled);
        }
        self.idle().push(screener);
        done
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PersonScreener>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is in force now. A request that has begun ends with the rules it began with.
pub struct Live {
    rules: ArcSwap<Rules>,
    /// Rules on trial (试运行): judged with, told to nobody.
    shadow: ArcSwap<Option<Rules>>,
}

impl Live {
    pub fn new(rules: Rules) -> Live {
        Live { rules: ArcSwap::from_pointee(rules), shadow: ArcSwap::from_pointee(None) }
    }

    pub fn rules(&self) -> Arc<Rules> {
        self.rules.load_full()
    }

    /// Puts rules in force and gives back those that were, so that requests still under way with them do not end up clearing them away:
    /// whoever swapped drops them when nobody else holds them.
    pub fn swap(&self, rules: Rules) -> Arc<Rules> {
        self.rules.swap(Arc::new(rules))
    }

    pub fn shadow(&self) -> Arc<Option<Rules>> {
        self.shadow.load_full()
    }

    pub fn swap_shadow(&self, rules: Option<Rules>) {
        self.shadow.store(Arc::new(rules));
    }
}
