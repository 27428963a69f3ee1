//! 系统错误: what the operating system says, in Chinese.

use std::io;

/// The text of a system error for whoever runs the program, with its number for whoever looks it up.
pub fn told(error: &io::Error) -> String {
    let text = match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件或目录",
        io::ErrorKind::PermissionDenied => "没有权限",
        io::ErrorKind::StorageFull => "磁盘没有空间了",
        io::ErrorKind::QuotaExceeded => "超过了磁盘配额",
        io::ErrorKind::FileTooLarge => "文件超过了允许的大小",
        io::ErrorKind::ReadOnlyFilesystem => "文件系统是只读的",
        io::ErrorKind::NotADirectory => "不是目录",
        io::ErrorKind::IsADirectory => "是目录，不是文件",
        io::ErrorKind::AlreadyExists => "已经有同名的文件或目录",
        io::ErrorKind::TimedOut => "超时",
        io::ErrorKind::ConnectionRefused => "对方没有接受连接",
        io::ErrorKind::InvalidData => "不是合法的文本",
        _ if error.raw_os_error() == Some(EIO) => "磁盘或设备读写出错",
        _ => return error.to_string(),
    };
    match error.raw_os_error() {
        Some(number) => format!("{text}，系统错误 {number}"),
        None => text.to_owned(),
    }
}

/// The same number on all Unixes; std has no kind for it.
const EIO: i32 = 5;
