//! 脱敏: names and certificate numbers as they may be shown to whoever has not asked for them with a reason.

/// `周建国` → `周**`; a compound surname is not known here, one character stays.
pub fn name(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        None => String::new(),
        Some(first) => {
            let rest = characters.count();
            format!("{first}{}", "*".repeat(rest.clamp(1, 3)))
        }
    }
}

/// `330902199001011234` → `3309**********1234`; what is shorter than 12 keeps its last two.
pub fn certificate(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    let (head, tail) = match characters.len() {
        0 => return String::new(),
        1..=4 => (0, 0),
        5..12 => (0, 2),
        _ => (4, 4),
    };
    let mut shown: String = characters[..head].iter().collect();
    shown.push_str(&"*".repeat(characters.len() - head - tail));
    shown.extend(&characters[characters.len() - tail..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_left() {
        assert_eq!(name("周建国"), "周**");
        assert_eq!(name("李"), "李*");
        assert_eq!(name(""), "");
        assert_eq!(certificate("330902199001011234"), "3309**********1234");
        assert_eq!(certificate("E1234567"), "******67");
        assert_eq!(certificate("123"), "***");
    }
}
