//! 附件 in the store and on the disk.

use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{CaseError, attachments};

use crate::desk::{Desk, finding};

pub async fn what_is_attached_comes_back_and_only_to_whom_it_was_told(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    let pdf = b"%PDF-1.7\nmedical record".to_vec();
    let own = attachments::put(&desk.office, &desk.asker("h1"), &id, "../病历\u{202e}.exe", pdf.clone()).await.expect("kept");
    assert_eq!((own.name.as_str(), own.media.as_str(), own.size), ("病历.pdf", "application/pdf", pdf.len() as i64));
    let file = attachments::get(&desk.office, &desk.asker("wang"), &own.id).await.expect("comes back");
    assert_eq!(file.bytes, pdf);
    assert!(matches!(attachments::get(&desk.office, &desk.asker("h2"), &own.id).await, Err(CaseError::NotFound)));
    assert!(matches!(attachments::put(&desk.office, &desk.asker("h2"), &id, "a.pdf", pdf.clone()).await, Err(CaseError::NotFound)));
    assert!(attachments::put(&desk.office, &desk.asker("h1"), &id, "a.exe", b"MZ\x90\0".to_vec()).await.is_err());

    // The bureau's own file stays its own until a step the institution sees names it.
    let inner = attachments::put(&desk.office, &desk.asker("wang"), &id, "回执.pdf", b"%PDF-1.4 receipt".to_vec()).await.expect("kept");
    assert!(matches!(attachments::get(&desk.office, &desk.asker("h1"), &inner.id).await, Err(CaseError::NotFound)));
    // Nor does the institution get at it by naming it in a step of its own.
    let named = ActInput { attachments: vec![inner.id.clone()], text: Some("见附件".into()), ..ActInput::default() };
    assert!(matches!(desk.act("h1", &id, Act::Note, named).await, Err(CaseError::Invalid(_))));
    assert!(matches!(attachments::get(&desk.office, &desk.asker("h1"), &inner.id).await, Err(CaseError::NotFound)));
    let proof = ActInput { attachments: vec![inner.id.clone()], ..ActInput::default() };
    let delivered = desk.done("wang", &id, Act::Deliver, proof).await;
    assert_eq!(delivered.steps.last().map(|step| step.attachments.len()), Some(1));
    assert!(attachments::get(&desk.office, &desk.asker("h1"), &inner.id).await.is_ok());
    let told = desk.detail("h1", &id).await.attachments;
    let by = |id: &str| told.iter().find(|file| file.id == id).map(|file| file.by.name.clone());
    assert_eq!((by(&own.id).as_deref(), by(&inner.id).as_deref()), (Some("仁济医保办"), Some("")), "not who of the bureau handed it in");
    // A file of another lead cannot be named here.
    let strange = ActInput { attachments: vec!["XS2026-000009-1-abc".into()], text: Some("x".into()), ..ActInput::default() };
    assert!(matches!(desk.act("wang", &id, Act::Note, strange).await, Err(CaseError::Invalid(_))));

    // Changed on the disk, it is not given out.
    let path = desk.office.folder.join(&own.sm3[..2]).join(&own.sm3);
    std::fs::write(&path, b"%PDF-1.7\nforged").expect("writes");
    assert!(matches!(attachments::get(&desk.office, &desk.asker("wang"), &own.id).await, Err(CaseError::Broken(_))));
    // Whoever hands the same in again has it whole, and nobody else on the machine reads it.
    let again = attachments::put(&desk.office, &desk.asker("h1"), &id, "病历.pdf", pdf.clone()).await.expect("kept");
    assert_eq!(attachments::get(&desk.office, &desk.asker("wang"), &again.id).await.expect("comes back").bytes, pdf);
    #[cfg(unix)]
    for (path, mode) in [(path.as_path(), 0o600), (path.parent().expect("a folder"), 0o700), (&desk.office.folder, 0o700)] {
        let there = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).expect("there").permissions());
        assert_eq!(there & 0o777, mode, "{}", path.display());
    }
    // Handed in many times at once, it is kept once and every one of them is told so.
    let large = [b"%PDF-1.7\n".to_vec(), vec![b' '; 1 << 20]].concat();
    let all = (0..8).map(|_| {
        let (office, asker, id, large) = (desk.office.clone(), desk.asker("wang"), id.clone(), large.clone());
        tokio::spawn(async move { attachments::put(&office, &asker, &id, "影像.pdf", large).await.map(|kept| kept.sm3) })
    });
    let mut kept = std::collections::BTreeSet::new();
    for one in all.collect::<Vec<_>>() {
        kept.insert(one.await.expect("runs").expect("kept"));
    }
    assert_eq!(kept.len(), 1);
    let folder = desk.office.folder.join(&kept.first().expect("one")[..2]);
    let left = std::fs::read_dir(folder).expect("lists").flatten().filter(|one| one.file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(left.count(), 0, "no halves are left");
}
