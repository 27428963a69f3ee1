//! 密钥与业务库: the keys a store was sealed with, or none at all.
//!
//! A store whose key file is not beside it — a backup restored on another machine, a folder copied by half — must not be given a new one in
//! silence: nobody could sign in, and what is sealed from then on is lost once the right file is put back over the new one.

use std::path::Path;

use mingjian_store::{Cipher, Sealer, Store, StoreError};

use crate::PeopleError;

/// Places of sealed text: one of each is tried.
const SEALED: [&str; 2] = [
    "select name as sealed from accounts order by made_at, account limit 1",
    "select person_sealed as sealed from leads where person_sealed is not null limit 1",
];

/// Opens the keys of a store; makes the file where nothing is sealed yet.
///
/// Errors: [`PeopleError::KeysGone`] where something is sealed and the file is not there, [`PeopleError::KeysOther`] where it is of another
/// store.
pub async fn open_keys(store: &Store, path: &Path, cipher: Cipher) -> Result<Sealer, PeopleError> {
    let sealed = sealed(store).await?;
    if !sealed.is_empty() && !path.exists() {
        return Err(PeopleError::KeysGone(path.to_owned()));
    }
    let sealer = Sealer::open_keys(path, cipher)?;
    if sealed.iter().any(|text| sealer.open(text).is_err()) {
        return Err(PeopleError::KeysOther(path.to_owned()));
    }
    Ok(sealer)
}

async fn sealed(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for sql in SEALED {
        if let Some(row) = store.one(sql, &[]).await? {
            found.push(row.text("sealed")?);
        }
    }
    Ok(found)
}
