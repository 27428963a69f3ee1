//! What can go wrong with accounts, said to who asked.

use std::path::PathBuf;

use mingjian_model::day::{Moment, format_moment};
use mingjian_store::{SealError, StoreError};

use crate::{Refusal, Role};

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("账号 {0} 的写法不对：2 到 32 个小写字母、数字、点、横线或下划线，以字母或数字开头")]
    AccountForm(String),
    #[error("账号 {0} 已经有了")]
    Taken(String),
    #[error("没有账号 {0}")]
    Unknown(String),
    #[error("姓名要有 1 到 {0} 个字，不能有控制字符和改变方向的字符")]
    Name(usize),
    #[error("至少要有一个角色")]
    NoRole,
    #[error("{}和{}不能由同一个人担任", .0.title(), .1.title())]
    RolesClash(Role, Role),
    #[error("{}要有数据范围：{needs}", .role.title())]
    NoScope { role: Role, needs: &'static str },
    #[error("统筹区代码 {0} 的写法不对：2 到 6 位数字")]
    RegionForm(String),
    #[error("机构代码或线索编号不能为空")]
    EmptyGrant,
    /// The account was changed meanwhile.
    #[error("账号 {0} 已被别人修改，请刷新后再改")]
    Changed(String),
    /// Everything that is wrong with a password at once.
    #[error("密码不合要求：{}", .0.join("；"))]
    Weak(Vec<String>),
    #[error("原密码不对")]
    WrongPassword,
    #[error("连续输错次数过多，账号锁定到 {}，请届时重新登录", format_moment(*.0))]
    Locked(Moment),
    #[error("动态口令不对，请核对手机时间后重试")]
    WrongCode,
    #[error("动态口令已经设置过；更换前请先停用")]
    TotpSet,
    #[error("还没有开始设置动态口令")]
    TotpNotBegun,
    #[error("请写明事由，至少 {0} 个字")]
    Reason(usize),
    #[error("事由不超过 {0} 字")]
    LongReason(usize),
    #[error("没有这个导出申请，或不在您的权限范围内")]
    NoExport,
    /// What is asked of an export does not fit its state.
    #[error("{0}")]
    ExportNotNow(String),
    #[error("视图的名称要有 1 到 {0} 个字")]
    ViewTitle(usize),
    #[error("这样的条件不能存为视图")]
    ViewForm,
    #[error("一个页面最多存 {0} 个视图，请先删去不用的")]
    ViewsFull(i64),
    #[error("已经有账号，首批账号只能在空库里建立；请由安全管理员添加")]
    NotFirst,
    #[error("首批账号只能是系统管理员、安全管理员、审计管理员，且要有安全管理员")]
    FirstRoles,
    #[error("业务库里有加密的内容，而密钥文件 {} 不在：请把另行保管的密钥放回原处", .0.display())]
    KeysGone(PathBuf),
    #[error("密钥文件 {} 不是这个业务库的，打不开里面加密的内容：请换回另行保管的那一份", .0.display())]
    KeysOther(PathBuf),
    #[error("密码的散列没有算成")]
    Hash,
    #[error("系统没有给出随机数")]
    Random,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Seal(#[from] SealError),
}
