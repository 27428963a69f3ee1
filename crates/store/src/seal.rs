//! 加密: personal text of the business store, sealed at rest.
//!
//! A sealed text is `s1.<key id>.<base64url of nonce, text and tag>`; the part before the second point is authenticated too. Keys stand in
//! a file of their own, readable for its owner alone; a text names its key, so a new key can take over while old texts stay readable.
//! [`Sealer::index`] is a keyed hash, for looking up what is sealed; its key never changes.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sm3::Sm3;
use sm4::Sm4;

use crate::audit::{hex, sm3_hex};

type Sm4Gcm = AesGcm<Sm4, U12>;
const NONCE_BYTES: usize = 12;
const INDEX_BYTES: usize = 32;
const INDEX: &str = "index-hmac-sm3";

/// How text is sealed. Both are authenticated (GCM).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cipher {
    #[default]
    Aes256Gcm,
    /// 商密 SM4, where the region's assessment (密评) asks for it.
    Sm4Gcm,
}

impl Cipher {
    /// As settings and the key file name it.
    pub fn id(self) -> &'static str {
        match self {
            Cipher::Aes256Gcm => "aes-256-gcm",
            Cipher::Sm4Gcm => "sm4-gcm",
        }
    }

    pub fn from_id(id: &str) -> Option<Cipher> {
        [Cipher::Aes256Gcm, Cipher::Sm4Gcm].into_iter().find(|cipher| cipher.id() == id)
    }

    fn key_bytes(self) -> usize {
        match self {
            Cipher::Aes256Gcm => 32,
            Cipher::Sm4Gcm => 16,
        }
    }
}

/// Why text could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("密钥文件 {}：{what}", path.display())]
    File {
        path: PathBuf,
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("密钥文件 {} 第 {line} 行读不懂", path.display())]
    Line { path: PathBuf, line: usize },
    #[error("密钥文件 {} 里没有可用的密钥", .0.display())]
    NoKey(PathBuf),
    #[error("密钥文件 {} 别人也能读：请先 chmod 600", .0.display())]
    Exposed(PathBuf),
    #[error("系统没有给出随机数")]
    Random,
    #[error("密文的格式不对")]
    Form,
    #[error("没有编号为 {0} 的密钥，打不开这段密文")]
    UnknownKey(String),
    #[error("密文被改动过，或密钥不对")]
    Forged,
}

/// Seals and opens personal text. A clone is cheap and has the same keys; it prints no key.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<Keys>,
}

struct Keys {
    /// Oldest first; the last seals.
    sealing: Vec<Key>,
    index: Vec<u8>,
}

struct Key {
    id: String,
    cipher: Cipher,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.keys.sealing.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("Sealer").field("keys", &ids).finish()
    }
}

impl Sealer {
    /// Reads the keys of a file; makes the file on the first start (mode 0600). When the newest key is for another cipher than the one
    /// asked for, a new key is added: texts sealed before stay readable.
    pub fn open_keys(path: &Path, cipher: Cipher) -> Result<Sealer, SealError> {
        let mut keys = match read(path) {
            Ok(keys) => keys,
            Err(SealError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                let keys = Keys { sealing: vec![Key::new(cipher)?], index: random(INDEX_BYTES)? };
                match write(path, &keys, false) {
                    // Another process was first: its keys are the keys.
                    Err(SealError::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => read(path)?,
                    written => written.map(|()| keys)?,
                }
            }
            Err(other) => return Err(other),
        };
        if keys.newest(path)?.cipher != cipher {
            keys.sealing.push(Key::new(cipher)?);
            write(path, &keys, true)?;
        }
        Ok(Sealer { keys: Arc::new(keys) })
    }

    /// Adds a new key to the file and gives a sealer that uses it. Old texts stay readable; to be rid of an old key, seal them anew.
    pub fn rotate(path: &Path, cipher: Cipher) -> Result<Sealer, SealError> {
        let mut keys = read(path)?;
        keys.sealing.push(Key::new(cipher)?);
        write(path, &keys, true)?;
        Ok(Sealer { keys: Arc::new(keys) })
    }

    /// Seals a text; twice the same text gives two different results.
    pub fn seal(&self, text: &str) -> Result<String, SealError> {
        let key = self.keys.newest(Path::new(""))?;
        let head = format!("s1.{}", key.id);
        let nonce = random(NONCE_BYTES)?;
        let payload = Payload { msg: text.as_bytes(), aad: head.as_bytes() };
        let sealed = key.encrypt(&nonce, payload).ok_or(SealError::Form)?;
        Ok(format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode([nonce, sealed].concat())))
    }

