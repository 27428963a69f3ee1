use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_sealed_is_opened_by_either_cipher() {
    for cipher in [Cipher::Aes256Gcm, Cipher::Sm4Gcm] {
        let folder = folder();
        let path = folder.path().join("keys/business.key");
        let sealer = Sealer::open_keys(&path, cipher).unwrap();
        for text in ["", "周建国", "13800001111"] {
            let sealed = sealer.seal(text).unwrap();
            assert!(text.is_empty() || !sealed.contains(text));
            assert_ne!(sealed, sealer.seal(text).unwrap(), "a nonce of its own each time");
            assert_eq!(Sealer::open_keys(&path, cipher).unwrap().open(&sealed).unwrap(), text, "after a restart");
        }
    }
}

#[test]
fn any_changed_character_is_found() {
    let folder = folder();
    let sealer = Sealer::open_keys(&folder.path().join("k"), Cipher::Sm4Gcm).unwrap();
    let sealed = sealer.seal("周建国").unwrap();
    for place in 0..sealed.len() {
        let mut forged = sealed.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(sealer.open(&forged).is_err(), "{forged}");
    }
    assert!(sealer.open("").is_err() && sealer.open("s1..").is_err());
}

#[test]
fn a_new_key_leaves_old_texts_readable() {
    let folder = folder();
    let path = folder.path().join("k");
    let first = Sealer::open_keys(&path, Cipher::Aes256Gcm).unwrap();
    let old = first.seal("周建国").unwrap();
    let index = first.index("周建国");
    // By setting another cipher, and by hand.
    for sealer in [Sealer::open_keys(&path, Cipher::Sm4Gcm).unwrap(), Sealer::rotate(&path, Cipher::Sm4Gcm).unwrap()] {
        assert_eq!(sealer.open(&old).unwrap(), "周建国");
        assert_eq!(sealer.index("周建国"), index, "what was indexed is still found");
        let new = sealer.seal("周建国").unwrap();
        assert_ne!(new.split('.').nth(1), old.split('.').nth(1));
        assert!(matches!(first.open(&new), Err(SealError::UnknownKey(_))));
    }
    assert_eq!(fs::read_to_string(&path).unwrap().matches("sm4-gcm ").count(), 2);
}

#[test]
fn an_index_tells_equal_from_unequal_and_depends_on_the_key() {
    let (one, other) = (folder(), folder());
    let one = Sealer::open_keys(&one.path().join("k"), Cipher::default()).unwrap();
    let other = Sealer::open_keys(&other.path().join("k"), Cipher::default()).unwrap();
    assert_eq!(one.index("13800001111"), one.index("13800001111"));
    assert_ne!(one.index("13800001111"), one.index("13800001112"));
    assert_ne!(one.index("13800001111"), other.index("13800001111"));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path().join("k");
    Sealer::open_keys(&path, Cipher::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Sealer::open_keys(&path, Cipher::default()), Err(SealError::Exposed(_))));
}

#[test]
fn a_damaged_key_file_is_told_and_not_replaced() {
    let folder = folder();
    let path = folder.path().join("k");
    Sealer::open_keys(&path, Cipher::default()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("aes-256-gcm ", "aes-256-gcm 0")).unwrap();
    assert!(matches!(Sealer::open_keys(&path, Cipher::default()), Err(SealError::Line { line: 3, .. })));
    fs::write(&path, "").unwrap();
    assert!(matches!(Sealer::open_keys(&path, Cipher::default()), Err(SealError::NoKey(_))));
}
