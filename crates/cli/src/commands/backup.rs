//! `mingjian backup`: a whole copy of the business store, and back.

use mingjian_store::backup::restore;

use crate::args::{Backup, BackupCommand};
use crate::errors::{Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::platform::business;
use crate::settings::Settings;

pub fn run(arguments: &Backup, context: &mut Context) -> Outcome {
    let workspace = context.workspace.clone();
    match &arguments.command {
        BackupCommand::Save { file } => {
            business::run(async { Ok(business::open_store(&workspace).await?.backup(file).await?) })?;
            context.say(format!("已备份到 {}。密钥 keys/business.key 不在里面，请另行保管", file.display()))
        }
        BackupCommand::Restore { file, anchors } => {
            let settings = Settings::load(&workspace)?;
            let url = business::url(&workspace, &settings);
            let Some(path) = url.strip_prefix("sqlite:") else {
                return Err(Failure::new("业务库在 PostgreSQL，不能用这条命令恢复").advise("用 pg_restore，然后 mingjian audit verify"));
            };
            let verdict = business::run(async { Ok(restore(file, path.as_ref(), anchors.as_deref()).await?) })?;
            context.say(format!("已恢复：日志 {} 条，链完整", count(verdict.events)))?;
            // Told now, not when nobody can sign in.
            match business::run(async { business::open(&workspace).await.map(drop) }) {
                Ok(()) => Ok(()),
                Err(failure) => context.say(format!("还不能用：{}", failure.in_a_line())),
            }
        }
    }
}
