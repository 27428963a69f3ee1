//! 字节流: the bytes of a text file out of whatever it is packed in.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use encoding_rs::GB18030;
use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::source::Form;

/// What a text is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    /// The member of this number in a .zip.
    Member(usize),
}

/// A file whose bytes are shown to somebody as they pass: to be counted and hashed.
struct Watched<'a> {
    file: File,
    watch: &'a mut dyn FnMut(&[u8]),
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        (self.watch)(&buffer[..read]);
        Ok(read)
    }
}

/// Gives the unpacked text of a file to `take`. `watch` sees the bytes of the file as they lie on the disk, except for members of a .zip.
pub(crate) fn with<T>(
    path: &Path,
    packing: Packing,
    watch: &mut dyn FnMut(&[u8]),
    take: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> io::Result<T> {
    let file = File::open(path)?;
    match packing {
        Packing::Plain => take(&mut Watched { file, watch }),
        Packing::Gzip => {
            let mut watched = Watched { file, watch };
            let result = take(&mut MultiGzDecoder::new(BufReader::with_capacity(1 << 18, &mut watched)))?;
            Ok(result)
        }
        Packing::Member(number) => {
            let mut archive = ZipArchive::new(BufReader::new(file)).map_err(io::Error::other)?;
            let mut member = archive.by_index(number).map_err(io::Error::other)?;
            take(&mut member)
        }
    }
}

/// Members of a .zip that are files, by number and name. Names without the UTF-8 mark are GB18030, as Chinese Windows writes them.
pub(crate) fn members(path: &Path) -> Result<Vec<(usize, String)>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for number in 0..archive.len() {
        let member = archive.by_index_raw(number).map_err(|error| error.to_string())?;
        if member.is_dir() {
            continue;
        }
        if member.encrypted() {
            return Err("加了密码".to_owned());
        }
        let raw = member.name_raw();
        let name = match std::str::from_utf8(raw) {
            Ok(name) => name.to_owned(),
            Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
        };
        // What macOS puts beside the files.
        if !name.starts_with("__MACOSX/") && !name.rsplit('/').next().unwrap_or("").starts_with('.') {
            found.push((number, name));
        }
    }
    Ok(found)
}

/// The form of a file by its first bytes where they are plain about it, else by its name. A text that is called .gz is a text.
pub(crate) fn sniff(path: &Path, named: Form) -> io::Result<Form> {
    let mut head = [0u8; 8];
    let read = File::open(path)?.read(&mut head)?;
    Ok(match &head[..read] {
        [0x1F, 0x8B, ..] => Form::Gzip,
        [b'P', b'K', 3, 4, ..] if named == Form::Workbook => Form::Workbook,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Form::Zip,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Form::Workbook,
        [b'P', b'A', b'R', b'1', ..] => Form::Parquet,
        _ if named == Form::Gzip && is_text(path) => Form::Text,
        _ => named,
    })
}

/// Whether a file begins like text.
pub(crate) fn is_text(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    let packed = head.starts_with(b"PK") || head.starts_with(&[0xD0, 0xCF]);
    read.is_ok() && !packed && !head.contains(&0) && !head.is_empty()
}

/// Whether a stream ended too early or its packing is damaged.
pub(crate) fn is_cut(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}
