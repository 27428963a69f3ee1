//! PostgreSQL: a pool that writes, one whose sessions are read-only; what a statement gives as [`Row`]s.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnectOptions, PgPoolOptions, PgRow, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Column as _, Decode, Encode, PgConnection, PgPool, Postgres, Row as _, Type, TypeInfo as _, ValueRef as _};

use crate::error::shortened;
use crate::value::Value;
use crate::{Arg, Result, Row, StoreError};

/// How long one waits for a connection; the server waits as long for another change.
const PATIENCE: Duration = Duration::from_secs(10);
/// Changes go one after another: more connections would only queue.
const WRITERS: u32 = 4;
const READERS: u32 = 16;

#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) writer: PgPool,
    pub(crate) readers: PgPool,
}

impl Pools {
    pub(crate) async fn open(url: &str) -> Result<Pools> {
        // A message holds no password: only what stands behind the last @.
        let place = url.rsplit('@').next().unwrap_or_default().to_owned();
        let failed = |source| StoreError::Open { place: place.clone(), source: Box::new(source) };
        let options = PgConnectOptions::from_str(url).map_err(failed)?.application_name("mingjian").options([("lock_timeout", "10s")]);
        let pool = || PgPoolOptions::new().acquire_timeout(PATIENCE);
        // A program that is gone or hangs in the middle of a change must not hold up all others.
        let writing = options.clone().options([("idle_in_transaction_session_timeout", "60s")]);
        let writer = pool().max_connections(WRITERS).connect_with(writing).await.map_err(failed)?;
        let readers = pool().max_connections(READERS).connect_lazy_with(options.options([("default_transaction_read_only", "on")]));
        Ok(Pools { writer, readers })
    }
}

pub(crate) async fn run(to: &mut PgConnection, sql: &str, args: &[Arg]) -> Result<u64> {
    let query = sqlx::query_with::<Postgres, _>(sql, arguments(args)?);
    Ok(query.execute(to).await.map_err(|source| StoreError::of(sql, source))?.rows_affected())
}

pub(crate) async fn rows(from: &mut PgConnection, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
    let query = sqlx::query_with::<Postgres, _>(sql, arguments(args)?);
    let found = query.fetch_all(from).await.map_err(|source| StoreError::of(sql, source))?;
    let Some(first) = found.first() else { return Ok(Vec::new()) };
    let columns: Arc<[String]> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    found.iter().map(|row| row_of(row, &columns, sql)).collect()
}

/// A script of the migrations: several statements, no arguments.
pub(crate) async fn script(to: &mut PgConnection, sql: &str) -> Result<()> {
    // Not `raw_sql(…).execute(to)`, whose future is not `Send` for every lifetime.
    sqlx::Executor::execute(to, sqlx::raw_sql(sql)).await.map_err(|source| StoreError::of(sql, source))?;
    Ok(())
}

/// A null of whatever type its place in the statement has: type 0 lets the server infer it.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn arguments(args: &[Arg]) -> Result<PgArguments> {
    use sqlx::Arguments as _;
    crate::value::check(args)?;
    let mut bound = PgArguments::default();
    for arg in args {
        let added = match arg {
            Arg::Null => bound.add(Untyped),
            Arg::Int(value) => bound.add(*value),
            Arg::Text(value) => bound.add(value.as_str()),
        };
        added.map_err(|source| StoreError::of("", sqlx::Error::Encode(source)))?;
    }
    Ok(bound)
}

fn row_of(row: &PgRow, columns: &Arc<[String]>, sql: &str) -> Result<Row> {
    let mut values = Vec::with_capacity(columns.len());
    for place in 0..columns.len() {
        let value = row.try_get_raw(place).and_then(|value| value_of(value).map_err(sqlx::Error::Decode));
        values.push(value.map_err(|source| StoreError::Sql { statement: shortened(sql), source: Box::new(source) })?);
    }
    Ok(Row::new(columns.clone(), values))
}

fn value_of(value: PgValueRef<'_>) -> Result<Value, BoxDynError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let kind = value.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INT8" => Value::Int(<i64 as Decode<Postgres>>::decode(value)?),
        "INT4" => Value::Int(<i32 as Decode<Postgres>>::decode(value)?.into()),
        "INT2" => Value::Int(<i16 as Decode<Postgres>>::decode(value)?.into()),
        "BOOL" => Value::Int(<bool as Decode<Postgres>>::decode(value)?.into()),
        // The sum of bigints.
        "NUMERIC" if value.format() == PgValueFormat::Binary => whole(value.as_bytes()?).map_or(Value::Other, Value::Int),
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" => Value::Text(<String as Decode<Postgres>>::decode(value)?),
        _ => Value::Other,
    })
}

/// The whole number that a binary NUMERIC states; `None` for a fraction, NaN, or what an i64 does not hold.
///
/// Layout (PostgreSQL, numeric_send): digits, weight, sign, scale as 16 bits each, then the digits to base 10⁴, highest first.
fn whole(bytes: &[u8]) -> Option<i64> {
    const NEGATIVE: i64 = 0x4000;
    let words: Vec<i64> = bytes.chunks_exact(2).map(|pair| i64::from(u16::from_be_bytes([pair[0], pair[1]]))).collect();
    let [count, weight, sign, _scale, digits @ ..] = words.as_slice() else { return None };
    let weight = i64::from(*weight as u16 as i16);
    if digits.len() as i64 != *count || (*sign != 0 && *sign != NEGATIVE) {
        return None;
    }
    let mut number: i128 = 0;
    for place in 0..=weight.max(-1) {
        number = number.checked_mul(10_000)? + i128::from(digits.get(place as usize).copied().unwrap_or(0));
    }
    // What stands behind the point must be nothing.
    if digits.iter().skip((weight + 1).max(0) as usize).any(|digit| *digit != 0) {
        return None;
    }
    i64::try_from(if *sign == NEGATIVE { -number } else { number }).ok()
}

#[cfg(test)]
mod tests {
    use super::whole;

    fn numeric(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let head = [digits.len() as u16, weight as u16, sign, 0];
        head.iter().chain(digits).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn sums_are_read_to_the_fen() {
        assert_eq!(whole(&numeric(0, 0, &[])), Some(0));
        assert_eq!(whole(&numeric(1, 0, &[12, 3456])), Some(123_456));
        assert_eq!(whole(&numeric(2, 0x4000, &[7])), Some(-700_000_000));
        assert_eq!(whole(&numeric(4, 0, &[922, 3372, 368, 5477, 5807])), Some(i64::MAX));
    }

    #[test]
    fn what_is_no_whole_number_is_none() {
        assert_eq!(whole(&numeric(0, 0, &[1, 5000])), None);
        assert_eq!(whole(&numeric(-1, 0, &[5000])), None);
        assert_eq!(whole(&numeric(0, 0xC000, &[])), None);
        assert_eq!(whole(&numeric(9, 0, &[1])), None);
    }
}
