//! What stops an import, in words for whoever runs it: what, where, and how to put it right.

use std::io;
use std::path::PathBuf;

use crate::store::LakeError;
use crate::system::told;

/// A failure of an import; the lake stays as it was. Bad *data* is none of these: it is set aside.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}：没有这个文件或目录。请检查路径", path.display())]
    NotFound { path: PathBuf },
    #[error("{file}：无法读取（{why}）。请检查文件权限和磁盘后重新运行；数据湖没有变化")]
    Read { file: String, why: String },
    #[error(
        "{file}：认不出是哪张表。文件名里写上表名（如 fee_list_d_202501.csv），或在导入对照文件里写 [表名] files = [\"{file_name}\"]。\
         读到的表头：{found}。可用的表：{tables}"
    )]
    Unrecognised { file: String, file_name: String, found: String, tables: String },
    #[error(
        "{file}：表头同时符合几张表（{tables}），无法确定。请在文件名里写上表名，或在导入对照文件里写 [表名] files = [\"{file_name}\"]"
    )]
    Ambiguous { file: String, file_name: String, tables: String },
    #[error(
        "{file}：缺少必需的列 {column}（{title}）。读到的列：{found}。\
         若该列另有名字，请在导入对照文件里写 [{table}.columns] \"源列名\" = \"{column}\"；若每行相同，写 [{table}.constants] {column} = \"值\"{hint}"
    )]
    MissingColumn { file: String, table: &'static str, column: &'static str, title: &'static str, found: String, hint: String },
    #[error("{file}：认不出编码，既不是 UTF-8 也不是 GB18030 文本。请用 UTF-8 编码重新导出，或在导入对照文件里写明 encoding")]
    UnknownEncoding { file: String },
    #[error("{file}：压缩包损坏、不完整，或不是压缩包，无法读取。请重新传输或重新打包后再导入（解压程序报告：{detail}）")]
    Archive { file: String, detail: String },
    #[error("{file}：工作簿损坏、加了密码，或不是工作簿，无法读取。请用 Excel 打开并另存为 .xlsx 后再导入（读取程序报告：{detail}）")]
    Workbook { file: String, detail: String },
    #[error("{file}：Parquet 文件损坏、不完整，或不是 Parquet 文件，无法读取。请重新导出或重新传输后再导入（读取程序报告：{detail}）")]
    Parquet { file: String, detail: String },
    #[error("{}：不是普通文件（而是管道、设备之类），不能导入。请先存成文件", path.display())]
    NotAFile { path: PathBuf },
    #[error("{file}：不认识的文件类型。可导入的有 .csv .txt .tsv（可压缩为 .gz 或 .zip）、.xlsx、.parquet 和 postgresql:// 连接串")]
    UnknownForm { file: String },
    #[error("{database}：{step}失败（{detail}）")]
    Database { database: String, step: &'static str, detail: String },
    #[error("{database}：没有找到国家标准表。可识别的表名：{tables}；别的表名请在导入对照文件里写 [表名] files = [\"库中的表名\"]")]
    NoTables { database: String, tables: String },
    #[error("{}：目录里没有可导入的文件。可导入的有 .csv .txt .tsv（可压缩为 .gz 或 .zip）、.xlsx、.parquet", path.display())]
    EmptyFolder { path: PathBuf },
    #[error("导入对照文件 {file}：{message}")]
    Profile { file: String, message: String },
    #[error("{}", several(.0))]
    Several(Vec<ImportError>),
    #[error("导入已取消，数据湖没有变化")]
    Cancelled,
    #[error("{file}：处理时出了内部错误（{detail}）。请把这条消息报告给开发者；数据湖没有变化")]
    Internal { file: String, detail: String },
    #[error(transparent)]
    Lake(#[from] LakeError),
}

fn several(errors: &[ImportError]) -> String {
    let lines: Vec<String> = errors.iter().map(|error| format!("- {error}")).collect();
    format!("有 {} 个文件无法导入，数据湖没有变化：\n{}", errors.len(), lines.join("\n"))
}

impl ImportError {
    pub(crate) fn read(file: impl ToString, source: io::Error) -> ImportError {
        ImportError::Read { file: file.to_string(), why: told(&source) }
    }

    pub(crate) fn archive(file: impl ToString, detail: impl ToString) -> ImportError {
        ImportError::Archive { file: file.to_string(), detail: detail.to_string() }
    }

    pub(crate) fn workbook(file: impl ToString, detail: impl ToString) -> ImportError {
        ImportError::Workbook { file: file.to_string(), detail: detail.to_string() }
    }

    pub(crate) fn parquet(file: impl ToString, detail: impl ToString) -> ImportError {
        ImportError::Parquet { file: file.to_string(), detail: detail.to_string() }
    }

    pub(crate) fn internal(file: impl ToString, detail: impl ToString) -> ImportError {
        ImportError::Internal { file: file.to_string(), detail: detail.to_string() }
    }
}
