//! 进度: how far an import is, for whoever draws a bar.

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// 读取: files become rows.
    Reading,
    /// 入湖: rows are sorted and written.
    Storing,
    /// 核对: the quality report is made.
    Checking,
}

/// Where an import stands. Rows count those set aside too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportState {
    pub stage: Stage,
    pub files_done: u64,
    pub files: u64,
    /// Bytes of the source files as they lie on the disk; a database counts none.
    pub bytes_done: u64,
    pub bytes: u64,
    /// Steps of about equal size of [`Stage::Storing`]; 0 elsewhere.
    pub steps_done: u64,
    pub steps: u64,
    pub rows: u64,
    pub rejected: u64,
}

impl ImportState {
    /// The part of the stage that is done, 0 to 1; 0 where nothing can be told.
    pub fn share(&self) -> f64 {
        let (done, all) = match self.stage {
            Stage::Reading => (self.bytes_done, self.bytes),
            Stage::Storing => (self.steps_done, self.steps),
            Stage::Checking => (0, 0),
        };
        if all == 0 { 0.0 } else { (done as f64 / all as f64).min(1.0) }
    }
}

/// Hears of an import's progress, from any thread, some ten times a second.
pub trait ImportProgress: Sync {
    fn advanced(&self, state: &ImportState);

    /// Asked often; true stops the import, which then leaves the lake as it was.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody looks.
impl ImportProgress for () {
    fn advanced(&self, _: &ImportState) {}
}
