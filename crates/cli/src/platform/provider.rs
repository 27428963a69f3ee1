//! 单点登录: the identity provider of the settings, and the HTTP client it is asked with.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use mingjian_people::{Role, may_come_by_itself};
use mingjian_platform::oidc::{ANSWER_MAX, Got, Oidc, OidcSettings, Secret, Sent, Transport, form, is_safe};

use crate::errors::{During, Failure, Outcome};
use crate::settings::OidcSection;

/// The provider answers within this time, or the log-in says that it did not.
const PATIENCE: Duration = Duration::from_secs(10);
const DOCS: &str = "可写的设置见 docs/configuration.md";

/// The provider, where the settings name one.
pub fn of(section: Option<&OidcSection>, workspace: &Path) -> Outcome<Option<Oidc>> {
    let Some(section) = section else { return Ok(None) };
    let settings = settings(section, secret(section, workspace)?)?;
    Ok(Some(Oidc::new(settings, Box::new(Client::new()?))))
}

fn wrong(why: String) -> Failure {
    Failure::new(format!("设置 mingjian.toml 的 [people.oidc] {why}")).advise(DOCS)
}

fn settings(section: &OidcSection, client_secret: Option<Secret>) -> Outcome<OidcSettings> {
    for (name, value) in [("issuer", &section.issuer), ("client_id", &section.client_id), ("address", &section.address)] {
        if value.trim().is_empty() {
            return Err(wrong(format!("缺 {name}")));
        }
    }
    for (name, address) in [("issuer", &section.issuer), ("address", &section.address)] {
        if !is_safe(address, address) {
            return Err(wrong(format!("{name} 要以 https:// 开头（本机试用可以是 http://127.0.0.1），写的是 {address}")));
        }
    }
    let makes = match &section.makes {
        None => None,
        Some(id) => {
            let role = Role::from_id(id).ok_or_else(|| wrong(format!("makes 里没有角色 {id}")))?;
            if !may_come_by_itself(role) {
                return Err(wrong(format!("makes 只能是不看业务数据、也不是三员的角色，{}不行", role.title())));
            }
            Some(role)
        }
    };
    if !(0..=600).contains(&section.skew_seconds) {
        return Err(wrong(format!("skew_seconds 要在 0 到 600 之间，写的是 {}", section.skew_seconds)));
    }
    let scopes = section.scopes.clone();
    if !scopes.split_whitespace().any(|scope| scope == "openid") {
        return Err(wrong("scopes 要有 openid".to_owned()));
    }
    Ok(OidcSettings {
        issuer: section.issuer.clone(),
        client_id: section.client_id.clone(),
        client_secret,
        address: section.address.trim_end_matches('/').to_owned(),
        title: section.title.clone(),
        scopes,
        claim: section.claim.clone(),
        acr: section.acr.clone(),
        amr: section.amr.clone(),
        skew_seconds: section.skew_seconds,
        makes,
    })
}

/// The client's secret, from the environment or a file: it stands in no settings that are shown around.
fn secret(section: &OidcSection, workspace: &Path) -> Outcome<Option<Secret>> {
    let text = match (&section.secret_env, &section.secret_file) {
        (Some(_), Some(_)) => return Err(wrong("secret_env 和 secret_file 只写一个".to_owned())),
        (Some(name), None) => std::env::var(name).map_err(|_| wrong(format!("secret_env 说的环境变量 {name} 没有")))?,
        (None, Some(path)) => {
            let path = workspace.join(path);
            std::fs::read_to_string(&path).during(|| format!("读不成单点登录的密钥 {}", path.display()))?
        }
        (None, None) => return Ok(None),
    };
    let text = text.trim().to_owned();
    if text.is_empty() { Err(wrong("密钥是空的".to_owned())) } else { Ok(Some(Secret(text))) }
}

/// HTTP with the TLS and the certificates of the system that the rest of the program uses.
struct Client(reqwest::Client);

impl Client {
    fn new() -> Outcome<Client> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            // An answer that sends elsewhere is no answer: a secret must not follow it.
            .redirect(reqwest::redirect::Policy::none())
            // Providers stand in the bureau's own network, where proxies to the outside have no business.
            .no_proxy()
            .build();
        Ok(Client(client.map_err(|error| Failure::new(format!("起不了单点登录的连接：{error}")))?))
    }

    async fn answer(&self, sent: Sent) -> Result<Got, String> {
        let mut request = match &sent.form {
            None => self.0.get(&sent.url),
            Some(fields) => self.0.post(&sent.url).header("content-type", "application/x-www-form-urlencoded").body(form(fields)),
        };
        request = request.header("accept", "application/json");
        if let Some(authorization) = &sent.authorization {
            request = request.header("authorization", authorization);
        }
        let mut response = request.send().await.map_err(|error| chain(&error))?;
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        while let Some(piece) = response.chunk().await.map_err(|error| chain(&error))? {
            if body.len() + piece.len() > ANSWER_MAX {
                return Err(format!("{} 的应答太长", sent.url));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Got { status, body })
    }
}

impl Transport for Client {
    fn send(&self, sent: Sent) -> Pin<Box<dyn Future<Output = Result<Got, String>> + Send + '_>> {
        Box::pin(self.answer(sent))
    }
}

/// The error with its causes: which of name, connection or certificate it was.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        text.push('：');
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(more: &str) -> OidcSection {
        let base = "issuer = \"https://id.example.cn\"\nclient_id = \"mingjian\"\naddress = \"https://jg.example.cn/\"\n";
        toml::from_str(&format!("{base}{more}")).unwrap()
    }

    #[test]
    fn a_provider_is_set() {
        let set = settings(&section("makes = \"rule_author\"\namr = [\"otp\"]"), None).unwrap();
        assert_eq!(
            (set.address.as_str(), set.claim.as_str(), set.makes),
            ("https://jg.example.cn", "preferred_username", Some(Role::RuleAuthor))
        );
        let why = |more: &str| settings(&section(more), None).unwrap_err().render();
        assert!(why("makes = \"auditor\"").contains("稽核员不行"));
        assert!(why("makes = \"secadmin\"").contains("安全管理员不行"));
        assert!(why("makes = \"boss\"").contains("没有角色 boss"));
        assert!(why("scopes = \"profile\"").contains("openid"));
        let plain: OidcSection =
            toml::from_str("issuer = \"http://id.example.cn\"\nclient_id = \"m\"\naddress = \"https://x.cn\"").unwrap();
        assert!(settings(&plain, None).unwrap_err().render().contains("https://"));
        assert!(settings(&OidcSection::default(), None).unwrap_err().render().contains("缺 issuer"));
    }

    #[test]
    fn the_secret_stands_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("oidc.secret"), "hush\n").unwrap();
        let read = |more: &str| secret(&section(more), folder.path());
        assert_eq!(read("secret_file = \"oidc.secret\"").unwrap().map(|secret| secret.0).as_deref(), Some("hush"));
        assert!(read("").unwrap().is_none());
        assert!(read("secret_file = \"none\"").is_err());
        assert!(read("secret_env = \"MINGJIAN_NO_SUCH\"").is_err());
        assert!(read("secret_env = \"A\"\nsecret_file = \"oidc.secret\"").is_err());
    }
}
