//! What may be typed: commands, options and their help. Texts are Chinese; [`crate::help`] dresses them.

mod platform;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use mingjian_model::day::{self, Day};

pub use platform::*;

const EXIT_CODES: &str = "\
退出码：
  0  成功
  1  没有做成（数据、磁盘、规则有问题，原因写在标准错误里）
  2  用法不对（命令、选项或取值写错了）
  5  核对不符（日志链断了，金额对不上）
  130  被 Ctrl-C 中断（数据湖仍是上一个版本）

例子：
  mingjian city --out 城 --persons 20000          造一座两万人的城
  mingjian import 城                              导入
  mingjian screen                                 筛查
  mingjian findings --out 疑点清单.xlsx           出疑点清单
  mingjian explain <疑点编号>                     看一条疑点的来龙去脉
  mingjian report --out 报告.html                 出一页报告

每条命令都有自己的帮助，例如：mingjian import --help";

#[derive(Parser)]
#[command(
    name = "mingjian",
    bin_name = "mingjian",
    version,
    about = "明鉴：医保基金智能监管。导入结算数据，按规则逐行筛查，给出带证据、依据和金额的疑点。",
    override_usage = "mingjian [通用选项] <命令> [选项]",
    after_help = EXIT_CODES
)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args)]
pub struct Common {
    #[arg(
        long,
        global = true,
        env = "MINGJIAN_WORKSPACE",
        default_value = "./mingjian-data",
        value_name = "目录",
        help = "工作区：数据湖、规则库、设置所在的目录，没有就新建（默认 ./mingjian-data，也可用环境变量 MINGJIAN_WORKSPACE）"
    )]
    pub workspace: PathBuf,
    #[arg(long, global = true, help = "结果以 JSON 输出到标准输出，供其他程序读取")]
    pub json: bool,
    #[arg(
        long,
        global = true,
        value_name = "何时",
        default_value = "auto",
        help = "彩色：auto 仅终端（默认）、always 总是、never 从不；也遵守 NO_COLOR"
    )]
    pub color: When,
    #[arg(long, short, global = true, help = "不显示进度")]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub enum Command {
    City(City),
    Import(Import),
    Rejected(Rejected),
    Quality(Quality),
    Lake(Lake),
    Rules(Rules),
    Screen(Screen),
    Findings(Findings),
    Explain(Explain),
    Report(Report),
    Serve(Serve),
    HisSim(HisSim),
    History(History),
    Leads(Leads),
    Users(Users),
    Audit(Audit),
    Backup(Backup),
    Completions(Completions),
    /// The page docs/commands.md, made of all help texts.
    #[command(hide = true)]
    HelpPage,
}

#[derive(Args)]
#[command(
    about = "造一座虚拟城市：全部国家表的结算数据，埋入已知的违规行为和合法的近似情形",
    override_usage = "mingjian city --out <目录> [选项]",
    after_help = "\
同一个种子造出的城逐字节相同，与线程数无关。目录里的 truth.csv 是埋入的每一个行为。

