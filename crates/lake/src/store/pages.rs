//! 数据页: the pages of a data file's columns, unpacked with one zstd context a thread.
//!
//! Left alone, the library makes two contexts (one of them for writing) for every column of every row group it opens, and reads the head of
//! every page by calls of its own; where a few rows of many columns are wanted, that is most of the work. So a column is read at once, its
//! pages are handed over as they stand, and they are unpacked here.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};
use zstd::bulk::Decompressor;
use zstd::zstd_safe::get_frame_content_size;

/// Some row groups of a file, for the library to read columns of.
pub(crate) struct Groups<'a> {
    pub file: &'a Arc<File>,
    pub metadata: &'a ParquetMetaData,
    /// Numbers of row groups, ascending.
    pub groups: std::ops::Range<usize>,
}

impl RowGroups for Groups<'_> {
    fn num_rows(&self) -> usize {
        self.row_groups().map(|group| group.num_rows() as usize).sum()
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        let chunks: Vec<(ColumnChunkMetaData, usize)> =
            self.row_groups().map(|group| (group.column(column).clone(), group.num_rows() as usize)).collect();
        Ok(Box::new(Columns { file: self.file.clone(), chunks: chunks.into_iter() }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups()[self.groups.clone()].iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

/// A column's pages, row group after row group; one is read when its turn has come.
struct Columns {
    file: Arc<File>,
    chunks: std::vec::IntoIter<(ColumnChunkMetaData, usize)>,
}

impl PageIterator for Columns {}

impl Iterator for Columns {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (column, rows) = self.chunks.next()?;
        Some(pages(&self.file, column, rows))
    }
}

fn pages(file: &File, column: ColumnChunkMetaData, rows: usize) -> Result<Box<dyn PageReader>> {
    let (start, length) = column.byte_range();
    let mut bytes = vec![0; usize::try_from(length)?];
    file.read_exact_at(&mut bytes, start)?;
    let stretch = Arc::new(Stretch { start, bytes: bytes.into() });
    if !matches!(column.compression(), Compression::ZSTD(_)) {
        return Ok(Box::new(SerializedPageReader::new(stretch, &column, rows, None)?));
    }
    let as_they_stand = column.into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
    Ok(Box::new(Unpacked { packed: SerializedPageReader::new(stretch, &as_they_stand, rows, None)? }))
}

/// A stretch of a file in memory, addressed as the file is.
struct Stretch {
    start: u64,
    bytes: Bytes,
}

impl Stretch {
    fn from(&self, start: u64) -> Result<Bytes> {
        let at = start.checked_sub(self.start).and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= self.bytes.len());
        at.map(|at| self.bytes.slice(at..)).ok_or_else(|| ParquetError::EOF(format!("页在列之外：{start}")))
    }
}

impl Length for Stretch {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Stretch {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let rest = self.from(start)?;
        if length > rest.len() {
            return Err(ParquetError::EOF(format!("页不完整：{length} 字节只有 {}", rest.len())));
        }
        Ok(rest.slice(..length))
    }
}

/// Pages as they are used, from pages as they stand in the file.
struct Unpacked {
    packed: SerializedPageReader<Stretch>,
}

impl PageReader for Unpacked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.packed.get_next_page()?.map(unpacked).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.packed.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.packed.skip_next_page()
    }
}

impl Iterator for Unpacked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

fn unpacked(page: Page) -> Result<Page> {
    Ok(match page {
        Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics } => {
            Page::DataPage { buf: unpack(&buf)?, num_values, encoding, def_level_encoding, rep_level_encoding, statistics }
        }
        Page::DictionaryPage { buf, num_values, encoding, is_sorted } => {
            Page::DictionaryPage { buf: unpack(&buf)?, num_values, encoding, is_sorted }
        }
        // The lake writes none.
        Page::DataPageV2 { .. } => return Err(ParquetError::NYI("第二版的数据页".to_owned())),
    })
}

thread_local! {
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn unpack(packed: &[u8]) -> Result<Bytes> {
    if packed.is_empty() {
        return Ok(Bytes::new());
    }
    let Ok(Some(size)) = get_frame_content_size(packed) else {
        // Written by something that did not know the size when it began.
        return Ok(zstd::stream::decode_all(packed)?.into());
    };
    // Parquet counts the bytes of a page in 31 bits; a damaged head may say anything.
    let size = usize::try_from(size).ok().filter(|size| i32::try_from(*size).is_ok());
    let size = size.ok_or_else(|| ParquetError::General("页的长度不对".to_owned()))?;
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(Decompressor::new()?),
        };
        Ok(decompressor.decompress(packed, size)?.into())
    })
}
