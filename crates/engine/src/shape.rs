//! What the shape of a code says: the kind of an item, the generic of a drug, the category of a diagnosis.

/// What a code's shape says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    #[default]
    Other,
    /// 西药、中成药: codes that begin with a letter other than T and C.
    Drug,
    /// 中药饮片: T.
    Herb,
    /// 医用耗材: C.
    Material,
    /// 医疗服务项目: 15 digits.
    Service,
}

impl Shape {
    pub fn of(code: &str) -> Shape {
        match code.bytes().next() {
            Some(b'T') => Shape::Herb,
            Some(b'C') => Shape::Material,
            Some(first) if first.is_ascii_alphabetic() => Shape::Drug,
            Some(_) if code.len() >= 15 && code.bytes().take(15).all(|byte| byte.is_ascii_digit()) => Shape::Service,
            _ => Shape::Other,
        }
    }

    pub fn is_drug(self) -> bool {
        self == Shape::Drug
    }

    pub fn is_herb(self) -> bool {
        self == Shape::Herb
    }

    pub fn is_material(self) -> bool {
        self == Shape::Material
    }

    pub fn is_service(self) -> bool {
        self == Shape::Service
    }
}

/// How much of a drug code names the generic (通用名).
pub(crate) fn generic_of(code: &str) -> &str {
    let length = match code.bytes().next() {
        Some(b'X') => 10,
        Some(b'Z') => 11,
        _ => return code,
    };
    code.get(..length).unwrap_or(code)
}

/// The first three characters of a diagnosis.
pub(crate) fn category_of(code: &str) -> &str {
    code.char_indices().nth(3).map_or(code, |(end, _)| &code[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_follow_the_first_character() {
        assert_eq!(Shape::of("XA02BCA071A001010100001"), Shape::Drug);
        assert_eq!(Shape::of("ZA01BAA0001010100001"), Shape::Drug);
        assert_eq!(Shape::of("T000100001"), Shape::Herb);
        assert_eq!(Shape::of("C0101010010000000000"), Shape::Material);
        assert_eq!(Shape::of("001101000010000"), Shape::Service);
        assert_eq!(Shape::of("0011010"), Shape::Other);
        assert_eq!(Shape::of(""), Shape::Other);
        assert_eq!(Shape::of("阿司匹林"), Shape::Other);
    }

    #[test]
    fn generics_are_prefixes_of_drug_codes() {
        assert_eq!(generic_of("XA02BCA071A001010100001"), "XA02BCA071");
        assert_eq!(generic_of("ZA01BAA0001010100001"), "ZA01BAA0001");
        assert_eq!(generic_of("001101000010000"), "001101000010000");
        assert_eq!(generic_of("X阿莫西林胶囊"), "X阿莫西林胶囊".get(..10).unwrap_or("X阿莫西林胶囊"));
        assert_eq!(category_of("K29.500x003"), "K29");
        assert_eq!(category_of("Z5"), "Z5");
    }
}
