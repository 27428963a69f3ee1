//! 附件类型: what a file is by what is in it, never by its name; and whether a packed one is what it says.
//!
//! Nothing is unpacked to the disk. A docx, xlsx or ofd is read through once, with a limit on what comes out, so that the sizes it states
//! of itself are not trusted; other archives are refused.

use std::io::{Cursor, Read};

/// A kind of file that may be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Media {
    pub name: &'static str,
    /// The ending the file is given.
    pub ending: &'static str,
}

const PDF: Media = Media { name: "application/pdf", ending: "pdf" };
const PNG: Media = Media { name: "image/png", ending: "png" };
const JPEG: Media = Media { name: "image/jpeg", ending: "jpg" };
const TIFF: Media = Media { name: "image/tiff", ending: "tif" };
const DOCX: Media = Media { name: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ending: "docx" };
const XLSX: Media = Media { name: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ending: "xlsx" };
/// GB/T 33190: the national fixed-layout format.
const OFD: Media = Media { name: "application/ofd", ending: "ofd" };
const TEXT: Media = Media { name: "text/plain; charset=utf-8", ending: "txt" };

/// Entries a packed file may have.
const ENTRIES: usize = 2_000;

/// What a file is, or why it is not taken.
pub(crate) fn sniff(bytes: &[u8], unpacked_max: u64) -> Result<Media, &'static str> {
    if bytes.is_empty() {
        return Err("文件是空的");
    }
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"%PDF-") {
        return Ok(PDF);
    }
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Ok(PNG);
    }
    if starts(b"\xff\xd8\xff") {
        return Ok(JPEG);
    }
    if starts(b"II*\0") || starts(b"MM\0*") {
        return Ok(TIFF);
    }
    if starts(b"PK\x03\x04") {
        return packed(bytes, unpacked_max);
    }
    if starts(b"\xd0\xcf\x11\xe0") {
        return Err("不接收旧版 doc、xls（可能带宏），请另存为 docx、xlsx 或 PDF");
    }
    if is_text(bytes) {
        return Ok(TEXT);
    }
    Err("只接收 PDF、OFD、图片（png、jpg、tif）、docx、xlsx 和文本")
}

/// Readable text: UTF-8 without control characters, and nothing a browser would run.
fn is_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.trim_start().to_ascii_lowercase();
    !text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) && !head.starts_with('<')
}

fn packed(bytes: &[u8], unpacked_max: u64) -> Result<Media, &'static str> {
    const BROKEN: &str = "压缩结构有误，不能接收";
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    if archive.len() > ENTRIES {
        return Err("文件内的条目过多");
    }
    let names = archive.file_names().map(|name| name.map(|name| name.into_owned()));
    let names = names.collect::<Result<Vec<String>, _>>().map_err(|_| BROKEN)?;
    let has = |name: &str| names.iter().any(|own| own == name);
    let media = if has("[Content_Types].xml") && has("word/document.xml") {
        DOCX
    } else if has("[Content_Types].xml") && has("xl/workbook.xml") {
        XLSX
    } else if has("OFD.xml") {
        OFD
    } else {
        return Err("不接收压缩包，请逐个上传其中的文件");
    };
    for name in &names {
        let lower = name.to_ascii_lowercase();
        if lower.contains("vbaproject") || lower.ends_with(".bin") && lower.contains("macro") {
            return Err("文件带宏，请去掉宏后再上传");
        }
        if name.contains("..") || name.starts_with(['/', '\\']) || name.contains('\\') {
            return Err(BROKEN);
        }
        if [".zip", ".rar", ".7z", ".gz", ".tar", ".xz", ".exe", ".dll", ".js", ".vbs"].iter().any(|bad| lower.ends_with(bad)) {
            return Err("文件内嵌有压缩包或程序，不能接收");
        }
    }
    // Sizes told in the file are its own word: count what really comes out.
    let mut left = unpacked_max;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| BROKEN)?;
        let read = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink()).map_err(|_| BROKEN)?;
        left = left.checked_sub(read).ok_or("文件解开后过大，不能接收")?;
    }
    Ok(media)
}

