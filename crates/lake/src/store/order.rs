//! 排序: the order of a bucket's rows and where its row groups begin.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use mingjian_model::day::{MICROS_PER_DAY, Moment};

use super::LakeError;
use super::hash::Identity;
use super::rows::Rows;
use super::shape::order_of;

/// When visits began, by mdtrt_id: from the visits of the same bucket, stored or coming in.
pub(crate) type Begins = HashMap<String, Moment>;

/// Rows a row group aims at.
pub(crate) const ROW_GROUP: usize = 131_072;

/// The chosen rows in order, and the row groups as ranges of that order.
pub(crate) struct Ordered {
    pub rows: Vec<u32>,
    pub groups: Vec<std::ops::Range<usize>>,
}

/// Orders the chosen rows: by person, (begin of the visit, visit,) time, key; equal ones by `identities`, where the whole row is the key.
pub(crate) fn order(rows: &Rows<'_>, chosen: Vec<u32>, begins: &Begins, identities: Option<&[Identity]>) -> Result<Ordered, LakeError> {
    let order = order_of(rows.table);
    let times = match order.time {
        Some(column) => Some(moments(&rows.load(column)?)),
        None => None,
    };
    let time = |row: u32| times.as_ref().map_or(0, |times| times[row as usize]);
    let persons = match order.group {
        Some(column) => ranks(texts(&rows.load(column)?)),
        None => vec![0; rows.len()],
    };
    let visits = match order.visit {
        Some(column) => visit_ranks(texts(&rows.load(column)?), &persons, &chosen, time, begins),
        None => vec![0; rows.len()],
    };
    let ties: Vec<Tie> = order
        .ties
        .iter()
        // The visit is compared already, by rank.
        .filter_map(|name| rows.table.column_index(name).filter(|index| order.visit != Some(*index)))
        .map(|index| rows.load(index).map(Tie::of))
        .collect::<Result<_, _>>()?;
    // Person and visit in one word, the time moved so that it compares as unsigned: most comparisons end here.
    let key = |row: u32| -> u128 {
        let i = row as usize;
        u128::from(persons[i]) << 96 | u128::from(visits[i]) << 64 | u128::from(time(row) as u64 ^ (1 << 63))
    };
    let mut keyed: Vec<(u128, u32)> = chosen.into_iter().map(|row| (key(row), row)).collect();
    keyed.sort_unstable_by(|(a, i), (b, j)| {
        a.cmp(b).then_with(|| {
            let (i, j) = (*i as usize, *j as usize);
            let tie = ties.iter().map(|tie| tie.compare(i, j)).find(|ordering| ordering.is_ne());
            tie.unwrap_or_else(|| match identities {
                Some(identities) => identities[i].cmp(&identities[j]),
                None => std::cmp::Ordering::Equal,
            })
            .then(i.cmp(&j))
        })
    });
    let sorted: Vec<u32> = keyed.iter().map(|(_, row)| *row).collect();
    let groups = cut(sorted.len(), |i| order.cut && keyed[i].0 >> 96 == keyed[i - 1].0 >> 96);
    Ok(Ordered { rows: sorted, groups })
}

/// Row groups of about [`ROW_GROUP`] rows; `together(i)` tells whether row i must stay with row i-1.
fn cut(rows: usize, together: impl Fn(usize) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut groups = Vec::new();
    let mut begin = 0;
    while begin < rows {
        let mut end = (begin + ROW_GROUP).min(rows);
        if end < rows && together(end) {
            let back = (begin + 1..end).rev().find(|i| !together(*i));
            end = back.unwrap_or_else(|| (end..rows).find(|i| !together(*i)).unwrap_or(rows));
        }
        groups.push(begin..end);
        begin = end;
    }
    groups
}

/// A column that decides between rows of equal person, visit and time.
pub(crate) enum Tie {
    Text(StringArray),
    Number(Vec<Moment>),
}

impl Tie {
    pub(crate) fn of(array: ArrayRef) -> Tie {
        match array.data_type() {
            DataType::Utf8 => Tie::Text(array.as_string::<i32>().clone()),
            _ => Tie::Number(moments(&array)),
        }
    }

    pub(crate) fn compare(&self, i: usize, j: usize) -> std::cmp::Ordering {
        match self {
            Tie::Text(texts) => value(texts, i).cmp(value(texts, j)),
            Tie::Number(numbers) => numbers[i].cmp(&numbers[j]),
        }
    }
}

fn texts(array: &ArrayRef) -> &StringArray {
    array.as_string::<i32>()
}

fn value(texts: &StringArray, row: usize) -> &str {
    if texts.is_null(row) { "" } else { texts.value(row) }
}

