//! 路由: the one table of what can be asked. A route names its path, who may, what goes in and what comes out; the router, the guard, the
//! OpenAPI document and the tests are made from it, so none of them can know a route that another does not.

use std::sync::Arc;

use axum::routing::MethodRouter;
use mingjian_people::Act;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};

use crate::Platform;

/// The root of the interface.
pub const ROOT: &str = "/api/v1";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }

    /// Changes something: wants the CSRF token.
    pub fn changes(self) -> bool {
        self != Verb::Get
    }
}

/// Who may call a route. Which objects of it a person may touch is decided with the object in hand, by their scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone: log-in and the description of the interface.
    Open,
    /// Whoever is logged in, about themselves.
    Own,
    /// Whoever has the right.
    Right(Act),
    /// Whoever has one of these; the handler asks for the one that fits the object.
    AnyRight(&'static [Act]),
}

/// A JSON shape: its name, its schema and those it refers to.
pub struct Shape {
    pub name: String,
    pub schema: RefOr<Schema>,
    pub others: Vec<(String, RefOr<Schema>)>,
}

pub(crate) fn shape<T: ToSchema>() -> Shape {
    let mut others = Vec::new();
    T::schemas(&mut others);
    Shape { name: T::name().into_owned(), schema: T::schema(), others }
}

/// What goes in as body.
#[derive(Clone, Copy)]
pub enum Input {
    Nothing,
    Json(fn() -> Shape),
    /// multipart/form-data with one part `file`.
    File,
}

/// What comes out.
#[derive(Clone, Copy)]
pub enum Output {
    Nothing,
    Json(fn() -> Shape),
    /// Somewhere else to go.
    Redirect,
    /// A file of this type.
    File(&'static str),
    /// Server-sent events, each of this shape.
    Events(fn() -> Shape),
}

pub(crate) type Parameters = fn() -> Vec<Parameter>;
pub(crate) type Handler = MethodRouter<Arc<Platform>>;

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    pub verb: Verb,
    /// Below [`ROOT`], as `/leads/{id}`.
    pub path: &'static str,
    pub access: Access,
    /// What it is for, in a few Chinese words.
    pub title: &'static str,
    /// Groups of query parameters.
    pub query: [Option<Parameters>; 2],
    pub input: Input,
    pub output: Output,
    pub(crate) handler: fn() -> Handler,
}

impl Route {
    /// Whether an answer may be kept for a repeat of the request: not one that shows a password or a name.
    pub(crate) fn is_repeatable(&self) -> bool {
        let shows = ["/users", "/me", "/session"].iter().any(|path| self.path.starts_with(path)) || self.path.ends_with("/unmask");
        self.verb.changes() && !shows && !matches!(self.input, Input::File)
    }

    pub(crate) fn new(verb: Verb, path: &'static str, access: Access, title: &'static str, handler: fn() -> Handler) -> Route {
        Route { verb, path, access, title, query: [None, None], input: Input::Nothing, output: Output::Nothing, handler }
    }

    /// Parameters of the query string; twice at most.
    pub(crate) fn asks<T: IntoParams>(mut self) -> Route {
        let place = usize::from(self.query[0].is_some());
        self.query[place] = Some(|| T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    pub(crate) fn takes<T: ToSchema>(self) -> Route {
        Route { input: Input::Json(shape::<T>), ..self }
    }

    pub(crate) fn takes_file(self) -> Route {
        Route { input: Input::File, ..self }
    }

    pub(crate) fn gives<T: ToSchema>(self) -> Route {
        Route { output: Output::Json(shape::<T>), ..self }
    }

    pub(crate) fn redirects(self) -> Route {
        Route { output: Output::Redirect, ..self }
    }

    pub(crate) fn gives_file(self, kind: &'static str) -> Route {
        Route { output: Output::File(kind), ..self }
    }

    pub(crate) fn gives_events<T: ToSchema>(self) -> Route {
        Route { output: Output::Events(shape::<T>), ..self }
    }
}