例子：
  mingjian city --out 城 --persons 20000 --from 2025-01 --months 12 --seed 7
  mingjian city --out 城 --persons 1000000 --format parquet
  mingjian city --scenarios                      列出全部情形
  mingjian city --out 城 --violations 0 --plant trace_code_resold=300"
)]
pub struct City {
    #[arg(long, value_name = "目录", required_unless_present = "scenarios", help = "写到哪个目录（没有就新建；已有同名文件会被替换）")]
    pub out: Option<PathBuf>,
    #[arg(long, value_name = "人数", default_value_t = 20_000, help = "参保人数，500 以上（默认 20000）")]
    pub persons: u32,
    #[arg(long, value_name = "年-月", default_value = "2025-01", value_parser = parse_month, help = "从哪个月开始（默认 2025-01）")]
    pub from: (i32, u32),
    #[arg(long, value_name = "月数", default_value_t = 12, help = "造多少个月（默认 12）")]
    pub months: u32,
    #[arg(long, value_name = "种子", default_value_t = 1, help = "随机种子，整数（默认 1）")]
    pub seed: u64,
    #[arg(long, value_name = "格式", default_value = "csv", help = "csv（默认，UTF-8）或 parquet")]
    pub format: CityFormat,
    #[arg(long, value_name = "线程数", value_parser = parse_threads, help = "用多少个线程（默认与处理器核数相同）")]
    pub threads: Option<usize>,
    #[arg(long, value_name = "百分数", default_value_t = 100, help = "违规行为的比率：100 为内定比率（默认），0 不埋，200 加倍")]
    pub violations: u32,
    #[arg(long, value_name = "百分数", default_value_t = 100, help = "合法近似情形的比率，同上")]
    pub lookalikes: u32,
    #[arg(long, value_name = "情形=百分数", value_parser = parse_plant, help = "单独定某一情形的比率，可多次写")]
    pub plant: Vec<(String, u32)>,
    #[arg(long, help = "列出全部情形，不造城")]
    pub scenarios: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CityFormat {
    Csv,
    Parquet,
}

#[derive(Args)]
#[command(
    about = "导入结算数据：文件、目录或数据库；一次导入是数据湖的一个新版本",
    override_usage = "mingjian import <路径>… [--profile <文件>]",
    after_help = "\
认得：CSV（UTF-8、GBK、GB18030；逗号或制表符；可压缩为 .gz、.zip）、.xlsx、.parquet，以及 postgresql:// 连接串。
目录会逐层查找；一张表可以分在几个文件里。表头可以是国家表字段名、HIS 上传节点名，或用 --profile 对照。
读不成的行不会丢：它们单列在“另册”里，写明文件、行、列、原值和原因（见 mingjian rejected）。
同一个文件导入两次不起变化；主键相同而更新时间较新的行替换旧行。中途断电或中断，数据湖仍是上一个版本，重来即可。

例子：
  mingjian import 城
  mingjian import 2025年1月/ 补传/fee_list_d.csv.gz
  mingjian import his导出.xlsx --profile 某院.toml
  mingjian import 'postgresql://user@host/db'"
)]
pub struct Import {
    #[arg(required = true, value_name = "路径", help = "文件、目录，或 postgresql:// 连接串（密码可放在环境变量 PGPASSWORD）")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_name = "文件", help = "导入对照文件（TOML）：源表头对国家字段名")]
    pub profile: Option<PathBuf>,
    #[arg(long, value_name = "线程数", value_parser = parse_threads, help = "用多少个线程（默认与处理器核数相同）")]
    pub threads: Option<usize>,
    #[arg(long, help = "以前导入过、内容没有变的文件也重新读")]
    pub again: bool,
}

#[derive(Args)]
#[command(
    about = "另册：导入时没能入湖的行，连同文件、行、列、原值和原因",
    override_usage = "mingjian rejected [选项]",
    after_help = "\
例子：
  mingjian rejected                              按表和原因汇总，并列出前 20 行
  mingjian rejected --table fee_list_d --top 100
  mingjian rejected --out 另册.xlsx              发给数据来源单位更正"
)]
pub struct Rejected {
    #[arg(long, value_name = "表名", help = "只看这张表，如 fee_list_d")]
    pub table: Option<String>,
    #[arg(long, value_name = "行数", default_value_t = 20, help = "列出多少行（默认 20；导出时为全部）")]
    pub top: usize,
    #[arg(long, value_name = "文件", help = "导出为 .xlsx 或 .csv")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    about = "数据质量：按机构和检查项，看金额勾稽、编码、主键等问题",
    override_usage = "mingjian quality [选项]",
    after_help = "\
例子：
  mingjian quality
  mingjian quality --institution H330000001
  mingjian quality --out 数据质量.xlsx"
)]
pub struct Quality {
    #[arg(long, value_name = "机构编码", help = "只看这家机构")]
    pub institution: Option<String>,
    #[arg(long, value_name = "行数", default_value_t = 30, help = "列出多少行（默认 30；导出时为全部）")]
    pub top: usize,
    #[arg(long, value_name = "文件", help = "导出为 .xlsx 或 .csv")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
#[command(about = "数据湖的维护：历史版本、合并小文件、清理、检查", override_usage = "mingjian lake <子命令>")]
pub struct Lake {
    #[command(subcommand)]
    pub command: LakeCommand,
}

#[derive(Subcommand)]
pub enum LakeCommand {
    #[command(about = "历史：每个版本何时、由哪些来源、各表多少行", override_usage = "mingjian lake history")]
    History,
    #[command(about = "合并：把一个分桶里的多个文件合成一个，内容不变", override_usage = "mingjian lake compact")]
    Compact,
    #[command(
        about = "清理：删掉没有版本引用的文件",
        override_usage = "mingjian lake vacuum [--keep <版本数>]",
        after_help = "\
保留的版本之外的历史不能再用 --as-of 查看。

例子：
  mingjian lake vacuum --keep 30"
    )]
    Vacuum {
        #[arg(long, value_name = "版本数", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..), help = "保留最近多少个版本（默认 30）")]
        keep: u32,
    },
    #[command(about = "检查：版本记录、表、文件、排序、主键是否完好", override_usage = "mingjian lake check")]
    Check,
}

