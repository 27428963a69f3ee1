//! 权限点: everything one can do, by name.

/// Declares the acts with their ids (area and verb, as menus and pages ask for them) and their Chinese names.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $id:literal $title:literal)*) => {
        /// What somebody does or sees. Reading a list and reading one thing of it are one act.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act { $($(#[$doc])* $name,)* }

        impl Act {
            pub const ALL: &[Act] = &[$(Act::$name,)*];

            /// As it stands in the API, `leads.read`.
            pub fn id(self) -> &'static str {
                match self { $(Act::$name => $id,)* }
            }

            /// 中文名称.
            pub fn title(self) -> &'static str {
                match self { $(Act::$name => $title,)* }
            }
        }
    };
}

acts! {
    WorkbenchRead "workbench.read" "查看工作台"
    LeadsRead "leads.read" "查看线索"
    LeadsExport "leads.export" "导出线索"
    /// Names and certificate numbers in clear, with a reason.
    LeadsUnmask "leads.unmask" "查看全名"
    /// Who has looked at a lead.
    LeadsLooks "leads.looks" "查看谁看过"
    LeadsAssign "leads.assign" "派发"
    /// First review: send to the institution, exclude, take back.
    LeadsCheck "leads.check" "初审"
    /// The institution's answer: accept or appeal.
    LeadsReply "leads.reply" "反馈和申诉"
    LeadsReview "leads.review" "复审"
    PanelConvene "panel.convene" "召集合议"
    PanelVote "panel.vote" "合议意见"
    LeadsDecide "leads.decide" "终审"
    LeadsLegal "leads.legal" "法制审核意见"
    LeadsApprove "leads.approve" "批准"
    LeadsExtend "leads.extend" "延期"
    AttachmentsAdd "attachments.add" "上传附件"
    RecoveriesRead "recoveries.read" "查看追回台账"
    /// Refused, offset, paid.
    RecoveriesBook "recoveries.book" "登记到账"
    RecoveriesWaive "recoveries.waive" "减免"
    RecoveriesExport "recoveries.export" "导出追回台账"
    CampaignsRead "campaigns.read" "查看自查活动"
    CampaignsWrite "campaigns.write" "组织自查活动"
    CampaignsAnswer "campaigns.answer" "提交自查结果"
    /// Institutions and persons against their peers.
    ProfilesRead "profiles.read" "查看画像"
    /// Doctors of the own institution, or of the region.
    DoctorsRead "doctors.read" "查看医师画像"
    SummaryRead "summary.read" "查看统计"
    /// The portal: the own institution's open, accepted, refunded.
    InstitutionSummary "institution.summary" "查看本院统计"
    CounterRead "counter.read" "查看事前事中提醒"
    RulesRead "rules.read" "查看规则"
    RulesWrite "rules.write" "编辑规则"
    RulesPublish "rules.publish" "发布规则"
    KnowledgeRead "knowledge.read" "查看知识库"
    KnowledgeWrite "knowledge.write" "编辑知识库"
    RunsRead "runs.read" "查看筛查批次"
    ImportsRead "imports.read" "查看接入批次"
    ImportsWrite "imports.write" "接入数据"
    QualityRead "quality.read" "查看数据质量"
    /// Screening and the update of leads; cancelling them.
    JobsRun "jobs.run" "运行任务"
    ExportsApprove "exports.approve" "审批导出"
    UsersRead "users.read" "查看账号"
    UsersWrite "users.write" "管理账号和权限"
    KeysRotate "keys.rotate" "更换密钥"
    AuditRead "audit.read" "查看操作日志"
    AuditVerify "audit.verify" "核验操作日志"
    AuditExport "audit.export" "导出操作日志"
    SettingsRead "settings.read" "查看参数"
    SettingsWrite "settings.write" "修改参数"
    BackupsMake "backups.make" "备份"
    /// The own password, second factor and sessions.
    SelfService "self" "管理自己的账号"
}

impl Act {
    pub fn from_id(id: &str) -> Option<Act> {
        Act::ALL.iter().copied().find(|act| act.id() == id)
    }
}
