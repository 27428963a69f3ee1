//! `mingjian audit`: is the trail whole, and where does it stand.

use mingjian_model::day::format_moment;
use mingjian_store::audit;
use serde_json::json;

use crate::args::{Audit, AuditCommand};
use crate::errors::{Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::platform::business;

pub fn run(arguments: &Audit, context: &mut Context) -> Outcome {
    let workspace = context.workspace.clone();
    match &arguments.command {
        AuditCommand::Verify { anchors } => {
            let verdict = business::run(async {
                let store = business::open_store(&workspace).await?;
                Ok(audit::verify(&store, anchors.as_deref()).await?)
            })?;
            if context.json {
                let broken = verdict.broken.as_ref().map(ToString::to_string);
                context
                    .json_value(&json!({ "events": verdict.events, "head": verdict.head, "anchors": verdict.anchors, "broken": broken }))?;
            }
            match verdict.broken {
                Some(broken) => Err(Failure::unproved(broken.to_string())
                    .advise("业务库被人动过：先停止服务，留存现状，用最近的备份恢复后比对；请告知纪检")),
                None if context.json => Ok(()),
                None => context.say(format!(
                    "日志链完整：{} 条，对过 {} 个锚点，链尾 {}",
                    count(verdict.events),
                    count(verdict.anchors),
                    verdict.head.get(..16).unwrap_or_default()
                )),
            }
        }
        AuditCommand::Anchor { out } => {
            let anchor = business::run(async {
                let store = business::open_store(&workspace).await?;
                Ok(audit::anchor(&store, &business::operator(), Some(out)).await?)
            })?;
            context.say(format!("锚点：第 {} 条，{}，{}", anchor.seq, format_moment(anchor.at), anchor.hash))
        }
    }
}
