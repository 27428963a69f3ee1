//! 脱敏: personal data as it is shown to whoever has not asked for it with a reason.

/// `周建国` → `周**`. The length is not told beyond three; a compound surname is not known here, one character stays.
pub fn name(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| format!("{first}{}", "*".repeat(characters.count().clamp(1, 2))))
}

/// `330902199001011234` → `3309**********1234`; what is shorter than 12 keeps its last two, what is shorter than five nothing.
pub fn certificate(number: &str) -> String {
    match number.chars().count() {
        0..=4 => middle(number, 0, 0),
        5..12 => middle(number, 0, 2),
        _ => middle(number, 4, 4),
    }
}

/// `13800001111` → `138****1111`; a shorter number keeps its last two.
pub fn phone(number: &str) -> String {
    match number.chars().count() {
        0..=4 => middle(number, 0, 0),
        5..11 => middle(number, 0, 2),
        _ => middle(number, 3, 4),
    }
}

fn middle(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    let hidden = |place: usize| place >= head && place + tail < count;
    text.chars().enumerate().map(|(place, character)| if hidden(place) { '*' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_left() {
        assert_eq!(name("周建国"), "周**");
        assert_eq!(name("李"), "李*");
        assert_eq!(name("阿依古丽·买买提"), "阿**");
        assert_eq!(name(""), "");
        assert_eq!(certificate("330902199001011234"), "3309**********1234");
        assert_eq!(certificate("E1234567"), "******67");
        assert_eq!(certificate("123"), "***");
        assert_eq!(phone("13800001111"), "138****1111");
        assert_eq!(phone("2026123"), "*****23");
    }
}
