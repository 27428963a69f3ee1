//! Holds answers against the OpenAPI document: every field that is sent is described, every field that is promised is sent.

use serde_json::Value;

pub struct Document(Value);

impl Document {
    pub fn read() -> Document {
        Document(serde_json::from_str(&mingjian_platform::openapi()).unwrap())
    }

    pub fn operation(&self, verb: &str, path: &str) -> Option<&Value> {
        self.0["paths"].get(format!("/api/v1{path}"))?.get(verb.to_lowercase())
    }

    /// Panics where the answer is not of the shape the document promises.
    pub fn holds(&self, verb: &str, path: &str, answer: &Value) {
        let operation = self.operation(verb, path).unwrap_or_else(|| panic!("{verb} {path} is not in the document"));
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{verb} {path} promises no JSON");
        if let Err(wrong) = self.fits(schema, answer, "") {
            panic!("{verb} {path}: {wrong}");
        }
    }

    fn fits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            let schema = self.0["components"]["schemas"].get(name).ok_or(format!("{at}: no schema {name}"))?;
            return self.fits(schema, value, at);
        }
        if let Some(any) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let wrong: Vec<String> = any.iter().filter_map(|one| self.fits(one, value, at).err()).collect();
            return if wrong.len() < any.len() { Ok(()) } else { Err(wrong.join(" | ")) };
        }
        if schema["allOf"].is_array() {
            let (properties, required) = self.flat(schema);
            return self.object(&properties, &required, value, at, schema);
        }
        if let Some(words) = schema["enum"].as_array() {
            return if words.contains(value) { Ok(()) } else { Err(format!("{at}: {value} is none of {words:?}")) };
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return Ok(()),
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let fits = kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number");
        if !fits {
            return Err(format!("{at}: {kind} where {kinds:?} is promised"));
        }
        match value {
            Value::Array(items) => {
                let one = &schema["items"];
                items.iter().enumerate().try_for_each(|(i, item)| self.fits(one, item, &format!("{at}[{i}]")))
            }
            Value::Object(_) if schema["properties"].is_object() => {
                let (properties, required) = self.flat(schema);
                self.object(&properties, &required, value, at, schema)
            }
            _ => Ok(()),
        }
    }

    fn object(&self, properties: &[(String, Value)], required: &[String], value: &Value, at: &str, schema: &Value) -> Result<(), String> {
        let fields = value.as_object().ok_or(format!("{at}: not an object"))?;
        for name in required {
            if !fields.contains_key(name) {
                return Err(format!("{at}.{name} is promised and not sent"));
            }
        }
        for (name, field) in fields {
            match properties.iter().find(|(known, _)| known == name) {
                Some((_, schema)) => self.fits(schema, field, &format!("{at}.{name}"))?,
                None if schema["additionalProperties"].is_object() => {}
                None => return Err(format!("{at}.{name} is sent and not described")),
            }
        }
        Ok(())
    }

    /// Properties and required names of an object, those of all its parts together.
    fn flat(&self, schema: &Value) -> (Vec<(String, Value)>, Vec<String>) {
        let (mut properties, mut required) = (Vec::new(), Vec::new());
        if let Some(name) = schema["$ref"].as_str() {
            return self.flat(&self.0["components"]["schemas"][name.rsplit('/').next().unwrap()]);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (more, needed) = self.flat(part);
            properties.extend(more);
            required.extend(needed);
        }
        for (name, one) in schema["properties"].as_object().into_iter().flatten() {
            properties.push((name.clone(), one.clone()));
        }
        required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        (properties, required)
    }
}
