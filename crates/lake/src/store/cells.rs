//! Cells of one column: as arrays on their way in, packed while they wait on the disk, gathered again for writing.
//!
//! A packed column ([`pack`]) is: tag, flags, then for numbers the smallest value and a width, for texts a width of the
//! lengths; then null bits, values, zstd. Numbers are stored as differences from the smallest, whole seconds as seconds;
//! a column of one single value is that value. The form lives only in `_tmp` and may change at any time.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBufferBuilder, Date32Array, Decimal64Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal64Type, Decimal128Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use mingjian_model::schema::Type;
use zstd::bulk::{Compressor, Decompressor};

/// The cells of one column of one block, in the lake's own three forms.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    Text(StringArray),
    Int(Int32Array),
    /// Scaled decimals and microseconds.
    Long(Int64Array),
}

impl Cells {
    /// Takes an array of any type the contract of [`crate::TypedBlock`] allows for `ty`; `None` for another type.
    pub(crate) fn of(ty: Type, array: &ArrayRef) -> Option<Cells> {
        let scale = match ty {
            Type::Money => Some(2),
            Type::Quantity | Type::Ratio => Some(4),
            Type::Price => Some(6),
            _ => None,
        };
        Some(match (ty, array.data_type()) {
            (Type::Text, DataType::Utf8) => Cells::Text(array.as_string::<i32>().clone()),
            (Type::Text, DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _)) => {
                Cells::Text(cast(array, &DataType::Utf8).ok()?.as_string_opt::<i32>()?.clone())
            }
            (Type::Int, DataType::Int32) => Cells::Int(array.as_primitive::<Int32Type>().clone()),
            (Type::Date, DataType::Date32) => {
                Cells::Int(array.as_primitive::<arrow::datatypes::Date32Type>().reinterpret_cast::<Int32Type>())
            }
            (Type::Time, DataType::Timestamp(TimeUnit::Microsecond, _)) => {
                Cells::Long(array.as_primitive::<TimestampMicrosecondType>().reinterpret_cast::<Int64Type>())
            }
            (_, DataType::Decimal64(_, s)) if Some(*s) == scale => {
                Cells::Long(array.as_primitive::<Decimal64Type>().reinterpret_cast::<Int64Type>())
            }
            (_, DataType::Decimal128(_, s)) if Some(*s) == scale => {
                Cells::Long(array.as_primitive::<Decimal128Type>().unary::<_, Int64Type>(|value| value as i64))
            }
            (Type::Money | Type::Quantity | Type::Price | Type::Ratio | Type::Time, DataType::Int64) => {
                Cells::Long(array.as_primitive::<Int64Type>().clone())
            }
            _ => return None,
        })
    }

    fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Cells::Text(a) => a.nulls(),
            Cells::Int(a) => a.nulls(),
            Cells::Long(a) => a.nulls(),
        }
    }

    pub(crate) fn all_null(&self) -> bool {
        match self {
            Cells::Text(a) => a.null_count() == a.len(),
            Cells::Int(a) => a.null_count() == a.len(),
            Cells::Long(a) => a.null_count() == a.len(),
        }
    }

    /// Bytes of memory the rows take.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Cells::Text(a) => a.value_offsets().last().map_or(0, |end| (*end - a.value_offsets()[0]) as usize) + 4 * a.len(),
            Cells::Int(a) => 4 * a.len(),
            Cells::Long(a) => 8 * a.len(),
        }
    }
}

/// Some rows of one column of one block.
pub(crate) struct Picked<'a> {
    /// `None`: the source of this block does not have the column.
    pub cells: Option<&'a Cells>,
    pub rows: &'a [u32],
}

const CONSTANT: u8 = 1;
const NULLS: u8 = 2;
const SECONDS: u8 = 4;
const COMPRESSED: u8 = 8;
const MICROS: i64 = 1_000_000;

/// Of zstd: nearly as fast as lz4, and smaller.
const LEVEL: i32 = -3;