#[derive(Args)]
#[command(about = "规则库：列出、查看、检查、跑例子、排版", override_usage = "mingjian rules <子命令>")]
pub struct Rules {
    #[arg(long, global = true, value_name = "目录", help = "规则库目录（默认：工作区里的 library/，没有就用内置规则库）")]
    pub library: Option<PathBuf>,
    #[command(subcommand)]
    pub command: RulesCommand,
}

#[derive(Subcommand)]
pub enum RulesCommand {
    #[command(
        about = "列出规则",
        override_usage = "mingjian rules list [--status <状态>]",
        after_help = "例子：\n  mingjian rules list\n  mingjian rules list --json"
    )]
    List {
        #[arg(long, value_name = "状态", help = "只列这些状态：draft 草稿、shadow 试运行、live 上线、retired 停用（默认全部）")]
        status: Option<String>,
    },
    #[command(
        about = "看一条规则：说明、逻辑、依据、误报、例子",
        override_usage = "mingjian rules show <编号>",
        after_help = "例子：\n  mingjian rules show N067"
    )]
    Show {
        #[arg(value_name = "编号", help = "规则编号，如 N067")]
        id: String,
    },
    #[command(
        about = "检查规则和知识表：哪一行哪一列不对、可以写什么",
        override_usage = "mingjian rules check [编号…]",
        after_help = "例子：\n  mingjian rules check\n  mingjian rules check --library 我的规则库"
    )]
    Check {
        #[arg(value_name = "编号", help = "只检查这些规则（默认全部）")]
        ids: Vec<String>,
    },
    #[command(
        about = "跑规则文件里的例子：应命中的命中，不应命中的不命中",
        override_usage = "mingjian rules test [编号…]",
        after_help = "例子：\n  mingjian rules test N015 N025"
    )]
    Test {
        #[arg(value_name = "编号", help = "只跑这些规则（默认全部）")]
        ids: Vec<String>,
    },
    #[command(
        about = "把规则文件排成统一的样子",
        override_usage = "mingjian rules fmt <文件>… [--check]",
        after_help = "例子：\n  mingjian rules fmt library/rules/drug/N067-drug_sex.md"
    )]
    Fmt {
        #[arg(required = true, value_name = "文件", help = "规则文件（.md）或目录")]
        paths: Vec<PathBuf>,
        #[arg(long, help = "只检查，不改写；有不合样式的退出码为 1")]
        check: bool,
    },
}

#[derive(Args)]
#[command(
    about = "筛查：全部上线规则一遍过完，写出疑点，给出汇总",
    override_usage = "mingjian screen [选项]",
    after_help = "\
疑点写进数据湖，是一个新版本；以前的结果用 findings --as-of 仍可查看。
同样的数据和规则，无论几个线程，得到的疑点逐字节相同。

例子：
  mingjian screen
  mingjian screen --rules N015,N025 --from 2025-01-01 --to 2025-06-30
  mingjian screen --as-of 3                      按第 3 版数据重算"
)]
pub struct Screen {
    #[arg(long, value_name = "编号", value_delimiter = ',', help = "只用这些规则，逗号分开（默认全部上线规则）")]
    pub rules: Vec<String>,
    #[arg(long, value_name = "日期", value_parser = parse_day, help = "只留最后一行在这天及以后的疑点，如 2025-01-01")]
    pub from: Option<Day>,
    #[arg(long, value_name = "日期", value_parser = parse_day, help = "只留最后一行在这天及以前的疑点")]
    pub to: Option<Day>,
    #[arg(long, value_name = "版本", help = "用数据湖的这个版本（默认最新；见 mingjian lake history）")]
    pub as_of: Option<u64>,
    #[arg(long, value_name = "线程数", value_parser = parse_threads, help = "用多少个线程（默认与处理器核数相同）")]
    pub threads: Option<usize>,
    #[arg(long, help = "另外统计每个条件筛掉了多少，给规则作者看（稍慢）")]
    pub trace: bool,
    #[arg(long, value_name = "目录", help = "规则库目录（默认：工作区里的 library/，没有就用内置规则库）")]
    pub library: Option<PathBuf>,
}

