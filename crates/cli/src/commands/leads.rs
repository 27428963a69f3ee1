//! `mingjian leads`: the newest findings as leads of the business store; the sums reconciled.

use std::sync::Arc;

use mingjian_model::Fen;

use crate::args::{Leads, LeadsCommand};
use crate::errors::{Failure, Outcome};
use crate::format::yuan;
use crate::output::Context;
use crate::platform::{WorkspaceData, business, jobs, leads};
use crate::progress::Bar;
use crate::table::{Align, Table};
use crate::workspace::{now, open_existing};

pub fn run(arguments: &Leads, context: &mut Context) -> Outcome {
    match arguments.command {
        LeadsCommand::Update => update(context),
        LeadsCommand::Check => check(context),
    }
}

fn update(context: &mut Context) -> Outcome {
    open_existing(context)?;
    let bar = Bar::new(context.progress, "更新线索", "行");
    let workspace = context.workspace.clone();
    let updated = business::run(async {
        let business = business::open(&workspace).await?;
        let data = Arc::new(WorkspaceData::new(workspace.clone(), business.office.clone()));
        let opened = data.open().map_err(|error| Failure::new(error.to_string()))?;
        let Some(book) = &opened.book else {
            return Err(Failure::new("还没有筛查过，没有疑点").advise("先执行 mingjian screen"));
        };
        let findings = book.all()?;
        leads::update(&business.office, &opened, &findings, &bar, now()).await
    })?;
    bar.clear();
    if context.json {
        return context.json_value(&serde_json::to_value(&updated)?);
    }
    context.say(jobs::in_words(&updated))?;
    context.remark("接下来：mingjian serve，在浏览器里办理");
    Ok(())
}

fn check(context: &mut Context) -> Outcome {
    let workspace = context.workspace.clone();
    let sums = business::run(async {
        let business = business::open(&workspace).await?;
        Ok(mingjian_casework::check::reconcile(&business.office).await?)
    })?;
    if context.json {
        context.json_value(&serde_json::to_value(&sums)?)?;
    } else {
        let rows = [
            ("涉及金额", sums.found_fen),
            ("认定", sums.decided_fen),
            ("申诉核减", sums.withdrawn_fen),
            ("初审排除", sums.dropped_fen),
            ("在办", sums.open_fen),
            ("应拒付", sums.refuse_due_fen),
            ("已拒付", sums.refused_fen),
            ("应追回", sums.recover_due_fen),
            ("已追回", sums.recovered_fen),
            ("减免", sums.waived_fen),
        ];
        let mut table = Table::new(&[("", Align::Left), ("元", Align::Right)]);
        for (name, fen) in rows {
            table.row([name.to_owned(), yuan(Fen(fen))]);
        }
        context.table(&table)?;
        for fault in &sums.wrong {
            context.say(fault)?;
        }
    }
    match sums.wrong.len() {
        0 if context.json => Ok(()),
        0 => context.say("逐分相符"),
        count => Err(Failure::unproved(format!("有 {count} 处金额对不上")).advise("先核对日志链：mingjian audit verify")),
    }
}
