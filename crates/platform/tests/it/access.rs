//! Every route × every role × in scope and out of it.

use mingjian_casework::way::Act as Step;
use mingjian_people::policy::TABLE;
use mingjian_people::{Act, Role};
use mingjian_platform::all_routes;
use mingjian_platform::routes::{Access, Input, Route};
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::world::World;

fn holds(role: Role, act: Act) -> bool {
    TABLE.iter().any(|(listed, roles)| *listed == act && roles.contains(&role))
}

/// The path with what stands in braces filled in.
fn path(route: &Route, lead: &str, finding: &str, institution: &str, step: &str) -> String {
    let id = match route.path {
        path if path.starts_with("/findings") => finding,
        path if path.starts_with("/rules") => "L014",
        path if path.starts_with("/leads") => lead,
        _ => "none",
    };
    route
        .path
        .replace("{id}", id)
        .replace("{account}", "legal")
        .replace("{code}", institution)
        .replace("{table}", "nursing_levels")
        .replace("{act}", step)
        .replace("{step}", "accept")
}

async fn ask(client: &mut Client, route: &Route, path: &str) -> Answer {
    match route.input {
        Input::File => client.upload(path, "a.pdf", b"%PDF-1.7 made up").await,
        Input::Json(_) => client.call(route.verb.name(), path, json!({ "version": 1, "kind": "none", "reason": "核对身份信息" })).await,
        Input::Nothing => client.call(route.verb.name(), path, Value::Null).await,
    }
}

pub async fn nobody_gets_in_without_logging_in() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let open: Vec<&str> = all_routes().iter().filter(|route| route.access == Access::Open).map(|route| route.path).collect();
    assert_eq!(open, ["/openapi.json", "/session", "/session/oidc", "/session/oidc/back", "/session"]);
    for route in all_routes().iter().filter(|route| route.access != Access::Open) {
        let answer = ask(&mut world.browser(), route, &path(route, &lead, "F1", "H1", "take")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "unauthenticated"), "{} {}", route.verb.name(), route.path);
    }
}

pub async fn a_role_gets_where_its_rights_lead_and_nowhere_else() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut walked = 0;
    for role in Role::ALL {
        let mut client = world.signed_in(role, false).await;
        for route in all_routes() {
            let rights: &[Act] = match &route.access {
                Access::Open | Access::Own => continue,
                Access::Right(act) => &[*act],
                Access::AnyRight(acts) => acts,
            };
            let may = rights.iter().any(|act| holds(role, *act));
            let answer = ask(&mut client, &route, &path(&route, &lead, "F1", "H1", "none")).await;
            let told = format!("{role:?} {} {}: {}", route.verb.name(), route.path, answer.status);
            if may {
                // Of several rights the act may need the one that is not there; that is told with its holders.
                let other = rights.len() > 1 && answer.status == 403;
                assert!(other || !matches!(answer.status.as_u16(), 401 | 403), "{told}");
            } else {
                assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "forbidden"), "{told}");
            }
            walked += 1;
        }
    }
    assert!(walked > 600, "{walked}");
}

/// Routes of one object, with the object's kind.
fn of_one(route: &Route) -> bool {
    let kinds = [
        "/leads/{id}",
        "/findings/{id}",
        "/recoveries/{id}",
        "/attachments/{id}",
        "/campaigns/{id}",
        "/institutions/{code}",
        "/doctors/{code}",
        "/persons/{code}",
        "/exports/{id}",
    ];
    kinds.iter().any(|kind| route.path.starts_with(kind))
}

pub async fn what_lies_out_of_scope_is_not_there() {
    let world = World::new().await;
    // Everything there is at H1: a lead told to it, a file on it, money due, a campaign.
    let (lead, file, recovery, campaign) = crate::way::full(&world).await;
    let export = crate::exports::asked(&mut world.signed_in(Role::Auditor, false).await, true).await["id"].as_str().unwrap().to_owned();
    let mut walked = 0;
    for role in Role::ALL {
        let mut client = world.signed_in(role, true).await;
        for route in all_routes().into_iter().filter(of_one) {
            let fill = |lead: &str, file: &str, recovery: &str, campaign: &str, export: &str, finding: &str, institution: &str| {
                let id = match route.path {
                    path if path.starts_with("/attachments") => file,
                    path if path.starts_with("/recoveries") => recovery,
                    path if path.starts_with("/campaigns") => campaign,
                    path if path.starts_with("/exports") => export,
                    path if path.starts_with("/findings") => finding,
                    _ => lead,
                };
                route.path.replace("{id}", id).replace("{code}", institution).replace("{act}", "note").replace("{step}", "accept")
            };
            let real = ask(&mut client, &route, &fill(&lead, &file, &recovery, &campaign, &export, "F1", "H1")).await;
            let none =
                ask(&mut client, &route, &fill("XS2026-999999", "none", "ZH2026-999999", "ZC2026-999999", "DC2026-999999", "F99", "H99"))
                    .await;
            let told = format!("{role:?} {} {}: {} and {}", route.verb.name(), route.path, real.status, none.status);
            // 409 and 422 speak of what was asked, before anything was looked at.
            assert!(matches!(real.status.as_u16(), 403 | 404 | 409 | 422), "{told}");
            // Not there and not yours look the same, to the letter.
            assert_eq!((real.status, real.json()), (none.status, none.json()), "{told}");
            walked += 1;
        }
    }
    assert!(walked > 150, "{walked}");
}