/// Which findings; shared by `findings` and `report`.
#[derive(Args, Clone, Default)]
pub struct Filter {
    #[arg(long, value_name = "编号", value_delimiter = ',', help = "规则编号，逗号分开", help_heading = "筛选")]
    pub rule: Vec<String>,
    #[arg(long, value_name = "结果", value_delimiter = ',', help = "违规 或 可疑", help_heading = "筛选")]
    pub result: Vec<String>,
    #[arg(long, value_name = "区", value_delimiter = ',', help = "core 核心区 或 watch 观察区", help_heading = "筛选")]
    pub band: Vec<String>,
    #[arg(long, value_name = "性质", value_delimiter = ',', help = "违规性质，如 重复收费、超限定支付", help_heading = "筛选")]
    pub kind: Vec<String>,
    #[arg(long, value_name = "机构", help = "机构编码，或名称的一部分", help_heading = "筛选")]
    pub institution: Option<String>,
    #[arg(long, value_name = "人员编号", help = "参保人编号 psn_no", help_heading = "筛选")]
    pub person: Option<String>,
    #[arg(long, value_name = "医师编码", help = "开单医师编码", help_heading = "筛选")]
    pub doctor: Option<String>,
    #[arg(long, value_name = "就诊编号", help = "就诊 mdtrt_id 或结算 setl_id", help_heading = "筛选")]
    pub visit: Option<String>,
    #[arg(long, value_name = "日期", value_parser = parse_day, help = "最后一行在这天及以后", help_heading = "筛选")]
    pub from: Option<Day>,
    #[arg(long, value_name = "日期", value_parser = parse_day, help = "最后一行在这天及以前", help_heading = "筛选")]
    pub to: Option<Day>,
    #[arg(long, value_name = "元", value_parser = parse_yuan, help = "涉及金额不少于多少元", help_heading = "筛选")]
    pub min_amount: Option<i64>,
    #[arg(long, value_name = "文字", help = "问题情形里含这段文字", help_heading = "筛选")]
    pub text: Option<String>,
    #[arg(long, help = "一笔钱只留牵头的一条", help_heading = "筛选")]
    pub leads_only: bool,
}

#[derive(Args)]
#[command(
    about = "疑点：筛选、查看、导出（终端表格、csv、json、xlsx、parquet）",
    override_usage = "mingjian findings [筛选] [--format <格式>] [--out <文件>]",
    after_help = "\
xlsx 是“疑点清单”：一张明细、两张汇总（按问题性质×问题类型、按项目）。姓名和证件号码默认遮盖；
确需全文时加 --unmask --reason \"…\"，谁、何时、为何、多少行会记入工作区的访问记录（access.log）。

例子：
  mingjian findings                                     金额最大的 30 条
  mingjian findings --rule N015 --institution 仁济 --min-amount 1000
  mingjian findings --result 违规 --out 疑点清单.xlsx
  mingjian findings --format csv --out findings.csv
  mingjian findings --top 1 --ids                       只要编号，可接 explain"
)]
pub struct Findings {
    #[command(flatten)]
    pub filter: Filter,
    #[arg(long, value_name = "格式", help = "table 终端表格（默认）、csv、json、xlsx、parquet；写了 --out 时按扩展名定")]
    pub format: Option<FindingsFormat>,
    #[arg(long, value_name = "文件", help = "写到文件（xlsx、parquet 必须写）")]
    pub out: Option<PathBuf>,
    #[arg(long, value_name = "条数", help = "最多多少条（终端表格默认 30，导出默认全部）")]
    pub top: Option<usize>,
    #[arg(long, value_name = "次序", help = "amount 金额从大到小（终端默认）、time 时间、rule 规则（导出默认，即疑点表的次序）")]
    pub sort: Option<Sort>,
    #[arg(long, help = "只输出疑点编号，一行一个")]
    pub ids: bool,
    #[arg(long, value_name = "版本", help = "看某个版本的疑点（默认最新）")]
    pub as_of: Option<u64>,
    #[arg(long, requires = "reason", help = "不遮盖姓名和证件号码（须写 --reason）")]
    pub unmask: bool,
    #[arg(long, value_name = "事由", help = "不遮盖的事由，记入访问记录")]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingsFormat {
    Table,
    Csv,
    Json,
    Xlsx,
    Parquet,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    Amount,
    Time,
    Rule,
}

#[derive(Args)]
#[command(
    about = "解释一条疑点：时间线与证据、规则原文、知识点、算式、基金份额、不利于认定的情形",
    override_usage = "mingjian explain <疑点编号>",
    after_help = "\
编号可以只写前几位，只要不与别的疑点相混。证据取自疑点当时的数据版本。

