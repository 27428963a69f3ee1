//! The condition of SQL and the judge say the same of every lead.

use mingjian_people::{Act, Columns, Object, Person, Role, Scopes, accounts, allows, scope_sql, scope_sql_for};
use mingjian_store::{Arg, Event};

use crate::{NINE, Town, cli};

const REGIONS: [&str; 8] = ["330902", "330903", "3309", "330100", "331000", "990001", "33090a", ""];
const INSTITUTIONS: [&str; 4] = ["H1", "H2", "h1", ""];

pub async fn the_condition_is_the_judge(town: Town) {
    town.add("zhoujg", &[Role::Expert], &[]).await;
    let mut change = town.store.begin(&cli()).await.unwrap();
    change.run("create table probe (id text primary key, region text not null, institution text not null)", &[]).await.unwrap();
    let mut leads = Vec::new();
    for region in REGIONS {
        for institution in INSTITUTIONS {
            let id = format!("L{}", leads.len());
            change.run("insert into probe values ($1, $2, $3)", &[(&id).into(), region.into(), institution.into()]).await.unwrap();
            leads.push((id, region, institution));
        }
    }
    for (lead, ends) in [("L3", None), ("L7", Some(NINE + 1)), ("L9", Some(NINE)), ("L31", None)] {
        accounts::grant_lead(&mut change, "zhoujg", lead, ends).await.unwrap();
    }
    change.note(Event { act: "probe", object_kind: "probe", object: "probe".into(), detail: serde_json::json!({}), reason: None });
    change.commit().await.unwrap();

    let granted = town.people.person("zhoujg", NINE).await.unwrap().unwrap().scopes.leads;
    assert_eq!(granted, ["L3", "L31", "L7"], "what ran out at this moment is over");
    let of = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let scopes = [
        Scopes::default(),
        Scopes { regions: of(&["3309"]), institutions: of(&["H1"]), leads: granted.clone() },
        Scopes { regions: of(&["330902", "3310"]), institutions: of(&["H1", "H2"]), leads: vec![] },
        Scopes { regions: of(&["99", ""]), institutions: of(&[""]), leads: granted.clone() },
        Scopes { regions: of(&["33"]), institutions: vec![], leads: granted.clone() },
    ];
    let mut seen = 0;
    for scopes in &scopes {
        for roles in Role::ALL.map(|role| vec![role]).into_iter().chain([vec![Role::Reviewer, Role::Expert], vec![]]) {
            let person = Person {
                account: "zhoujg".into(),
                name: String::new(),
                roles,
                region: String::new(),
                institution: None,
                scopes: scopes.clone(),
                at: NINE,
                must: None,
                totp: false,
            };
            for act in [Act::LeadsRead, Act::RecoveriesRead, Act::PanelVote, Act::LeadsReply, Act::UsersRead] {
                let wanted: Vec<&str> = leads
                    .iter()
                    .filter(|(id, region, institution)| allows(&person, act, &Object::lead(id, region, institution)).is_ok())
                    .map(|(id, ..)| id.as_str())
                    .collect();
                // Behind another argument, and over columns without the name of a table.
                let (condition, args) = scope_sql_for(&person, act, &Columns::BARE, 2);
                let sql = format!("select id from probe where id <> $1 and {condition} order by length(id), id");
                let args: Vec<Arg> = [vec!["".into()], args].concat();
                assert_eq!(found(&town, &sql, &args).await, wanted, "{:?} {} {scopes:?}", person.roles, act.id());
                seen += wanted.len();
            }
            let (condition, args) = scope_sql(&person);
            let sql = format!("with leads as (select * from probe) select leads.id as id from leads where {condition} or 1 = 0");
            let visible = |(id, region, institution): &&(String, &str, &str)| {
                allows(&person, Act::LeadsRead, &Object::lead(id, region, institution)).is_ok()
            };
            assert_eq!(found(&town, &sql, &args).await.len(), leads.iter().filter(visible).count());
        }
    }
    assert!(seen > 500, "the comparison is of something: {seen}");
}

async fn found(town: &Town, sql: &str, args: &[Arg]) -> Vec<String> {
    town.store.rows(sql, args).await.unwrap().iter().map(|row| row.text("id").unwrap()).collect()
}
