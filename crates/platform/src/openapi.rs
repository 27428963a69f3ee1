//! OpenAPI: the description of the interface, made from the table of routes and the shapes themselves.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, ResponseBuilder};

use crate::contract::problem::Problem;
use crate::problem::CODES;
use crate::routes::{Access, Input, Output, ROOT, Route, Shape, Verb, shape};
use crate::session::COOKIE;

/// The document as pretty JSON, ending with a line break.
pub fn openapi() -> String {
    let mut document = serde_json::to_value(document(&crate::all_routes())).unwrap_or_default();
    without_nulls(&mut document);
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// A field without value is left out and never sent as null: the document says so, and generated types need not ask for null.
fn without_nulls(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        Value::Object(fields) => {
            if fields.get("default") == Some(&Value::Null) {
                fields.remove("default");
            }
            if let Some(Value::Array(kinds)) = fields.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = fields.get_mut("oneOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    fields.remove("oneOf");
                    fields.extend(only);
                }
            }
            fields.values_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

#[derive(Default)]
struct Shapes(BTreeMap<String, RefOr<Schema>>);

impl Shapes {
    /// The reference to a shape, which is kept with all it refers to.
    fn refer(&mut self, shape: Shape) -> RefOr<Schema> {
        self.0.extend(shape.others);
        let reference = Ref::from_schema_name(&shape.name);
        self.0.insert(shape.name, shape.schema);
        RefOr::Ref(reference)
    }
}

fn document(routes: &[Route]) -> OpenApi {
    let mut shapes = Shapes::default();
    let problem = shapes.refer(shape::<Problem>());
    let mut paths = Paths::new();
    for route in routes {
        let operation = operation(route, &mut shapes, &problem);
        paths.add_path_operation(format!("{ROOT}{}", route.path), vec![method(route.verb)], operation);
    }
    let codes: Vec<String> = CODES.iter().map(|(_, code, status, title)| format!("- {status} `{code}`：{title}")).collect();
    let about = format!(
        "医保基金智能监管平台的接口。字段 snake_case；金额是整数分（`…_fen`）；日期 2026-01-31，时刻 2026-01-31 08:00:00，均为北京时间。\n\n\
         除登录外，改变数据的请求要带 `X-CSRF-Token`（取自 /me）；办理类请求可带 `Idempotency-Key`，重发时只办一次。\n\n\
         错误一律是 application/problem+json，`code` 有：\n\n{}",
        codes.join("\n")
    );
    let components = ComponentsBuilder::new()
        .schemas_from_iter(shapes.0)
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE))))
        .security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-CSRF-Token"))))
        .build();
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title("明鉴 Mingjian").version("1").description(Some(about)).build())
        .paths(paths)
        .components(Some(components))
        .build()
}

fn method(verb: Verb) -> HttpMethod {
    match verb {
        Verb::Get => HttpMethod::Get,
        Verb::Post => HttpMethod::Post,
        Verb::Patch => HttpMethod::Patch,
        Verb::Delete => HttpMethod::Delete,
    }
}

fn operation(route: &Route, shapes: &mut Shapes, problem: &RefOr<Schema>) -> utoipa::openapi::path::Operation {
    let tag = route.path.trim_start_matches('/').split(['/', '.']).next().unwrap_or_default();
    let mut operation = OperationBuilder::new().tag(tag).summary(Some(route.title)).operation_id(Some(id(route)));
    for name in names(route.path) {
        operation = operation.parameter(parameter(name));
    }
    for query in route.query.into_iter().flatten().flat_map(|query| query()) {
        operation = operation.parameter(query);
    }
    let access = match route.access {
        Access::Open => None,
        Access::Own => Some("登录后可用".to_owned()),
        Access::Right(act) => Some(format!("需要权限 `{}`", act.id())),
        Access::AnyRight(acts) => {
            Some(format!("需要权限之一：{}", acts.iter().map(|act| format!("`{}`", act.id())).collect::<Vec<_>>().join("、")))
        }
    };
    if access.is_some() {
        let mut needed = SecurityRequirement::new("session", Vec::<String>::new());
        if route.verb.changes() {
            needed = needed.add("csrf", Vec::<String>::new());
        }
        operation = operation.security(needed);
    }
    let body = match route.input {
        Input::Nothing => None,
        Input::Json(shape) => Some(RequestBodyBuilder::new().content("application/json", Content::new(Some(shapes.refer(shape()))))),
        Input::File => {
            let file = ObjectBuilder::new()
                .property("file", ObjectBuilder::new().schema_type(Type::String).content_media_type("application/octet-stream"))
                .required("file");
            Some(RequestBodyBuilder::new().content("multipart/form-data", Content::new(Some(RefOr::T(Schema::from(file.build()))))))
        }
    };
    let body = body.map(|body| body.required(Some(Required::True)).build());
    let done = match route.output {
        Output::Nothing => ResponseBuilder::new().description("已办"),
        Output::Redirect => ResponseBuilder::new().description("去往 Location"),
        Output::Json(shape) => {
            ResponseBuilder::new().description("结果").content("application/json", Content::new(Some(shapes.refer(shape()))))
        }
        Output::File(kind) => {
            let bytes = ObjectBuilder::new().schema_type(Type::String).content_media_type(kind);
            ResponseBuilder::new().description("文件").content(kind, Content::new(Some(RefOr::T(Schema::from(bytes.build())))))
        }
        Output::Events(shape) => ResponseBuilder::new()
            .description("事件流，每个事件的 data 是一个对象")
            .content("text/event-stream", Content::new(Some(shapes.refer(shape())))),
    };
    let status = match route.output {
        Output::Nothing => "204",
        Output::Redirect => "303",
        _ => "200",
    };
    let failed = ResponseBuilder::new().description("没有办成").content("application/problem+json", Content::new(Some(problem.clone())));
    operation.description(access).request_body(body).response(status, done.build()).response("default", failed.build()).build()
}

/// `post_leads_id_acts_act`: stable, and what generated clients name their functions by.
fn id(route: &Route) -> String {
    let path = route.path.replace(['{', '}'], "");
    let words = path.split(['/', '.']).filter(|word| !word.is_empty());
    std::iter::once(route.verb.name().to_lowercase()).chain(words.map(str::to_owned)).collect::<Vec<_>>().join("_")
}

/// Names in braces.
pub(crate) fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}