例子：
  mingjian explain 7f3a9c
  mingjian explain \"$(mingjian findings --top 1 --ids)\""
)]
pub struct Explain {
    #[arg(value_name = "疑点编号", help = "疑点编号或其前几位（至少 6 位）")]
    pub finding: String,
    #[arg(long, value_name = "天数", default_value_t = 3, value_parser = clap::value_parser!(u32).range(..=3660), help = "时间线前后各看多少天（默认 3）")]
    pub days: u32,
    #[arg(long, help = "时间线不折叠：列出全部明细")]
    pub all: bool,
    #[arg(long, requires = "reason", help = "不遮盖姓名和证件号码（须写 --reason）")]
    pub unmask: bool,
    #[arg(long, value_name = "事由", help = "不遮盖的事由，记入访问记录")]
    pub reason: Option<String>,
}

#[derive(Args)]
#[command(
    about = "报告：一个自成一体的网页，有图表，可打印为 A4",
    override_usage = "mingjian report --out <文件> [选项]",
    after_help = "\
例子：
  mingjian report --out 报告.html
  mingjian report --out 仁济.html --institution 仁济 --title 仁济医院筛查情况"
)]
pub struct Report {
    #[arg(long, value_name = "文件", help = "写到哪个文件（.html）")]
    pub out: PathBuf,
    #[arg(long, value_name = "标题", default_value = "医保基金智能筛查报告", help = "报告标题")]
    pub title: String,
    #[command(flatten)]
    pub filter: Filter,
    #[arg(long, value_name = "版本", help = "看某个版本的疑点（默认最新）")]
    pub as_of: Option<u64>,
}

#[derive(Args)]
#[command(
    about = "柜台：应答医院的事前（3101）、事中（3102）审核和反馈（3103）",
    override_usage = "mingjian serve [--listen <地址>]",
    after_help = "\
空的工作区也能起，用内置规则库；工作区的 library/ 有改动时自动换上新规则，不断开调用。
地址：POST /fsi（按 infno 分派）或 /3101、/3102、/3103；结算入历史用 POST /settlements；/healthz、/readyz、/metrics、/follow。
报文和设置见 docs/counter.md。Ctrl-C 或 SIGTERM 停止：先答完正在应答的。

例子：
  mingjian serve
  mingjian serve --listen 0.0.0.0:8443 --keys 密钥.toml --cert 证书.pem --key 私钥.pem"
)]
pub struct Serve {
    #[arg(long, value_name = "地址", default_value = "127.0.0.1:8080", help = "监听的地址和端口（默认 127.0.0.1:8080）")]
    pub listen: std::net::SocketAddr,
    #[arg(long, value_name = "毫秒", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=60_000), help = "应答时限：到时未审核完的按无提醒应答并说明（默认 300）")]
    pub deadline: u64,
    #[arg(long, value_name = "文件", help = "调用密钥（TOML）：谁能代哪些机构调用；不写只能在本机监听")]
    pub keys: Option<PathBuf>,
    #[arg(long, help = "没有密钥也对外监听；只在封闭专网内用")]
    pub open: bool,
    #[arg(long, value_name = "文件", requires = "key", help = "TLS 证书（PEM，自己的在前）")]
    pub cert: Option<PathBuf>,
    #[arg(long, value_name = "文件", requires = "cert", help = "TLS 私钥（PEM，不加口令）")]
    pub key: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    about = "模拟医院：向柜台发调用、反馈，并测应答时间",
    override_usage = "mingjian his-sim [--to <地址>] [选项]",
    after_help = "\
写了 --rate 时按固定速率发送（开环）：应答慢了也照发，时间从应发的时刻算起；不发反馈，只看应答里有几条提醒。

例子：
  mingjian his-sim                                  发 100 次，看提醒
  mingjian his-sim --show                           只看一份样例报文
  mingjian his-sim --rate 1000 --seconds 30 --connections 32"
)]
pub struct HisSim {
    #[arg(long, value_name = "地址", default_value = "127.0.0.1:8080", help = "柜台的地址（默认 127.0.0.1:8080）")]
    pub to: String,
    #[arg(long, value_name = "文件", help = "服务器证书的上级证书（PEM），地址写 https:// 时要有")]
    pub ca: Option<PathBuf>,
    #[arg(long, value_name = "文件", help = "令牌（密钥的 method 为 bearer 的），放在文件里")]
    pub token: Option<PathBuf>,
    #[arg(long, value_name = "次数", default_value_t = 100, help = "发多少次（默认 100）")]
    pub calls: u32,
    #[arg(long, value_name = "行数", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=2_000), help = "每次多少行（默认 20）")]
    pub lines: u16,
    #[arg(long, value_name = "每秒次数", value_parser = clap::value_parser!(u32).range(1..=100_000), help = "按固定速率发送")]
    pub rate: Option<u32>,
    #[arg(long, value_name = "秒数", default_value_t = 10, help = "按固定速率发送多少秒（默认 10）")]
    pub seconds: u32,
    #[arg(long, value_name = "连接数", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1_024), help = "同时多少个连接（默认 8）")]
    pub connections: u16,
    #[arg(long, value_name = "种子", default_value_t = 1, help = "随机种子，整数（默认 1）")]
    pub seed: u64,
    #[arg(long, value_name = "文件", requires = "rate", help = "发这些报文：每行一个，@@@@@@@@ 处填调用的序号")]
    pub calls_from: Option<PathBuf>,
    #[arg(long, help = "不发反馈（3103）")]
    pub no_feedback: bool,
    #[arg(long, help = "只输出一份样例报文")]
    pub show: bool,
}

