//! 3101 and 3102: judged on a thread of the pool, as long as the deadline allows.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mingjian_counter::{Effort, Level, Reminder, Request, Scene};
use mingjian_engine::program::stage;
use tokio::sync::oneshot;

use crate::access::Caller;
use crate::call::{Call, Refusal};
use crate::days::Went;
use crate::service::Service;
use crate::wire::answer::{Output, Reply};
use crate::wire::fsi::is_national;
use crate::wire::{Data, Envelope};

/// What a call is told.
#[derive(Default)]
struct Told {
    told: Vec<(Reminder, Level)>,
    untold: usize,
    remarks: Vec<String>,
    outcome: &'static str,
    /// How long it waited, how long it was judged.
    times: Option<(Duration, Duration)>,
}

impl Told {
    fn nothing(outcome: &'static str, why: impl Into<String>) -> Told {
        Told { remarks: vec![why.into()], outcome, ..Told::default() }
    }
}

/// An answer, and whether it is worth keeping for a call sent again: one that was not judged is judged then.
pub(crate) struct Judged {
    pub reply: Reply<Output>,
    pub keep: bool,
}

pub(crate) async fn judge(
    service: &Arc<Service>,
    call: &mut Call,
    caller: &Caller,
    infno: &str,
    envelope: Envelope,
) -> Result<Judged, Refusal> {
    let (vendor, said) = (envelope.vendor.0.clone(), envelope.institution.0.clone());
    let institution = caller.institution(&said).map_err(|why| Refusal::new("forbidden", why))?;
    call.by(&institution, &vendor, &envelope.msgid.0);
    let mut unknown = envelope.others.clone();
    let data = envelope.into_data();
    unknown.extend(data.others.iter().cloned());
    let shape = understood(service, infno, &vendor, &data, unknown)?;
    let task = data.task.0;
    let scene = Scene::parse(&data.scene.0);
    let request = Request {
        stage: scene.map_or(if infno == "3102" { stage::DURING } else { stage::BEFORE }, Scene::stage),
        rule_ids: data.rules.0.into_iter().map(|text| text.0).collect(),
        institution: institution.clone(),
        patients: data.patients.0.into_iter().map(|patient| patient.neutral(&institution)).collect(),
    };
    speaks_for_visits(caller, &request)?;
    call.record.patients = request.patients.len();
    call.record.lines = request.patients.iter().flat_map(|patient| &patient.encounters).map(|encounter| encounter.orders.len()).sum();
    call.stages.end("read");
    let told = if call.is_limited(service, caller, &institution) {
        service.metrics.limited.fetch_add(1, Ordering::Relaxed);
        Told::nothing("limited", "调用超过本机构的限额，本次未审核，按无提醒处理；请降低调用频率，或向医保经办机构申请提高")
    } else {
        in_pool(service, call, request).await
    };
    if let Some((waited, judged)) = told.times {
        call.stages.passed("queue", waited);
        call.stages.passed("judge", judged);
    }
    call.record.hits = told.told.len();
    call.record.untold = told.untold;
    call.record.outcome = told.outcome;
    service.metrics.reminders.fetch_add(told.told.len() as u64, Ordering::Relaxed);
    let took = call.stages.begun().elapsed();
    service.callers.judged(&institution, &vendor, told.told.len(), took);
    let went = Went { at: call.came, institution: &institution, vendor: &vendor, call: call.record.call, outcome: told.outcome, took };
    service.days.judged(&went, told.told.iter().map(|(reminder, _)| reminder.rule_id.as_str()));
    let mut output = Output::of(&told.told, &task, service.options.national_rule_ids);
    let sealed_for = caller.answers_for(&institution);
    for result in &mut output.result {
        result.jr_id = service.options.seal.close(sealed_for, &result.jr_id);
    }
    let mut reply = Reply::new(service.refmsgid(&call.area, call.came), call.came, (service.clock)(), output);
    reply.warn_msg = told.remarks.into_iter().chain(shape).collect::<Vec<_>>().join("；");
    Ok(Judged { reply, keep: told.outcome == "ok" })
}

