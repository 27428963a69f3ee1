//! 文本: trimming, what counts as nothing, and the normal form that odd writings are brought to.

/// Cuts blanks (ASCII, full-width, non-breaking), byte-order marks, NULs at the ends, and the wrappings by which exporters
/// keep a spreadsheet from mangling codes: `="0031"`, `'0031`. Empty, `NULL` and `\N` give an empty slice.
#[inline]
pub(crate) fn trim(cell: &[u8]) -> &[u8] {
    let (Some(&first), Some(&last)) = (cell.first(), cell.last()) else { return cell };
    let opens_plainly = first > b' ' && !matches!(first, b'=' | b'\'' | 0xC2 | 0xE3 | 0xEF);
    let ends_plainly = last > b' ' && !matches!(last, 0x80 | 0xA0 | 0xBF);
    let may_be_null = cell.len() <= 6 && matches!(last, b'L' | b'l' | b')' | b'N');
    if opens_plainly && ends_plainly && !may_be_null {
        return cell;
    }
    trim_slow(cell)
}

fn trim_slow(mut cell: &[u8]) -> &[u8] {
    loop {
        cell = match cell {
            [b'\0'..=b' ', rest @ ..] | [0xC2, 0xA0, rest @ ..] | [0xE3, 0x80, 0x80, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] => rest,
            [rest @ .., b'\0'..=b' '] | [rest @ .., 0xC2, 0xA0] | [rest @ .., 0xE3, 0x80, 0x80] | [rest @ .., 0xEF, 0xBB, 0xBF] => rest,
            [b'=', b'"', rest @ .., b'"'] => rest,
            [b'\'', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => rest,
            _ => break,
        };
    }
    match cell {
        b"NULL" | b"null" | b"Null" | b"(null)" | b"(NULL)" | b"\\N" => &[],
        _ => cell,
    }
}

/// Full-width digits, letters and signs as ASCII, blanks cut; `None` when it is not UTF-8.
pub(crate) fn normalise(cell: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(cell).ok()?;
    let half = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' => ' ',
        '。' => '.',
        '、' => ',',
        '—' | '–' | '−' => '-',
        '￥' => '¥',
        _ => c,
    };
    Some(text.chars().map(half).collect::<String>().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_what_exports_wrap_around_a_code() {
        let cases: &[(&str, &str)] = &[
            ("H33", "H33"),
            ("  H33\t", "H33"),
            ("\u{3000}张某\u{3000}", "张某"),
            ("\u{A0}1", "1"),
            ("=\"0031\"", "0031"),
            ("'0031", "0031"),
            ("'S", "'S"),
            ("NULL", ""),
            ("\\N", ""),
            (" (null) ", ""),
            ("NULLA", "NULLA"),
            ("a\0\0", "a"),
            ("", ""),
            ("   ", ""),
            ("（甲）", "（甲）"),
            ("5mg)", "5mg)"),
        ];
        for (raw, expected) in cases {
            assert_eq!(std::str::from_utf8(trim(raw.as_bytes())), Ok(*expected), "{raw:?}");
        }
    }
}
