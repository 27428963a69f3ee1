//! What may be typed about the platform: leads, users, the audit trail, backups.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
#[command(
    about = "线索：把最新一次筛查的疑点归成线索，交给平台办理",
    override_usage = "mingjian leads <update|check>",
    after_help = "\
同一笔钱只计一次；已经有人在办的线索保留办理情况，疑点消失的标明。再执行一次不会变。

例子：
  mingjian screen && mingjian leads update
  mingjian leads check                      核对：查出的、认定的、台账上的，逐分相符"
)]
pub struct Leads {
    #[command(subcommand)]
    pub command: LeadsCommand,
}

#[derive(Subcommand)]
pub enum LeadsCommand {
    #[command(about = "按最新的疑点更新线索")]
    Update,
    #[command(about = "核对线索、决定与追回台账的金额")]
    Check,
}

#[derive(Args)]
#[command(
    about = "平台的用户：建第一批管理员，建演示用户",
    override_usage = "mingjian users <first|demo>",
    after_help = "\
日常的用户管理在网页上由安全管理员做。三个管理员分开：系统管理员、安全管理员、审计管理员，都看不到业务数据。

例子：
  mingjian users first                      建三个管理员，给出一次性口令
  mingjian users demo                       每个角色一个演示用户（只用于演示）"
)]
pub struct Users {
    #[command(subcommand)]
    pub command: UsersCommand,
}

#[derive(Subcommand)]
pub enum UsersCommand {
    #[command(about = "建三个管理员，口令只显示一次，首次登录须改")]
    First,
    #[command(about = "每个角色建一个演示用户；库里有别的用户时拒绝")]
    Demo {
        #[arg(long, value_name = "口令", help = "所有演示用户的口令（默认随机生成）")]
        password: Option<String>,
    },
}

#[derive(Args)]
#[command(
    about = "操作日志：核对哈希链，留锚点",
    override_usage = "mingjian audit <verify|anchor>",
    after_help = "\
每一个改动都有一条日志，逐条用 SM3 连成链。改动、删除、插入、截尾都查得出来。
锚点文件交纪检保管在系统管理员写不到的地方，核对时带上它，连重写整条链也查得出来。

例子：
  mingjian audit verify
  mingjian audit anchor --out /media/纪检/锚点.txt
  mingjian audit verify --anchors /media/纪检/锚点.txt"
)]
pub struct Audit {
    #[command(subcommand)]
    pub command: AuditCommand,
}

#[derive(Subcommand)]
pub enum AuditCommand {
    #[command(about = "从头核对日志链；有断处时退出码 5")]
    Verify {
        #[arg(long, value_name = "文件", help = "纪检保管的锚点文件")]
        anchors: Option<PathBuf>,
    },
    #[command(about = "记下此刻链尾的哈希，追加到文件")]
    Anchor {
        #[arg(long, value_name = "文件", help = "追加到哪个文件")]
        out: PathBuf,
    },
}

#[derive(Args)]
#[command(
    about = "备份和恢复业务库（线索、决定、台账、用户、日志）",
    override_usage = "mingjian backup <save|restore> <文件>",
    after_help = "\
数据湖是文件，用文件备份；业务库用这条命令，服务运行时也能备份。加密用的密钥（keys/business.key）不在备份里，另行保管。
业务库在 PostgreSQL 的，用 pg_dump 和 pg_restore。

例子：
  mingjian backup save 备份/2026-01-31.db
  mingjian backup restore 备份/2026-01-31.db        业务库还在时拒绝"
)]
pub struct Backup {
    #[command(subcommand)]
    pub command: BackupCommand,
}

#[derive(Subcommand)]
pub enum BackupCommand {
    #[command(about = "写一份完整的副本")]
    Save {
        #[arg(value_name = "文件")]
        file: PathBuf,
    },
    #[command(about = "核对日志链后恢复成业务库")]
    Restore {
        #[arg(value_name = "文件")]
        file: PathBuf,
        #[arg(long, value_name = "文件", help = "纪检保管的锚点文件")]
        anchors: Option<PathBuf>,
    },
}