async fn in_pool(service: &Arc<Service>, call: &Call, request: Request) -> Told {
    let (send, receive) = oneshot::channel::<Told>();
    let (desk, light, begun, came) = (service.desk.clone(), service.metrics.light.clone(), call.stages.begun(), call.came);
    // A call that has waited for two thirds of its time no longer reads history.
    let spare = service.options.deadline * 2 / 3;
    let queued = Instant::now();
    let submitted = service.pool.submit(move || {
        // Nobody waits any longer: judging would only delay those who do.
        if send.is_closed() {
            return;
        }
        let started = Instant::now();
        let effort = if begun.elapsed() > spare { Effort::Light } else { Effort::Full };
        light.fetch_add(u64::from(effort == Effort::Light), Ordering::Relaxed);
        let answer = desk.answer(&request, came, effort);
        let mut remarks = answer.remarks;
        remarks.extend(desk.marks(&request, came));
        let sorted = desk.sort(answer.reminders, &request, came);
        let outcome = if effort == Effort::Light { "light" } else { "ok" };
        let times = Some((started - queued, started.elapsed()));
        let _ = send.send(Told { told: sorted.told, untold: sorted.untold.len(), remarks, outcome, times });
        desk.shadow(&request, came);
    });
    if submitted.is_err() {
        service.metrics.shed.fetch_add(1, Ordering::Relaxed);
        return Told::nothing("shed", "系统繁忙，本次未审核，按无提醒处理");
    }
    match in_time(service.options.deadline.saturating_sub(begun.elapsed()), receive).await {
        Some(Ok(told)) => told,
        Some(Err(_)) => Told::nothing("failed", "审核程序出错，本次未审核，按无提醒处理"),
        None => {
            service.metrics.late.fetch_add(1, Ordering::Relaxed);
            Told::nothing("late", format!("未能在 {} 毫秒内审核完，按无提醒处理", service.options.deadline.as_millis()))
        }
    }
}

/// `None`: the time is over, or was before.
async fn in_time<T>(left: Duration, work: impl Future<Output = T>) -> Option<T> {
    if left.is_zero() { None } else { tokio::time::timeout(left, work).await.ok() }
}

/// Refuses what has no patient or no visit; remarks on what is there but says little. Each odd shape of a vendor is logged once.
fn understood(service: &Service, infno: &str, vendor: &str, data: &Data, mut unknown: Vec<String>) -> Result<Vec<String>, Refusal> {
    let patients = &data.patients.0;
    let encounters = || patients.iter().flat_map(|patient| &patient.encounters.0);
    let orders = || encounters().flat_map(|encounter| &encounter.orders.0);
    unknown.extend(patients.iter().flat_map(|patient| &patient.others).cloned());
    if encounters().next().is_some() && orders().next().is_none() {
        unknown.extend(encounters().flat_map(|encounter| &encounter.others).cloned());
    }
    unknown.sort();
    unknown.dedup();
    unknown.truncate(12);
    let seen = unknown.join("、");
    let odd = |what: &str| {
        let vendor: String = vendor.chars().take(40).collect();
        service
            .log_once(format!("{vendor}|{what}|{seen}"), || format!("不认得的报文 infno={infno} vendor={vendor} lacks={what} keys={seen}"));
        if seen.is_empty() { String::new() } else { format!("；不认得的节点：{seen}") }
    };
    if patients.is_empty() {
        let saw = odd("patient_dtos");
        return Err(Refusal::new("shape", format!("报文里没有患者：应在 input.data.patient_dtos 下{saw}")));
    }
    if encounters().next().is_none() {
        let saw = odd("fsi_encounter_dtos");
        return Err(Refusal::new("shape", format!("患者下没有就诊：应在 patient_dtos 的 fsi_encounter_dtos 下{saw}")));
    }
    let mut remarks = Vec::new();
    // 门诊挂号 and 住院登记 have nothing to charge yet.
    let may_be_bare = matches!(Scene::parse(&data.scene.0), Some(Scene::Registration | Scene::Admission));
    if orders().next().is_none() && !may_be_bare {
        remarks.push(format!("就诊里没有明细：应在 fsi_encounter_dtos 的 fsi_order_dtos 下{}", odd("fsi_order_dtos")));
    }
    let nameless = orders().filter(|order| order.item.0.is_empty() && order.local_item.0.is_empty()).count();
    if nameless > 0 {
        odd("hilist_code");
        remarks.push(format!("{nameless} 行没有项目编码 hilist_code，没有审核"));
    }
    Ok(remarks)
}

/// A key speaks for the visits in hand only where they are of its institutions; history may be of any.
fn speaks_for_visits(caller: &Caller, request: &Request) -> Result<(), Refusal> {
    for patient in &request.patients {
        for encounter in &patient.encounters {
            let in_hand = encounter.id == patient.current_visit || encounter.orders.iter().any(|order| order.current == Some(true));
            if in_hand && is_national(&encounter.institution) {
                caller.speaks_for(&encounter.institution).map_err(|why| Refusal::new("forbidden", why))?;
            }
        }
    }
    Ok(())
}