/// Reused between calls of [`pack`].
#[derive(Default)]
pub(crate) struct Scratch {
    raw: Vec<u8>,
    numbers: Vec<i64>,
    lengths: Vec<u32>,
    data: Vec<u8>,
    compressed: Vec<u8>,
    compressor: Option<Compressor<'static>>,
}

impl Scratch {
    /// The raw bytes compressed, if that makes them smaller.
    fn compress(&mut self) -> Option<&[u8]> {
        if self.raw.len() <= 64 {
            return None;
        }
        if self.compressor.is_none() {
            self.compressor = Compressor::new(LEVEL).ok();
        }
        self.compressed.resize(self.raw.len(), 0);
        // No room means that it would not be smaller.
        let size = self.compressor.as_mut()?.compress_to_buffer(&self.raw, &mut self.compressed[..]).ok()?;
        (size < self.raw.len()).then(|| &self.compressed[..size])
    }
}

/// Reused between calls of [`Growing::push_packed`].
#[derive(Default)]
pub(crate) struct Unpacking {
    raw: Vec<u8>,
    decompressor: Option<Decompressor<'static>>,
}

impl Unpacking {
    fn decompress(&mut self, packed: &[u8], size: usize) -> Result<&[u8], Broken> {
        let decompressor = match &mut self.decompressor {
            Some(decompressor) => decompressor,
            None => self.decompressor.insert(Decompressor::new().map_err(|e| e.to_string())?),
        };
        self.raw.resize(size, 0);
        let got = decompressor.decompress_to_buffer(packed, &mut self.raw[..]).map_err(|e| e.to_string())?;
        self.raw.get(..got).ok_or_else(|| "长度不符".to_owned())
    }
}

