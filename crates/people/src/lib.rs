//! 人和权限: accounts, sessions, roles, scopes, and the one place that says who may do what.
