//! 拒收原因: why a cell or a row cannot land, and what the one who sent it can do.

use mingjian_model::schema::{Column, Type};

/// Why a row is set aside. The texts hold nothing of the value, so that equal faults can be counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NotNumber,
    /// More decimals than the column keeps; how many it keeps.
    TooManyDecimals(u32),
    TooLarge,
    NotWhole,
    RatioTooLarge,
    NotTime,
    NoSuchDay,
    NoSuchHour,
    YearOutOfRange,
    /// A bare number where a date belongs, as a worksheet stores one.
    SerialDate,
    /// A long number a worksheet kept as a float.
    LostDigits,
    /// Neither the file's encoding nor any other we know.
    BadBytes,
    Nul,
    /// A cell of a worksheet with a formula nobody has computed.
    NoResult,
    Missing,
    /// Cells found, cells in the header.
    ColumnCount(usize, usize),
    OpenQuote,
    TooLong,
    CutOff,
}

impl Fault {
    /// The reason in Chinese, with what to do about it.
    pub(crate) fn reason(self, column: Option<&Column>) -> String {
        match self {
            Fault::NotNumber => match column.map(|column| column.ty) {
                Some(Type::Int) => "不是整数。请改成如 7 的写法后重新导入".to_owned(),
                _ => "不是数字。请改成如 1234.56 的写法后重新导入".to_owned(),
            },
            Fault::TooManyDecimals(places) => {
                format!("小数超过 {places} 位。请按 {places} 位小数重新导出；如来源一向如此，可在导入对照文件里写 round = true（四舍五入）")
            }
            Fault::TooLarge => "数字太大，超过 16 位。请核对是否错列后重新导入".to_owned(),
            Fault::NotWhole => "应为整数，却带小数。请改成整数后重新导入".to_owned(),
            Fault::RatioTooLarge => "比例应在 0 与 1 之间，如 0.1 或 10%。请改正后重新导入".to_owned(),
            Fault::NotTime => match column.map(|column| column.ty) {
                Some(Type::Time) => {
                    "认不出日期时间。请改成如 2025-03-05 09:00:00 的写法，或在导入对照文件的 date_formats 里写明格式".to_owned()
                }
                _ => "认不出日期。请改成如 2025-03-05 的写法，或在导入对照文件的 date_formats 里写明格式".to_owned(),
            },
            Fault::NoSuchDay => "没有这一天。请核对年、月、日后重新导入".to_owned(),
            Fault::NoSuchHour => "没有这个时刻。请核对时、分、秒后重新导入".to_owned(),
            Fault::YearOutOfRange => "年份不在 1900～2100 之内。请核对后重新导入".to_owned(),
            Fault::SerialDate => "像是 Excel 的日期序号。请把这一列设为日期格式后重新导出，或直接导入 .xlsx".to_owned(),
            Fault::LostDigits => "长编号被 Excel 存成了数字，末几位已丢失。请把这一列设为文本格式后从原系统重新导出".to_owned(),
            Fault::BadBytes => "含有无法解码的字节。请用 UTF-8 或 GB18030 编码重新导出".to_owned(),
            Fault::Nul => "含有空字符（NUL），多为传输损坏。请重新导出或重新传输".to_owned(),
            Fault::NoResult => "单元格是公式，文件里没有存它的结果。请用 Excel 打开、保存一遍（或粘贴为数值）后重新导入".to_owned(),
            Fault::Missing => match column {
                Some(column) if column.title.is_empty() => format!("缺少 {}，这一行无法入湖。请补齐后重新导入", column.name),
                Some(column) => format!("缺少{}（{}），这一行无法入湖。请补齐后重新导入", column.title, column.name),
                None => "缺少必填项，这一行无法入湖。请补齐后重新导入".to_owned(),
            },
            Fault::ColumnCount(found, expected) => {
                format!("列数不对：这一行 {found} 列，表头 {expected} 列。请检查单元格里是否有未加引号的分隔符，或这一行被截断")
            }
            Fault::OpenQuote => "引号没有成对，这一行读不完整。请补上引号或去掉多余的引号".to_owned(),
            Fault::TooLong => "一行超过 1 MiB，不像是数据行，多为传输损坏。请重新导出或重新传输".to_owned(),
            Fault::CutOff => "文件到此中断（压缩包不完整），这一行及其后的内容没有读到。请重新传输整个文件后再导入".to_owned(),
        }
    }
}
