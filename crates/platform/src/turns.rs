//! 各人的轮次: turns at what is dear, by account. Of all turns there are few — a file handed in fills memory, a picture of relations keeps a
//! core busy — and one account holds few of those, so that whoever asks for much, or means to, holds up nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) struct OwnTurns {
    /// Of one account at once.
    most: usize,
    turns: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl OwnTurns {
    pub(crate) fn new(most: usize) -> OwnTurns {
        OwnTurns { most, turns: Mutex::default() }
    }

    /// Waits for a turn of the account's own; `None` when the program ends.
    pub(crate) async fn turn(&self, account: &str) -> Option<OwnedSemaphorePermit> {
        let own = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody waits at, and nobody holds, what only the table knows.
            turns.retain(|_, turns| Arc::strong_count(turns) > 1);
            turns.entry(account.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(self.most))).clone()
        };
        own.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_has_its_own_turns() {
        let uploads = OwnTurns::new(2);
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push(uploads.turn("a").await.unwrap());
        }
        let waits = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(waits, uploads.turn("a")).await.is_err(), "one more waits");
        assert!(uploads.turn("b").await.is_some(), "another does not");
        held.pop();
        assert!(tokio::time::timeout(waits, uploads.turn("a")).await.is_ok());
        drop(held);
        let _ = uploads.turn("c").await;
        assert_eq!(uploads.turns.lock().unwrap().len(), 1, "what nobody holds is not kept");
    }
}