    /// Opens a sealed text. Errors: a text of another form, an unknown key, a text that was changed.
    pub fn open(&self, sealed: &str) -> Result<String, SealError> {
        let (head, body) = sealed.rsplit_once('.').ok_or(SealError::Form)?;
        let id = head.strip_prefix("s1.").ok_or(SealError::Form)?;
        let key = self.keys.sealing.iter().find(|key| key.id == id).ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let body = BASE64_URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Form)?;
        let (nonce, sealed) = body.split_at_checked(NONCE_BYTES).ok_or(SealError::Form)?;
        let text = key.decrypt(nonce, Payload { msg: sealed, aad: head.as_bytes() }).ok_or(SealError::Forged)?;
        String::from_utf8(text).map_err(|_| SealError::Forged)
    }

    /// A keyed hash of a text (HMAC-SM3, hexadecimal): equal texts, equal hashes, so that a sealed column can be searched.
    pub fn index(&self, text: &str) -> String {
        // A key of any length is taken; the error has no case.
        let Ok(mut mac) = Hmac::<Sm3>::new_from_slice(&self.keys.index) else { return String::new() };
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

impl Keys {
    fn newest(&self, path: &Path) -> Result<&Key, SealError> {
        self.sealing.last().ok_or_else(|| SealError::NoKey(path.to_owned()))
    }
}

impl Key {
    fn new(cipher: Cipher) -> Result<Key, SealError> {
        Ok(Key::of(cipher, random(cipher.key_bytes())?))
    }

    /// The id tells keys apart and says nothing of them.
    fn of(cipher: Cipher, bytes: Vec<u8>) -> Key {
        let mut id = sm3_hex(&[b"mingjian-key-id", bytes.as_slice()].concat());
        id.truncate(12);
        Key { id, cipher, bytes }
    }

    fn encrypt(&self, nonce: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        let nonce = Nonce::<U12>::try_from(nonce).ok()?;
        match self.cipher {
            Cipher::Aes256Gcm => Aes256Gcm::new_from_slice(&self.bytes).ok()?.encrypt(&nonce, payload).ok(),
            Cipher::Sm4Gcm => Sm4Gcm::new_from_slice(&self.bytes).ok()?.encrypt(&nonce, payload).ok(),
        }
    }

    fn decrypt(&self, nonce: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        let nonce = Nonce::<U12>::try_from(nonce).ok()?;
        match self.cipher {
            Cipher::Aes256Gcm => Aes256Gcm::new_from_slice(&self.bytes).ok()?.decrypt(&nonce, payload).ok(),
            Cipher::Sm4Gcm => Sm4Gcm::new_from_slice(&self.bytes).ok()?.decrypt(&nonce, payload).ok(),
        }
    }
}

fn random(bytes: usize) -> Result<Vec<u8>, SealError> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(|_| SealError::Random)?;
    Ok(buffer)
}

/// Lines `<cipher> <hexadecimal>`, oldest first; one line `index-hmac-sm3 <hexadecimal>`; what begins with # is a remark.
fn read(path: &Path) -> Result<Keys, SealError> {
    let failed = |source| SealError::File { path: path.to_owned(), what: "读不了", source };
    let text = fs::read_to_string(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(SealError::Exposed(path.to_owned()));
        }
    }
    let mut keys = Keys { sealing: Vec::new(), index: Vec::new() };
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let wrong = || SealError::Line { path: path.to_owned(), line: number + 1 };
        let (kind, digits) = line.trim().split_once(' ').ok_or_else(wrong)?;
        let bytes = unhex(digits).ok_or_else(wrong)?;
        match Cipher::from_id(kind) {
            Some(cipher) if bytes.len() == cipher.key_bytes() => keys.sealing.push(Key::of(cipher, bytes)),
            None if kind == INDEX && bytes.len() == INDEX_BYTES && keys.index.is_empty() => keys.index = bytes,
            _ => return Err(wrong()),
        }
    }
    if keys.index.is_empty() || keys.sealing.is_empty() { Err(SealError::NoKey(path.to_owned())) } else { Ok(keys) }
}

/// Writes the whole file under another name first, so that no moment has half of it.
fn write(path: &Path, keys: &Keys, replace: bool) -> Result<(), SealError> {
    let failed = |source| SealError::File { path: path.to_owned(), what: "写不了", source };
    let mut text = String::from("# 明鉴业务库的密钥。丢失后，库里的姓名和电话再也打不开：请另存一份在安全的地方，不要与备份放在一起。\n");
    text.push_str(&format!("{INDEX} {}\n", hex(&keys.index)));
    for key in &keys.sealing {
        text.push_str(&format!("{} {}\n", key.cipher.id(), hex(&key.bytes)));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let part = folder.join(format!(".{}.part", hex(&random(8)?)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&part).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    // A link fails when the name is taken; a rename would put one process's keys over another's.
    let placed = written.and_then(|()| if replace { fs::rename(&part, path) } else { fs::hard_link(&part, path) });
    let _ = fs::remove_file(&part);
    placed.map_err(failed)
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let halves: Option<Vec<u8>> = digits.bytes().map(|digit| char::from(digit).to_digit(16).map(|half| half as u8)).collect();
    let halves = halves.filter(|halves| halves.len() % 2 == 0)?;
    Some(halves.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests;
