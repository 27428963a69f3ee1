//! 视图 and 通知已读: what an account keeps for its own work. Neither gives a right: a shared view is a filter, seen through the eyes of who opens it.

use std::collections::HashSet;

use mingjian_model::day::{MICROS_PER_DAY, Moment};
use mingjian_store::{Change, Event, Row};
use serde_json::{Map, Value, json};

use crate::{Act, Object, People, PeopleError, Person, allows};

/// Views an account keeps of one page.
const VIEWS_MAX: i64 = 30;
/// Characters of a title, bytes of a filter.
const TITLE_MAX: usize = 30;
const QUERY_MAX: usize = 2_000;
/// Marks are kept longer than the notices they belong to.
const MARKS_DAYS: i64 = 120;
/// Notices marked at once.
const MARKS_MAX: usize = 500;

/// Lists that can be kept as views.
pub const PAGES: [&str; 3] = ["leads", "recoveries", "reviews"];

/// A filter under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub id: i64,
    pub account: String,
    pub page: String,
    pub title: String,
    /// Text and numbers by the names of the page's address.
    pub query: Map<String, Value>,
    /// 部门: whoever shares region and institution with the owner.
    pub shared: bool,
}

impl People {
    /// A person's own views of a page and those of the department, by title.
    pub async fn views(&self, person: &Person, page: &str) -> Result<Vec<View>, PeopleError> {
        if !PAGES.contains(&page) {
            return Ok(Vec::new());
        }
        may_read(person, page)?;
        let sql = "select id, account, page, title, query, shared from saved_views \
                   where page = $1 and (account = $2 or (shared = 1 and region = $3 and institution = $4)) order by title, id";
        let house = person.institution.clone().unwrap_or_default();
        let rows = self.store.rows(sql, &[page.into(), (&person.account).into(), (&person.region).into(), house.into()]).await?;
        rows.iter().map(view).collect()
    }

    /// Keeps a filter. The same title of one's own on the same page is replaced.
    pub async fn save_view(&self, person: &Person, new: &View, origin: &str) -> Result<View, PeopleError> {
        may_read(person, &new.page)?;
        let title = new.title.trim();
        if title.is_empty() || title.chars().count() > TITLE_MAX {
            return Err(PeopleError::ViewTitle(TITLE_MAX));
        }
        let plain = new.query.values().all(|value| value.is_string() || value.is_i64());
        let query = Value::Object(new.query.clone()).to_string();
        if !PAGES.contains(&new.page.as_str()) || !plain || query.len() > QUERY_MAX {
            return Err(PeopleError::ViewForm);
        }
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let own = [(&person.account).into(), (&new.page).into()];
        let kept = change.one("select count(*) as n from saved_views where account = $1 and page = $2", &own).await?;
        let of_title = "delete from saved_views where account = $1 and page = $2 and title = $3";
        let replaced = change.run(of_title, &[(&person.account).into(), (&new.page).into(), title.into()]).await?;
        if replaced == 0 && kept.map_or(Ok(0), |row| row.int("n"))? >= VIEWS_MAX {
            return Err(PeopleError::ViewsFull(VIEWS_MAX));
        }
        let id = change.one("select coalesce(max(id), 0) + 1 as n from saved_views", &[]).await?.map_or(Ok(1), |row| row.int("n"))?;
        let house = person.institution.clone().unwrap_or_default();
        let args = [
            id.into(),
            (&person.account).into(),
            (&person.region).into(),
            house.into(),
            (&new.page).into(),
            title.into(),
            query.into(),
            new.shared.into(),
            person.at.into(),
        ];
        let sql = "insert into saved_views (id, account, region, institution, page, title, query, shared, made_at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        change.run(sql, &args).await?;
        note(&mut change, "view.save", id, json!({ "page": new.page, "shared": new.shared }));
        change.commit().await?;
        Ok(View { id, account: person.account.clone(), title: title.to_owned(), ..new.clone() })
    }

    /// Takes one of the own views away; false: there is none of this id that is one's own.
    pub async fn remove_view(&self, person: &Person, id: i64, origin: &str) -> Result<bool, PeopleError> {
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let gone = change.run("delete from saved_views where id = $1 and account = $2", &[id.into(), (&person.account).into()]).await?;
        if gone == 0 {
            return Ok(false);
        }
        note(&mut change, "view.remove", id, json!({}));
        change.commit().await?;
        Ok(true)
    }

    /// Keys of notices the person has read.
    pub async fn notices_read(&self, person: &Person) -> Result<HashSet<String>, PeopleError> {
        let rows = self.store.rows("select key from notices_read where account = $1", &[(&person.account).into()]).await?;
        Ok(rows.iter().map(|row| row.text("key")).collect::<Result<_, _>>()?)
    }

    /// Marks notices as read; what is marked already stays. Marks of long ago go.
    pub async fn read_notices(&self, person: &Person, keys: &[String], origin: &str) -> Result<(), PeopleError> {
        let keys: Vec<&String> = keys.iter().filter(|key| !key.is_empty() && key.len() <= 80).take(MARKS_MAX).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let old: Moment = person.at - MARKS_DAYS * MICROS_PER_DAY;
        change.run("delete from notices_read where account = $1 and at < $2", &[(&person.account).into(), old.into()]).await?;
        for key in &keys {
            let sql = "insert into notices_read (account, key, at) values ($1, $2, $3) on conflict (account, key) do nothing";
            change.run(sql, &[(&person.account).into(), key.as_str().into(), person.at.into()]).await?;
        }
        let detail = json!({ "count": keys.len() });
        change.note(Event { act: "notice.read", object_kind: "account", object: person.account.clone(), detail, reason: None });
        change.commit().await?;
        Ok(())
    }
}

/// What people look for in a list is business too: it is for who reads that list.
fn may_read(person: &Person, page: &str) -> Result<(), PeopleError> {
    let act = match page {
        // Second review is a list of leads too.
        "leads" | "reviews" => Act::LeadsRead,
        "recoveries" => Act::RecoveriesRead,
        _ => return Err(PeopleError::ViewForm),
    };
    Ok(allows(person, act, &Object::none())?)
}

fn note(change: &mut Change, act: &'static str, id: i64, detail: Value) {
    change.note(Event { act, object_kind: "view", object: id.to_string(), detail, reason: None });
}

fn view(row: &Row) -> Result<View, PeopleError> {
    let query = match serde_json::from_str(&row.text("query")?) {
        Ok(Value::Object(query)) => query,
        _ => Map::new(),
    };
    Ok(View {
        id: row.int("id")?,
        account: row.text("account")?,
        page: row.text("page")?,
        title: row.text("title")?,
        query,
        shared: row.int("shared")? != 0,
    })
}