/// Packs the picked rows of one column onto `out`; nothing at all when every cell is null.
pub(crate) fn pack(parts: &[Picked<'_>], scratch: &mut Scratch, out: &mut Vec<u8>) {
    if parts.iter().all(|part| part.cells.is_none_or(Cells::all_null)) {
        return;
    }
    let rows: usize = parts.iter().map(|part| part.rows.len()).sum();
    scratch.raw.clear();
    let nulls = pack_nulls(parts, rows, &mut scratch.raw);
    if nulls == rows {
        return;
    }
    let text = parts.iter().any(|part| matches!(part.cells, Some(Cells::Text(_))));
    let start = out.len();
    let mut flags = if nulls > 0 { NULLS } else { 0 };
    if nulls == 0 {
        scratch.raw.clear();
    }
    out.push(u8::from(text));
    out.push(0);
    if text {
        pick_texts(parts, scratch);
        let constant = nulls == 0 && is_constant_text(&scratch.lengths, &scratch.data);
        if constant {
            flags |= CONSTANT;
            scratch.raw.extend_from_slice(&scratch.data[..scratch.lengths[0] as usize]);
            out.push(0);
        } else {
            let wide = scratch.lengths.iter().any(|length| *length > 255);
            out.push(u8::from(wide));
            match wide {
                true => scratch.lengths.iter().for_each(|length| scratch.raw.extend_from_slice(&length.to_le_bytes())),
                false => scratch.raw.extend(scratch.lengths.iter().map(|length| *length as u8)),
            }
            scratch.raw.extend_from_slice(&scratch.data);
        }
    } else {
        pick_numbers(parts, &mut scratch.numbers);
        let numbers = &mut scratch.numbers;
        if numbers.iter().all(|n| n % MICROS == 0) {
            flags |= SECONDS;
            numbers.iter_mut().for_each(|n| *n /= MICROS);
        }
        let (min, max) = numbers.iter().fold((i64::MAX, i64::MIN), |(min, max), n| (min.min(*n), max.max(*n)));
        out.extend_from_slice(&min.to_le_bytes());
        let spread = max.wrapping_sub(min) as u64;
        if spread == 0 && nulls == 0 {
            flags |= CONSTANT;
            out.push(0);
        } else {
            let width: u8 = match spread {
                0..=0xff => 1,
                0x100..=0xffff => 2,
                0x1_0000..=0xffff_ffff => 4,
                _ => 8,
            };
            out.push(width);
            for number in numbers.iter() {
                scratch.raw.extend_from_slice(&(number.wrapping_sub(min) as u64).to_le_bytes()[..usize::from(width)]);
            }
        }
    }
    out.extend_from_slice(&(scratch.raw.len() as u32).to_le_bytes());
    match scratch.compress() {
        Some(compressed) => {
            flags |= COMPRESSED;
            out.extend_from_slice(compressed);
        }
        None => out.extend_from_slice(&scratch.raw),
    }
    out[start + 1] = flags;
}

/// One bit a row, set where there is a value; how many are null.
fn pack_nulls(parts: &[Picked<'_>], rows: usize, out: &mut Vec<u8>) -> usize {
    let base = out.len();
    out.resize(base + rows.div_ceil(8), 0);
    let bits = &mut out[base..];
    let mut nulls = 0;
    let mut at = 0;
    for part in parts {
        match part.cells.map(|cells| cells.nulls()) {
            None => nulls += part.rows.len(),
            Some(None) => (at..at + part.rows.len()).for_each(|i| bits[i / 8] |= 1 << (i % 8)),
            Some(Some(valid)) => {
                for (i, row) in part.rows.iter().enumerate() {
                    if valid.is_valid(*row as usize) {
                        bits[(at + i) / 8] |= 1 << ((at + i) % 8);
                    } else {
                        nulls += 1;
                    }
                }
            }
        }
        at += part.rows.len();
    }
    nulls
}

fn pick_texts(parts: &[Picked<'_>], scratch: &mut Scratch) {
    scratch.lengths.clear();
    scratch.data.clear();
    for part in parts {
        let Some(Cells::Text(array)) = part.cells else {
            scratch.lengths.resize(scratch.lengths.len() + part.rows.len(), 0);
            continue;
        };
        let (offsets, values) = (array.value_offsets(), array.value_data());
        let valid = array.nulls();
        for row in part.rows {
            let row = *row as usize;
            let (begin, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            // The bytes under a null need not be empty.
            let end = if valid.is_some_and(|valid| valid.is_null(row)) { begin } else { end };
            scratch.lengths.push((end - begin) as u32);
            scratch.data.extend_from_slice(&values[begin..end]);
        }
    }
}

fn is_constant_text(lengths: &[u32], data: &[u8]) -> bool {
    let first = lengths[0] as usize;
    lengths.iter().all(|length| *length as usize == first) && data.chunks_exact(first.max(1)).all(|text| text == &data[..first])
}

fn pick_numbers(parts: &[Picked<'_>], numbers: &mut Vec<i64>) {
    numbers.clear();
    // A null takes the value before it, which costs no width.
    let mut filler = parts.iter().find_map(|part| first_number(part)).unwrap_or(0);
    for part in parts {
        match part.cells {
            Some(Cells::Int(array)) => {
                for row in part.rows {
                    let row = *row as usize;
                    filler = if array.is_valid(row) { i64::from(array.value(row)) } else { filler };
                    numbers.push(filler);
                }
            }
            Some(Cells::Long(array)) => {
                for row in part.rows {
                    let row = *row as usize;
                    filler = if array.is_valid(row) { array.value(row) } else { filler };
                    numbers.push(filler);
                }
            }
            _ => numbers.resize(numbers.len() + part.rows.len(), filler),
        }
    }
}

fn first_number(part: &Picked<'_>) -> Option<i64> {
    match part.cells? {
        Cells::Int(array) => part.rows.iter().find(|row| array.is_valid(**row as usize)).map(|row| i64::from(array.value(*row as usize))),
        Cells::Long(array) => part.rows.iter().find(|row| array.is_valid(**row as usize)).map(|row| array.value(*row as usize)),
        Cells::Text(_) => None,
    }
}

/// Grows one column from packed parts and arrays.
pub(crate) struct Growing {
    ty: Type,
    len: usize,
    valid: BooleanBufferBuilder,
    nulls: usize,
    offsets: Vec<i32>,
    data: Vec<u8>,
    ints: Vec<i32>,
    longs: Vec<i64>,
}

/// Why a column could not grow: said in the error.
pub(crate) type Broken = String;

impl Growing {
    pub(crate) fn new(ty: Type, capacity: usize) -> Growing {
        let (text, int) = (ty == Type::Text, matches!(ty, Type::Int | Type::Date));
        Growing {
            ty,
            len: 0,
            valid: BooleanBufferBuilder::new(capacity),
            nulls: 0,
            offsets: if text {
                let mut offsets = Vec::with_capacity(capacity + 1);
                offsets.push(0);
                offsets
            } else {
                Vec::new()
            },
            data: Vec::new(),
            ints: Vec::with_capacity(if int { capacity } else { 0 }),
            longs: Vec::with_capacity(if text || int { 0 } else { capacity }),
        }
    }

    pub(crate) fn push_nulls(&mut self, rows: usize) {
        self.valid.append_n(rows, false);
        self.nulls += rows;
        self.len += rows;
        match self.ty {
            Type::Text => self.offsets.resize(self.len + 1, self.offsets.last().copied().unwrap_or(0)),
            Type::Int | Type::Date => self.ints.resize(self.len, 0),
            _ => self.longs.resize(self.len, 0),
        }
    }

    /// Appends a packed part of `rows` rows.
    pub(crate) fn push_packed(&mut self, packed: &[u8], rows: usize, scratch: &mut Unpacking) -> Result<(), Broken> {
        if packed.is_empty() {
            self.push_nulls(rows);
            return Ok(());
        }
        let mut rest = packed;
        let [text, flags] = take::<2>(&mut rest)?;
        let (min, width) =
            if text == 0 { (i64::from_le_bytes(take(&mut rest)?), take::<1>(&mut rest)?[0]) } else { (0, take::<1>(&mut rest)?[0]) };
        let size = u32::from_le_bytes(take(&mut rest)?) as usize;
        let raw: &[u8] = if flags & COMPRESSED != 0 { scratch.decompress(rest, size)? } else { rest };
        if raw.len() != size {
            return Err("长度不符".to_owned());
        }
        let values = if flags & NULLS != 0 {
            let (bits, values) = raw.split_at_checked(rows.div_ceil(8)).ok_or("长度不符")?;
            self.valid.append_packed_range(0..rows, bits);
            self.nulls += rows - bits.iter().map(|byte| byte.count_ones() as usize).sum::<usize>();
            values
        } else {
            self.valid.append_n(rows, true);
            raw
        };
        self.len += rows;
        match text {
            0 => self.push_numbers(values, rows, min, width, flags),
            _ => self.push_texts(values, rows, width == 1, flags & CONSTANT != 0),
        }
    }

    fn push_numbers(&mut self, values: &[u8], rows: usize, min: i64, width: u8, flags: u8) -> Result<(), Broken> {
        let scale = if flags & SECONDS != 0 { MICROS } else { 1 };
        if flags & CONSTANT == 0 && values.len() != rows * usize::from(width) {
            return Err("长度不符".to_owned());
        }
        let small = matches!(self.ty, Type::Int | Type::Date);
        let mut push = |difference: u64| {
            let value = min.wrapping_add(difference as i64).wrapping_mul(scale);
            if small { self.ints.push(value as i32) } else { self.longs.push(value) }
        };
        match (flags & CONSTANT != 0, width) {
            (true, _) => (0..rows).for_each(|_| push(0)),
            (_, 1) => values.iter().for_each(|v| push(u64::from(*v))),
            (_, 2) => values.as_chunks::<2>().0.iter().for_each(|v| push(u64::from(u16::from_le_bytes(*v)))),
            (_, 4) => values.as_chunks::<4>().0.iter().for_each(|v| push(u64::from(u32::from_le_bytes(*v)))),
            _ => values.as_chunks::<8>().0.iter().for_each(|v| push(u64::from_le_bytes(*v))),
        }
        Ok(())
    }

    fn push_texts(&mut self, values: &[u8], rows: usize, wide: bool, constant: bool) -> Result<(), Broken> {
        let mut end = self.data.len();
        if constant {
            for _ in 0..rows {
                self.data.extend_from_slice(values);
                end += values.len();
                self.offsets.push(end as i32);
            }
        } else {
            let (lengths, text) = values.split_at_checked(rows * if wide { 4 } else { 1 }).ok_or("长度不符")?;
            let begin = end;
            if wide {
                lengths.as_chunks::<4>().0.iter().for_each(|length| {
                    end += u32::from_le_bytes(*length) as usize;
                    self.offsets.push(end as i32);
                });
            } else {
                lengths.iter().for_each(|length| {
                    end += usize::from(*length);
                    self.offsets.push(end as i32);
                });
            }
            if end - begin != text.len() {
                return Err("长度不符".to_owned());
            }
            self.data.extend_from_slice(text);
        }
        if self.data.len() > i32::MAX as usize {
            Err("一个分桶的一列超过 2 GiB，请用更多的分桶建湖".to_owned())
        } else {
            Ok(())
        }
    }

    /// Appends an array read from a data file, of the column's Arrow type.
    pub(crate) fn push_array(&mut self, array: &ArrayRef) -> Result<(), Broken> {
        let cells = Cells::of(self.ty, array).ok_or_else(|| format!("类型 {}", array.data_type()))?;
        match cells.nulls() {
            Some(nulls) => {
                self.valid.append_buffer(nulls.inner());
                self.nulls += nulls.null_count();
            }
            None => self.valid.append_n(array.len(), true),
        }
        self.len += array.len();
        match cells {
            Cells::Int(array) => self.ints.extend_from_slice(array.values()),
            Cells::Long(array) => self.longs.extend_from_slice(array.values()),
            Cells::Text(array) => {
                let offsets = array.value_offsets();
                let shift = self.data.len() as i64 - i64::from(offsets[0]);
                self.data.extend_from_slice(&array.value_data()[offsets[0] as usize..offsets[offsets.len() - 1] as usize]);
                if self.data.len() > i32::MAX as usize {
                    return Err("一个分桶的一列超过 2 GiB，请用更多的分桶建湖".to_owned());
                }
                self.offsets.extend(offsets[1..].iter().map(|offset| (i64::from(*offset) + shift) as i32));
            }
        }
        Ok(())
    }

    /// The column as an array of its Arrow type.
    pub(crate) fn finish(mut self) -> Result<ArrayRef, Broken> {
        let nulls = (self.nulls > 0).then(|| NullBuffer::new(self.valid.finish()));
        let decimal = |precision, scale, longs: Vec<i64>, nulls| -> Result<ArrayRef, Broken> {
            let array = Decimal64Array::new(ScalarBuffer::from(longs), nulls);
            Ok(Arc::new(array.with_precision_and_scale(precision, scale).map_err(|e| e.to_string())?))
        };
        match self.ty {
            Type::Text => {
                // `OffsetBuffer::new` checks that offsets rise, `try_new` that the text is UTF-8.
                let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
                Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(self.data), nulls).map_err(|e| e.to_string())?))
            }
            Type::Int => Ok(Arc::new(Int32Array::new(ScalarBuffer::from(self.ints), nulls))),
            Type::Date => Ok(Arc::new(Date32Array::new(ScalarBuffer::from(self.ints), nulls))),
            Type::Time => Ok(Arc::new(TimestampMicrosecondArray::new(ScalarBuffer::from(self.longs), nulls))),
            Type::Money => decimal(16, 2, self.longs, nulls),
            Type::Quantity => decimal(16, 4, self.longs, nulls),
            Type::Price => decimal(16, 6, self.longs, nulls),
            Type::Ratio => decimal(5, 4, self.longs, nulls),
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Broken> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or("长度不符")?;
    *rest = tail;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(ty: Type, array: ArrayRef) {
        let cells = Cells::of(ty, &array).expect("a type of the contract");
        let rows: Vec<u32> = (0..array.len() as u32).collect();
        let mut packed = Vec::new();
        let (left, right) = rows.split_at(rows.len() / 3);
        pack(
            &[
                Picked { cells: Some(&cells), rows: left },
                Picked { cells: None, rows: &[0, 0] },
                Picked { cells: Some(&cells), rows: right },
            ],
            &mut Scratch::default(),
            &mut packed,
        );
        let mut growing = Growing::new(ty, 0);
        growing.push_array(&array).expect("same type");
        growing.push_packed(&packed, rows.len() + 2, &mut Unpacking::default()).expect("whole");
        growing.push_packed(&[], 1, &mut Unpacking::default()).expect("nulls");
        let grown = growing.finish().expect("valid");
        assert_eq!(&grown.slice(0, array.len()), &array);
        assert_eq!(&grown.slice(array.len(), left.len()), &array.slice(0, left.len()));
        assert_eq!(grown.slice(array.len() + left.len(), 2).null_count(), 2);
        assert_eq!(&grown.slice(array.len() + left.len() + 2, right.len()), &array.slice(left.len(), right.len()));
        assert!(grown.is_null(grown.len() - 1));
    }

    #[test]
    fn packed_columns_come_back() {
        let texts: Vec<Option<String>> = (0..500).map(|i| (i % 7 != 0).then(|| "医保".repeat(i % 90))).collect();
        round_trip(Type::Text, Arc::new(StringArray::from(texts)));
        round_trip(Type::Text, Arc::new(StringArray::from(vec!["甲"; 300])));
        round_trip(Type::Text, Arc::new(StringArray::from(vec![Some(""), None, Some("x")])));
        round_trip(Type::Int, Arc::new(Int32Array::from(vec![Some(1), None, Some(-70_000), Some(i32::MAX), Some(i32::MIN)])));
        round_trip(Type::Date, Arc::new(Date32Array::from(vec![Some(19_000), None, Some(19_001)])));
        let seconds: Vec<i64> = (0..300).map(|i| 1_700_000_000_000_000 + i * 61 * MICROS).collect();
        round_trip(Type::Time, Arc::new(TimestampMicrosecondArray::from(seconds)));
        round_trip(Type::Time, Arc::new(TimestampMicrosecondArray::from(vec![Some(i64::MIN), Some(i64::MAX), None, Some(3)])));
        let money = Decimal64Array::from(vec![Some(12_345), None, Some(-1), Some(9_999_999_999_999_999)]);
        round_trip(Type::Money, Arc::new(money.with_precision_and_scale(16, 2).expect("fits")));
    }

    #[test]
    fn wide_decimals_are_taken_as_they_are() {
        let wide = arrow::array::Decimal128Array::from(vec![Some(150), None]).with_precision_and_scale(16, 2).expect("fits");
        let wide: ArrayRef = Arc::new(wide);
        assert!(matches!(Cells::of(Type::Money, &wide), Some(Cells::Long(a)) if a.value(0) == 150 && a.is_null(1)));
        assert!(Cells::of(Type::Price, &wide).is_none(), "another scale is another type");
    }

    #[test]
    fn damaged_parts_are_told() {
        let array: ArrayRef = Arc::new(StringArray::from_iter_values((0..200).map(|i| format!("n{i}"))));
        let cells = Cells::of(Type::Text, &array).expect("text");
        let rows: Vec<u32> = (0..200).collect();
        let mut packed = Vec::new();
        pack(&[Picked { cells: Some(&cells), rows: &rows }], &mut Scratch::default(), &mut packed);
        for cut in [1, 3, 10, packed.len() - 1] {
            assert!(Growing::new(Type::Text, 0).push_packed(&packed[..cut], 200, &mut Unpacking::default()).is_err());
        }
    }
}