/// Longest name kept, in characters.
const NAME_MAX: usize = 100;

/// A name that can be shown and saved anywhere: no path, no control or direction marks, no leading dots, the ending of what it is.
pub(crate) fn clean_name(given: &str, media: Media) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or("");
    let kept: String = last.chars().filter(|&char| !is_hidden(char)).map(|char| if is_reserved(char) { '_' } else { char }).collect();
    let kept = kept.trim().trim_start_matches(['.', ' ']);
    let stem = kept.rsplit_once('.').map_or(kept, |(stem, _)| stem).trim_end_matches(['.', ' ']);
    let stem: String = stem.chars().take(NAME_MAX).collect();
    let stem = if stem.is_empty() { "附件".to_owned() } else { stem };
    format!("{stem}.{}", media.ending)
}

/// Control characters, and marks that turn the direction of text or have no width: `gpj.exe` must not read `exe.jpg`.
fn is_hidden(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn is_reserved(char: char) -> bool {
    matches!(char, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("starts");
            zip.write_all(bytes).expect("writes");
        }
        zip.finish().expect("ends").into_inner()
    }

    const MAX: u64 = 1 << 20;

    #[test]
    fn a_file_is_what_is_in_it() {
        assert_eq!(sniff(b"%PDF-1.7 ...", MAX), Ok(PDF));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0....", MAX), Ok(JPEG));
        assert_eq!(sniff("病程记录：……\n".as_bytes(), MAX), Ok(TEXT));
        assert_eq!(sniff(&zipped(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>")]), MAX), Ok(DOCX));
        assert_eq!(sniff(&zipped(&[("OFD.xml", b"<x/>")]), MAX), Ok(OFD));
        assert!(sniff(b"MZ\x90\0program", MAX).is_err());
        assert!(sniff(b"<html><script>alert(1)</script>", MAX).is_err());
        assert!(sniff(b"  \n<svg onload=x>", MAX).is_err());
        assert!(sniff(b"", MAX).is_err());
    }

    #[test]
    fn archives_bombs_and_macros_are_refused() {
        assert_eq!(sniff(&zipped(&[("a.txt", b"x")]), MAX), Err("不接收压缩包，请逐个上传其中的文件"));
        let bomb = vec![0_u8; 4 << 20];
        let bomb = zipped(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<w/>"), ("xl/sheet.xml", &bomb)]);
        assert!(bomb.len() < 64 << 10, "packed small: {}", bomb.len());
        assert_eq!(sniff(&bomb, MAX), Err("文件解开后过大，不能接收"));
        let macros = zipped(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<w/>"), ("xl/vbaProject.bin", b"m")]);
        assert_eq!(sniff(&macros, MAX), Err("文件带宏，请去掉宏后再上传"));
        let nested = zipped(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>"), ("word/a.zip", b"PK")]);
        assert_eq!(sniff(&nested, MAX), Err("文件内嵌有压缩包或程序，不能接收"));
        assert!(sniff(b"PK\x03\x04broken", MAX).is_err());
    }

    #[test]
    fn names_lose_paths_marks_and_false_endings() {
        assert_eq!(clean_name("../../etc/passwd", PDF), "passwd.pdf");
        assert_eq!(clean_name("C:\\病历\\张三.pdf", PDF), "张三.pdf");
        assert_eq!(clean_name("病历\u{202e}fdp.exe", PDF), "病历fdp.pdf");
        assert_eq!(clean_name("..", PNG), "附件.png");
        assert_eq!(clean_name("a\0b\n<c>.jpg.exe", JPEG), "ab_c_.jpg.jpg");
        assert_eq!(clean_name(&"长".repeat(300), PDF).chars().count(), NAME_MAX + 4);
    }
}