pub async fn no_act_reaches_a_lead_of_elsewhere() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    for role in Role::ALL {
        let mut client = world.signed_in(role, true).await;
        for step in Step::ALL {
            let answer = client.post(&format!("/leads/{lead}/acts/{}", step.id()), json!({ "version": 1 })).await;
            assert!(matches!(answer.status.as_u16(), 403 | 404), "{role:?} {step:?} {}", answer.status);
            // An act on several leads at once, as merging is, may also be refused as a whole.
            let many = client.post(&format!("/leads/acts/{}", step.id()), json!({ "ids": [lead], "reason": "other", "text": "x" })).await;
            assert!(many.status.is_client_error() || many.json()["done"] == 0, "{role:?} {step:?} {}", many.status);
            let all = client.post(&format!("/leads/acts/{}", step.id()), json!({ "filter": { "institution": "H1" } })).await;
            assert!(all.status.is_client_error() || all.json()["done"] == 0, "{role:?} {step:?} {}", all.status);
        }
    }
    let row = world.store.one("select version, status from leads where id = $1", &[lead.into()]).await.unwrap().unwrap();
    assert_eq!((row.int("version").unwrap(), row.text("status").unwrap().as_str()), (1, "new"));
}

pub async fn lists_counts_and_exports_stay_within_the_scope() {
    let world = World::new().await;
    for (role, away, total, sum) in [
        (Role::Auditor, false, 3, 205_000),
        (Role::Auditor, true, 1, 70_000),
        (Role::Director, false, 3, 205_000),
        // Nothing was told to it yet.
        (Role::Institution, false, 0, 0),
        // Sees what it is given, and was given nothing.
        (Role::Expert, false, 0, 0),
        (Role::Outside, true, 0, 0),
    ] {
        let mut client = world.signed_in(role, away).await;
        for query in ["", "?q=远方", "?institution=H9", "?sort=due", "?q=P1", "?rule=L014&status=new"] {
            let page = client.get(&format!("/leads{query}")).await.expect(200).json();
            let regions: Vec<&str> =
                page["items"].as_array().unwrap().iter().filter_map(|lead| lead["institution"]["region"].as_str()).collect();
            let own = if away { "44" } else { "33" };
            assert!(regions.iter().all(|region| region.starts_with(own)), "{role:?} {query} {regions:?}");
            if query.is_empty() {
                assert_eq!((page["total"].as_i64(), page["sum_amount_fen"].as_i64()), (Some(total), Some(sum)), "{role:?}");
            }
        }
        if let Ok(text) = String::from_utf8(client.get("/leads.csv?reason=%E5%AF%B9%E8%B4%A6%E6%A0%B8%E5%AF%B9").await.bytes) {
            assert!(away || !text.contains("远方"), "{role:?}");
        }
    }
    // Money without leads: who keeps the books sees no lead on the workbench.
    let bench = world.signed_in(Role::Finance, false).await.get("/workbench").await.expect(200).json();
    assert_eq!(bench["first"], json!([]));
}

pub async fn nobody_raises_themselves() {
    let world = World::new().await;
    let raise = json!({ "version": 1, "roles": ["supervisor"], "region": "33" });
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Secadmin) {
        let mut client = world.signed_in(role, false).await;
        assert_eq!(client.call("PATCH", &format!("/users/{}", role.id()), raise.clone()).await.status, 403, "{role:?}");
        let new = json!({ "account": "eve", "name": "夏娃", "roles": ["director"], "region": "33" });
        assert_eq!(client.post("/users", new).await.status, 403, "{role:?}");
    }
    let mut admin = world.signed_in(Role::Secadmin, false).await;
    assert_eq!(admin.call("PATCH", "/users/secadmin", raise).await.expect(403).code(), "own_account");
    // What the role is comes from the store, whatever is sent along.
    let mut client = world.signed_in(Role::Institution, false).await;
    let request = client.request("GET", "/api/v1/users").header("x-role", "secadmin").header("x-forwarded-user", "secadmin");
    let request = request.body(axum::body::Body::empty()).unwrap();
    client.send(request).await.expect(403);
}

pub async fn what_is_taken_from_an_account_holds_at_once() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    client.get("/leads").await.expect(200);
    let mut admin = world.signed_in(Role::Secadmin, false).await;
    let list = admin.get("/users?q=auditor").await.expect(200).json();
    let version = list["items"].as_array().unwrap().iter().find(|user| user["account"] == "auditor").unwrap()["version"].clone();
    admin.call("PATCH", "/users/auditor", json!({ "version": version, "roles": ["rule_author"] })).await.expect(200);
    client.get("/leads").await.expect(403);
    let stale = admin.call("PATCH", "/users/auditor", json!({ "version": version, "disabled": true })).await.expect(409).json();
    assert_eq!((stale["code"].as_str(), stale["current"]["account"].as_str()), (Some("conflict"), Some("auditor")));
    admin.call("PATCH", "/users/auditor", json!({ "version": stale["current"]["version"], "disabled": true })).await.expect(200);
    client.get("/me").await.expect(401);
}
