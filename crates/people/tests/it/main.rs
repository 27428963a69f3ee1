//! People on SQLite and on PostgreSQL.
