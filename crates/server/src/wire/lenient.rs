//! Reading JSON without insisting on its shape.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Any scalar as its text, trimmed; empty for null, and for what is no scalar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub String);

/// A list, or the one thing that stands in place of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(Vec::new())
    }
}

/// Whether a value says anything: of a key that stands twice, the last that does counts.
pub(crate) trait Says {
    fn says(&self) -> bool;
}

impl Says for Text {
    fn says(&self) -> bool {
        !self.0.is_empty()
    }
}

impl<T> Says for List<T> {
    fn says(&self) -> bool {
        !self.0.is_empty()
    }
}

/// A JSON object with known keys.
pub(crate) trait Node: Default {
    /// Takes the value of a known key (in lower case, without underscores); else leaves it and says so.
    fn put<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;

    /// A key nobody knows, as it was written.
    fn unknown(&mut self, _key: &str) {}
}

/// Makes a [`Node`]: `name: type = "key" | "other key"`. With `, others` it keeps some of the keys it does not know.
macro_rules! node {
    ($(#[$about:meta])* $name:ident, others { $($field:ident : $ty:ty = $($key:literal)|+),* $(,)? }) => {
        node! { @make $(#[$about])* $name { others: Vec<String>, } { $($field: $ty = $($key)|+),* }
            fn unknown(&mut self, key: &str) {
                if self.others.len() < 12 {
                    self.others.push(key.chars().take(40).collect());
                }
            }
        }
    };
    ($(#[$about:meta])* $name:ident { $($field:ident : $ty:ty = $($key:literal)|+),* $(,)? }) => {
        node! { @make $(#[$about])* $name { } { $($field: $ty = $($key)|+),* } }
    };
    (@make $(#[$about:meta])* $name:ident { $($extra:ident : $extra_ty:ty,)* } { $($field:ident : $ty:ty = $($key:literal)|+),* } $($more:item)?) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(pub $field: $ty,)*
            $(pub $extra: $extra_ty,)*
        }

        impl $crate::wire::lenient::Node for $name {
            fn put<'de, A: serde::de::MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
                match key {
                    $($($key)|+ => {
                        let value: $ty = map.next_value()?;
                        if $crate::wire::lenient::Says::says(&value) {
                            self.$field = value;
                        }
                        Ok(true)
                    })*
                    _ => Ok(false),
                }
            }
            $($more)?
        }

        impl $crate::wire::lenient::Says for $name {
            fn says(&self) -> bool {
                true
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::wire::lenient::NodeVisitor::new()).map(Option::unwrap_or_default)
            }
        }
    };
}
pub(crate) use node;

/// Reads a [`Node`]; `None` where something else stands.
pub(crate) struct NodeVisitor<T>(PhantomData<T>);

impl<T> NodeVisitor<T> {
    pub fn new() -> NodeVisitor<T> {
        NodeVisitor(PhantomData)
    }
}

impl<'de, T: Node> Visitor<'de> for NodeVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("对象")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
        let mut node = T::default();
        let mut plain = Plain::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            if !node.put(plain.of(&key.0), &mut map)? {
                node.unknown(&key.0);
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Some(node))
    }

    /// A list where one thing is expected: its first that is an object.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<T>, A::Error> {
        let mut first = None;
        while let Some(Slot(one)) = seq.next_element::<Slot<T>>()? {
            first = first.or(one);
        }
        Ok(first)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}

/// An element of a list that may be no object.
struct Slot<T>(Option<T>);

impl<'de, T: Node> Deserialize<'de> for Slot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor::new()).map(Slot)
    }
}

/// Keys as [`Node::put`] takes them: in lower case, without underscores, hyphens and spaces.
struct Plain {
    /// Where a key of usual length stands. A call of twenty lines has five hundred of them.
    short: [u8; 48],
    long: String,
}

impl Default for Plain {
    fn default() -> Plain {
        Plain { short: [0; 48], long: String::new() }
    }
}

impl Plain {
    fn of(&mut self, key: &str) -> &str {
        if key.is_ascii() && key.len() <= self.short.len() {
            let mut length = 0;
            for byte in key.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')) {
                self.short[length] = byte.to_ascii_lowercase();
                length += 1;
            }
            // ASCII is UTF-8: this cannot fail.
            return std::str::from_utf8(&self.short[..length]).unwrap_or_default();
        }
        self.long.clear();
        self.long.extend(key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()));
        &self.long
    }
}

/// A key, borrowed where the text allows.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("键名")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Borrowed(key))
            }

            fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Owned(key.to_owned()))
            }
        }
        deserializer.deserialize_str(KeyVisitor).map(Key)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("文字或数")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                let text = text.trim();
                Ok(Text(if text.eq_ignore_ascii_case("null") { String::new() } else { text.to_owned() }))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(if value { "1" } else { "0" }.to_owned()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            // The shortest decimal that reads back as this float: what the caller wrote, to seventeen digits.
            fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                let mut first = Text::default();
                while let Some(one) = seq.next_element::<Text>()? {
                    if first.0.is_empty() {
                        first = one;
                    }
                }
                Ok(first)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// What may stand in a [`List`]: an element, or what stands in place of one, gives one or none.
pub(crate) trait Element: Sized {
    fn element<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

impl<T: Node> Element for T {
    fn element<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(NodeVisitor::new())
    }
}

impl Element for Text {
    fn element<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
        Text::deserialize(deserializer).map(|text| Some(text).filter(Says::says))
    }
}

struct ElementSlot<T>(Option<T>);

impl<'de, T: Element> Deserialize<'de> for ElementSlot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::element(deserializer).map(ElementSlot)
    }
}

impl<'de, T: Element> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Element> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("列表或对象")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(ElementSlot(one)) = seq.next_element()? {
                    list.extend(one);
                }
                Ok(List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
                T::element(MapAccessDeserializer::new(map)).map(|one| List(one.into_iter().collect()))
            }

            // A text where a list is expected: some callers put the list in as JSON in a string, or ids with commas between.
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<List<T>, E> {
                if text.trim_start().starts_with(['[', '{']) {
                    return Ok(serde_json::from_str(text).unwrap_or_default());
                }
                let parts = text.split([',', ';', '，']).map(str::trim).filter(|part| !part.is_empty());
                let parts = parts.filter_map(|part| T::element(serde::de::value::StrDeserializer::<E>::new(part)).ok().flatten());
                Ok(List(parts.collect()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_unit<E>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}
