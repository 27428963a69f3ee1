//! 3103: what the doctor did about a reminder.

use super::lenient::{Text, node};

node! {
    /// `warns[]`
    Warn {
        id: Text = "warnrsltid" | "jrid",
        // 1 继续执行医嘱, 2 返回修改医嘱
        way: Text = "dspoway",
        reason: Text = "dspowayrea" | "dspowaydscr",
    }
}
