//! Codes by number. Grows, never forgets: numbers stand in the file.

use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Dictionary {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Dictionary {
    pub fn len(&self) -> u32 {
        self.texts.len() as u32
    }

    pub fn push(&mut self, text: &str) {
        let text: Arc<str> = text.into();
        self.numbers.insert(text.clone(), self.texts.len() as u32);
        self.texts.push(text);
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.find(text) {
            return number;
        }
        self.push(text);
        self.len() - 1
    }

    pub fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize).map(|text| &**text)
    }
}