/// A day or moment column in microseconds; null comes first.
pub(crate) fn moments(array: &ArrayRef) -> Vec<Moment> {
    let at = |row: usize| match array.data_type() {
        DataType::Date32 => i64::from(array.as_primitive::<Date32Type>().value(row)) * MICROS_PER_DAY,
        DataType::Timestamp(_, _) => array.as_primitive::<TimestampMicrosecondType>().value(row),
        _ => array.as_primitive_opt::<arrow::datatypes::Int32Type>().map_or(0, |ints| i64::from(ints.value(row))),
    };
    (0..array.len()).map(|row| if array.is_null(row) { Moment::MIN } else { at(row) }).collect()
}

/// The rank of each row's text among the different texts, so that numbers compare as the texts would.
fn ranks(texts: &StringArray) -> Vec<u32> {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut distinct: Vec<&str> = Vec::new();
    let ids: Vec<u32> = (0..texts.len())
        .map(|row| {
            let text = value(texts, row);
            *seen.entry(text).or_insert_with(|| {
                distinct.push(text);
                distinct.len() as u32 - 1
            })
        })
        .collect();
    let mut sorted: Vec<u32> = (0..distinct.len() as u32).collect();
    sorted.sort_unstable_by_key(|id| distinct[*id as usize]);
    let mut rank = vec![0u32; distinct.len()];
    sorted.iter().enumerate().for_each(|(place, id)| rank[*id as usize] = place as u32);
    ids.into_iter().map(|id| rank[id as usize]).collect()
}

/// The rank of each row's visit by (person, begin, mdtrt_id). A visit nobody reported begins with its first fee.
fn visit_ranks(texts: &StringArray, persons: &[u32], chosen: &[u32], time: impl Fn(u32) -> Moment, begins: &Begins) -> Vec<u32> {
    let mut seen: HashMap<(u32, &str), u32> = HashMap::new();
    let mut visits: Vec<(u32, Moment, &str)> = Vec::new();
    let mut ids = vec![0u32; texts.len()];
    for row in chosen {
        let (person, text, at) = (persons[*row as usize], value(texts, *row as usize), time(*row));
        let id = *seen.entry((person, text)).or_insert_with(|| {
            visits.push((person, Moment::MAX, text));
            visits.len() as u32 - 1
        });
        // A fee without a time says nothing about the begin.
        if at != Moment::MIN {
            visits[id as usize].1 = visits[id as usize].1.min(at);
        }
        ids[*row as usize] = id;
    }
    for visit in &mut visits {
        if let Some(begin) = begins.get(visit.2) {
            visit.1 = *begin;
        }
    }
    let mut sorted: Vec<u32> = (0..visits.len() as u32).collect();
    sorted.sort_unstable_by_key(|id| visits[*id as usize]);
    let mut rank = vec![0u32; visits.len()];
    sorted.iter().enumerate().for_each(|(place, id)| rank[*id as usize] = place as u32);
    ids.into_iter().map(|id| rank[id as usize]).collect()
}

/// Adds the begins of the chosen visits.
pub(crate) fn note_begins(rows: &Rows<'_>, chosen: impl Iterator<Item = u32>, begins: &mut Begins) -> Result<(), LakeError> {
    let (Some(visit), Some(begin)) = (rows.table.column_index("mdtrt_id"), rows.table.column_index("begntime")) else {
        return Ok(());
    };
    let (visits, moments) = (rows.load(visit)?, rows.load(begin)?);
    let (visits, moments) = (texts(&visits), moments.as_primitive::<TimestampMicrosecondType>());
    for row in chosen {
        let row = row as usize;
        if moments.is_valid(row) && visits.is_valid(row) {
            begins.insert(visits.value(row).to_owned(), moments.value(row));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_groups_end_between_persons() {
        // Persons of 100,000 rows: the first group ends before the person that would straddle it.
        let person = |i: usize| i / 100_000;
        let groups = cut(350_000, |i| person(i) == person(i - 1));
        assert_eq!(groups, [0..100_000, 100_000..200_000, 200_000..300_000, 300_000..350_000]);
    }

    #[test]
    fn a_person_larger_than_a_row_group_stays_whole() {
        let person = |i: usize| usize::from(i >= 10) + usize::from(i >= 300_000);
        let groups = cut(300_100, |i| person(i) == person(i - 1));
        assert_eq!(groups, [0..10, 10..300_000, 300_000..300_100]);
    }

    #[test]
    fn ranks_follow_the_text() {
        let texts = StringArray::from(vec![Some("b"), Some("a"), None, Some("b"), Some("c")]);
        assert_eq!(ranks(&texts), [2, 1, 0, 2, 3]);
    }
}
