//! `mingjian users`: the first administrators, the cast of a demonstration.

use mingjian_people::{Demo, First, Role, Settings, create_demo, create_first, password};
use serde_json::json;

use crate::args::{Users, UsersCommand};
use crate::errors::Outcome;
use crate::output::Context;
use crate::platform::{WorkspaceData, business};
use crate::table::{Align, Table};

pub fn run(arguments: &Users, context: &mut Context) -> Outcome {
    match &arguments.command {
        UsersCommand::First => first(context),
        UsersCommand::Demo { password } => demo(password.as_deref(), context),
    }
}

/// The three administrators with passwords that hold once.
fn first(context: &mut Context) -> Outcome {
    let workspace = context.workspace.clone();
    let made = business::run(async {
        let business = business::open(&workspace).await?;
        let region = region(&workspace, &business).unwrap_or_default();
        let mut made = Vec::new();
        let mut firsts = Vec::new();
        for (account, role) in [("sysadmin", Role::Sysadmin), ("secadmin", Role::Secadmin), ("auditadmin", Role::Auditadmin)] {
            let (clear, hashed) = password::one_time(&Settings::default())?;
            let name = role.title().to_owned();
            firsts.push(First { account: account.to_owned(), name, role, region: region.clone(), password: hashed });
            made.push((account, role.title(), clear));
        }
        create_first(&business.store, &business.sealer, &firsts, &business::operator()).await?;
        Ok(made)
    })?;
    let mut table = Table::new(&[("账号", Align::Left), ("角色", Align::Left), ("一次性口令", Align::Left)]);
    for (account, role, clear) in made {
        table.row([account.to_owned(), role.to_owned(), clear]);
    }
    context.table(&table)?;
    context.remark("口令只显示这一次，首次登录须改。其他用户由安全管理员在网页上建");
    Ok(())
}

/// One account a role, of the city in the workspace.
fn demo(asked: Option<&str>, context: &mut Context) -> Outcome {
    let workspace = context.workspace.clone();
    let (cast, clear) = business::run(async {
        let business = business::open(&workspace).await?;
        let settings = Settings::default();
        let (clear, hashed) = match asked {
            Some(asked) => (asked.to_owned(), password::hash("演示", asked, &settings)?),
            None => password::one_time(&settings)?,
        };
        let institutions = busiest(&business).await?;
        let region = region(&workspace, &business).unwrap_or_default();
        let demo = Demo { region: &region, institutions: &institutions, password: &hashed };
        Ok((create_demo(&business.store, &business.sealer, &demo, &business::operator()).await?, clear))
    })?;
    if context.json {
        let cast: Vec<_> = cast
            .iter()
            .map(|one| json!({ "account": one.account, "name": one.name, "role": one.role.id(), "institution": one.institution }))
            .collect();
        return context.json_value(&json!({ "password": clear, "accounts": cast }));
    }
    let mut table = Table::new(&[("账号", Align::Left), ("姓名（虚构）", Align::Left), ("角色", Align::Left), ("机构", Align::Left)]);
    for one in &cast {
        table.row([one.account.clone(), one.name.clone(), one.role.title().to_owned(), one.institution.clone().unwrap_or_default()]);
    }
    context.table(&table)?;
    context.say(format!("口令都是 {clear}"))?;
    context.remark("演示用户人人知道口令，不能用在有真实数据的库里");
    Ok(())
}

/// The institutions with most leads: they have something to answer.
async fn busiest(business: &business::Business) -> Outcome<Vec<String>> {
    let sql = "select institution, count(*) as leads from leads where institution <> '' group by institution order by 2 desc, 1 limit 3";
    let rows = business.store.rows(sql, &[]).await?;
    Ok(rows.iter().map(|row| row.text("institution")).collect::<Result<_, _>>()?)
}

/// 统筹区 of the workspace: what the codes of its institutions' regions have in common.
fn region(workspace: &std::path::Path, business: &business::Business) -> Option<String> {
    let data = WorkspaceData::new(workspace.to_path_buf(), business.office.clone());
    let opened = data.open().ok()?;
    opened.peers.common_region()
}