#[derive(Args)]
#[command(about = "柜台的历史：从数据湖重建、查看、试运行规则的结果", override_usage = "mingjian history <子命令>")]
pub struct History {
    #[command(subcommand)]
    pub command: HistoryCommand,
}

#[derive(Args)]
pub struct Shadow {
    #[arg(long, value_name = "规则", help = "只看这条规则")]
    pub rule: Option<String>,
    #[arg(long, value_name = "条数", default_value_t = 20, help = "最多列多少条（默认 20）")]
    pub top: usize,
}

#[derive(Subcommand)]
pub enum HistoryCommand {
    #[command(
        about = "重建：从数据湖最新版本装载每个人的历史，替换原来的；反馈和标记保留",
        override_usage = "mingjian history rebuild",
        after_help = "先停下 mingjian serve。\n\n例子：\n  mingjian history rebuild"
    )]
    Rebuild,
    #[command(about = "查看：多少人、多少次就诊、多大、最近到何时", override_usage = "mingjian history info")]
    Info,
    #[command(
        about = "试运行的规则本会怎样提醒：逐条列出，新的在前",
        override_usage = "mingjian history shadow [--rule <规则>] [--top <条数>]",
        after_help = "\
先停下 mingjian serve；服务运行时看 /shadow（要有看运行数据的密钥）。

例子：
  mingjian history shadow --rule N009 --top 50"
    )]
    Shadow(Shadow),
}

#[derive(Args)]
#[command(
    about = "命令行补全脚本：bash、zsh、fish",
    override_usage = "mingjian completions <bash|zsh|fish>",
    after_help = "\
例子：
  mingjian completions bash > /etc/bash_completion.d/mingjian
  mingjian completions zsh > ~/.zfunc/_mingjian
  mingjian completions fish > ~/.config/fish/completions/mingjian.fish"
)]
pub struct Completions {
    #[arg(value_name = "外壳", help = "bash、zsh 或 fish")]
    pub shell: clap_complete::Shell,
}

fn parse_month(text: &str) -> Result<(i32, u32), String> {
    let parsed = text.split_once('-').and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
    match parsed {
        Some((year, month)) if (1990..=2100).contains(&year) && (1..=12).contains(&month) => Ok((year, month)),
        _ => Err("要写成 年-月，如 2025-01".to_owned()),
    }
}

fn parse_plant(text: &str) -> Result<(String, u32), String> {
    let parsed = text.split_once('=').and_then(|(name, percent)| Some((name.trim().to_owned(), percent.trim().parse().ok()?)));
    parsed.ok_or_else(|| "要写成 情形=百分数，如 trace_code_resold=300；全部情形见 mingjian city --scenarios".to_owned())
}

fn parse_day(text: &str) -> Result<Day, String> {
    day::parse_day(text).ok_or_else(|| "要写成存在的日期 年-月-日，如 2025-01-31".to_owned())
}

fn parse_yuan(text: &str) -> Result<i64, String> {
    mingjian_model::parse_scaled(text, 2).ok_or_else(|| "要写成金额（元），如 1000 或 99.50".to_owned())
}

fn parse_threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|threads| (1..=1024).contains(threads)).ok_or_else(|| "要写成 1 到 1024 的整数".to_owned())
}
