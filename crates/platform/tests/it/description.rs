//! The description of the interface and the table of routes are one.

use std::collections::BTreeSet;

use mingjian_platform::all_routes;

use crate::schema::Document;

#[test]
fn every_route_is_described_and_nothing_else() {
    let document: serde_json::Value = serde_json::from_str(&mingjian_platform::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in item.as_object().unwrap().keys().filter(|key| ["get", "post", "patch", "delete", "put"].contains(&key.as_str())) {
            described.insert(format!("{} {path}", verb.to_uppercase()));
        }
    }
    let routes: BTreeSet<String> = all_routes().iter().map(|route| format!("{} /api/v1{}", route.verb.name(), route.path)).collect();
    assert_eq!(described, routes);
    assert!(routes.len() > 40);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = Document::read();
    let mut names = BTreeSet::new();
    for route in all_routes() {
        let operation = document.operation(route.verb.name(), route.path).unwrap();
        assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{}", route.path);
    }
}

#[test]
fn nothing_is_promised_to_be_null() {
    let text = mingjian_platform::openapi();
    assert!(!text.contains("\"null\""), "{text}");
}

#[test]
fn every_reference_leads_somewhere() {
    let text = mingjian_platform::openapi();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

/// The pages' client is generated from the committed document: a change of the interface and the client go together.
#[test]
fn the_committed_document_is_this_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/openapi.json");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == mingjian_platform::openapi(), "{} is out of date: run `make client` and commit web/", path.display());
}

/// Lists of words that stand in another crate's tables, held against them.
#[test]
fn words_are_those_that_are_used() {
    let document: serde_json::Value = serde_json::from_str(&mingjian_platform::openapi()).unwrap();
    let words = |name: &str| -> Vec<String> {
        let listed = document["components"]["schemas"][name]["enum"].as_array().unwrap_or_else(|| panic!("{name}"));
        listed.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words("RoleId"), mingjian_people::Role::ALL.map(|role| role.id().to_owned()));
    let needs: BTreeSet<&str> = mingjian_casework::way::table::WAY.iter().flat_map(|row| row.needs).map(|need| need.id()).collect();
    assert_eq!(words("Need").iter().map(String::as_str).collect::<BTreeSet<_>>(), needs);
}
