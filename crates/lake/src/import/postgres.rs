//! PostgreSQL: tables found by their national names and copied out as CSV, all in one snapshot of the database.

mod tls;

use std::io::{self, Read};

use postgres::config::SslMode;
use postgres::{Client, Config, IsolationLevel, NoTls};

use super::csv::Dialect;
use super::encoding::Encoding;
use super::error::ImportError;
use super::headers::describe_tables;
use super::open::{Body, NoPlan, Opened, Part, plan};
use super::profile::Profile;
use tls::{Mode, Security};

/// How COPY writes: what the CSV reader needs to know.
pub(crate) const DIALECT: Dialect = Dialect { encoding: Encoding::Utf8, delimiter: b',', header_record: 0 };

/// Tables and views with their columns in order, of every schema but the system's.
const COLUMNS: &str = "select table_schema::text, table_name::text, column_name::text from information_schema.columns \
                       where table_schema not in ('pg_catalog', 'information_schema') order by table_schema, table_name, ordinal_position";

/// A connection string without its password, for messages and records.
pub(crate) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or("")),
        None => authority.to_owned(),
    };
    format!("{scheme}://{host}/{}", path.split('?').next().unwrap_or(""))
}

fn connect(url: &str) -> Result<Client, ImportError> {
    let said = |step, detail| ImportError::Database { database: shown(url), step, detail };
    let failed = |step, error: postgres::Error| said(step, detail(&error));
    let (url, security) = Security::split(url).map_err(|detail| said("连接", detail))?;
    let mut config: Config = url.parse().map_err(|error| failed("连接", error))?;
    config.ssl_mode(match security.mode {
        Mode::Disable => SslMode::Disable,
        Mode::Prefer => SslMode::Prefer,
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
    });
    let connected = match security.mode {
        Mode::Disable => config.connect(NoTls),
        _ => config.connect(security.connector().map_err(|detail| said("连接", detail))?),
    };
    let mut client = connected.map_err(|error| failed("连接", error))?;
    // The forms the CSV reader knows, whatever the server's settings are.
    client
        .batch_execute("set datestyle to 'ISO'; set time zone 'Asia/Shanghai'; set client_encoding to 'UTF8'; set extra_float_digits to 1")
        .map_err(|error| failed("设置会话", error))?;
    Ok(client)
}

/// The error with what lies behind it: the client's own text is only its kind.
fn detail(error: &postgres::Error) -> String {
    let text = match std::error::Error::source(error) {
        Some(source) => format!("{error}：{source}"),
        None => error.to_string(),
    };
    tls::advice(error).map_or(text.clone(), |advice| format!("{advice}。原话：{text}"))
}

/// The tables of a database that can be imported.
pub(crate) fn open(url: &str, number: usize, profile: &Profile) -> Result<Opened, ImportError> {
    let mut client = connect(url)?;
    let rows = client.query(COLUMNS, &[]).map_err(|error| ImportError::Database {
        database: shown(url),
        step: "列出表",
        detail: detail(&error),
    })?;
    let mut tables: Vec<(String, String, Vec<String>)> = Vec::new();
    for row in rows {
        let (schema, table, column): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        match tables.last_mut() {
            Some(last) if last.0 == schema && last.1 == table => last.2.push(column),
            _ => tables.push((schema, table, vec![column])),
        }
    }
    let mut opened = Opened::default();
    for (schema, table, header) in tables {
        let label = format!("{}:{schema}.{table}", shown(url));
        // A database holds much else: only a national name or the profile makes a table ours.
        let national = mingjian_model::schema::TABLES.iter().any(|known| known.name.eq_ignore_ascii_case(&table));
        if !national && profile.table_of(&table).is_none() {
            continue;
        }
        let quoted: Vec<String> = header.iter().map(|column| quote(column)).collect();
        let select = format!("select {} from {}.{}", quoted.join(", "), quote(&schema), quote(&table));
        let query = format!("copy ({select}) to stdout (format csv, header true)");
        match plan(&label, &[table], header, profile) {
            Ok((plan, unused)) => opened.parts.push(Part { file: number, plan: plan.into(), body: Body::Copy { query }, unused }),
            Err(NoPlan::Empty) => {}
            Err(NoPlan::Unknown(error) | NoPlan::Error(error)) => return Err(error),
        }
    }
    if opened.parts.is_empty() {
        return Err(ImportError::NoTables { database: shown(url), tables: describe_tables() });
    }
    Ok(opened)
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Copies tables out one after the other, all as they stood at one moment; `take` gets the number of the query and its stream.
pub(crate) fn copy(url: &str, queries: &[&str], take: &mut dyn FnMut(usize, &mut dyn Read) -> io::Result<()>) -> Result<(), ImportError> {
    let failed = |error: postgres::Error| ImportError::Database { database: shown(url), step: "读取", detail: detail(&error) };
    let mut client = connect(url)?;
    let begun = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start();
    let mut transaction = begun.map_err(failed)?;
    for (number, query) in queries.iter().enumerate() {
        let mut stream = transaction.copy_out(*query).map_err(failed)?;
        take(number, &mut stream).map_err(|error| ImportError::Database {
            database: shown(url),
            step: "读取",
            detail: error.to_string(),
        })?;
    }
    transaction.rollback().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("postgresql://u:secret@h:5432/db?sslmode=disable"), "postgresql://u@h:5432/db");
        assert_eq!(shown("postgres://h/db"), "postgres://h/db");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }
}
