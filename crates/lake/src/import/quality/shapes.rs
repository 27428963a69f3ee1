//! 编码规则: the shapes of the national codes. First guesses where catalogues disagree: a code that fails is warned of, never refused.

/// Digits from `at` on to the end.
fn digits(code: &[u8]) -> bool {
    code.iter().all(u8::is_ascii_digit)
}

fn alphanumeric(code: &[u8]) -> bool {
    code.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// 西药 23, 中成药 20, 饮片 10, 耗材 15 (分类), 20 or 27, 服务项目 15 digits; other drugs a letter and 8 to 29 more.
pub(super) fn is_item(code: &str) -> bool {
    let bytes = code.as_bytes();
    match bytes {
        [b'0'..=b'9', ..] => bytes.len() == 15 && digits(bytes),
        [b'X', rest @ ..] => rest.len() == 22 && alphanumeric(rest),
        [b'Z', rest @ ..] => rest.len() == 19 && alphanumeric(rest),
        [b'T', rest @ ..] => rest.len() == 9 && digits(rest),
        [b'C', rest @ ..] => matches!(rest.len(), 14 | 19 | 26) && digits(rest),
        [b'A'..=b'Z', rest @ ..] => (8..30).contains(&rest.len()) && alphanumeric(rest),
        _ => false,
    }
}

/// H or P and 11 digits.
pub(super) fn is_institution(code: &str) -> bool {
    matches!(code.as_bytes(), [b'H' | b'P', rest @ ..] if rest.len() == 11 && digits(rest))
}

/// D or N and 12 digits, HY or HJ and 12 digits.
pub(super) fn is_practitioner(code: &str) -> bool {
    match code.as_bytes() {
        [b'H', b'Y' | b'J', rest @ ..] | [b'D' | b'N', rest @ ..] => rest.len() == 12 && digits(rest),
        _ => false,
    }
}

/// `I10.x00x002`, `A18.0+M49.0*`, morphology `M8000/0`, TCM `A01.01.02`: a letter, two digits, then groups.
pub(super) fn is_diagnosis(code: &str) -> bool {
    let bytes = code.as_bytes();
    let tail = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'x' | b'+' | b'*' | b'/') || byte.is_ascii_uppercase();
    match bytes {
        [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9', rest @ ..] => rest.len() <= 20 && rest.iter().all(tail),
        _ => false,
    }
}

/// `36.0600`, `01.6x00`, `36.0601x001`.
pub(super) fn is_operation(code: &str) -> bool {
    match code.as_bytes() {
        [b'0'..=b'9', b'0'..=b'9', b'.', rest @ ..] => {
            (1..=12).contains(&rest.len()) && rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'x')
        }
        _ => false,
    }
}

/// 18 characters whose last is the check character of the first 17 (ISO 7064 MOD 11-2).
pub(super) fn is_certificate(number: &str) -> bool {
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !digits(&bytes[..17]) {
        return false;
    }
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = bytes.iter().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    bytes[17].to_ascii_uppercase() == b"10X98765432"[sum as usize % 11]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_shapes() {
        for code in
            ["XL02BBA326A001010102180", "ZD03AAA0043010100166", "T000700200", "003310010160100", "C01020304050607", "C0102030405060708090"]
        {
            assert!(is_item(code), "{code}");
        }
        for code in ["", "x", "12345", "C010203040506", "xl02bba326a001010102180", "自费"] {
            assert!(!is_item(code), "{code}");
        }
        assert!(is_institution("H33010000001") && is_institution("P33010000001") && !is_institution("H330100"));
        assert!(is_practitioner("D330100000001") && is_practitioner("HY330100000001") && !is_practitioner("张三"));
        assert!(is_diagnosis("I10.x00x002") && is_diagnosis("A18.0+M49.0*") && is_diagnosis("M8000/0") && !is_diagnosis("高血压"));
        assert!(is_operation("36.0600") && is_operation("01.6x00") && is_operation("36.0601x001") && !is_operation("手术"));
        assert!(is_certificate("11010519491231002X") && !is_certificate("110105194912310021") && !is_certificate("1101051949"));
    }
}
