//! 类型: what kind of value an expression gives. Scales (places after the point) stand beside the type.

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    Bool,
    /// A plain number; fits any quantity.
    Number,
    /// A share; shown as percent.
    Ratio,
    Quantity,
    Money,
    Price,
    Days,
    Hours,
    Day,
    Moment,
    /// `age`: compares with age limits only.
    Age,
    AgeLimit,
    Sex,
    Care,
    Level,
    Text,
    Item,
    Generic,
    Institution,
    Diagnosis,
    /// First three characters of a diagnosis.
    Category,
    Visit,
    Settlement,
    Session,
    Prescription,
    MedCode,
    Insurance,
    DischargeWay,
    ChargeCode,
    /// Set columns of a knowledge table.
    CareSet,
    TextSet,
    ItemSet,
}

impl Type {
    pub fn title(self) -> &'static str {
        match self {
            Type::Bool => "是否",
            Type::Number => "数",
            Type::Ratio => "比例",
            Type::Quantity => "数量",
            Type::Money => "金额",
            Type::Price => "单价",
            Type::Days => "天数",
            Type::Hours => "小时数",
            Type::Day => "日期",
            Type::Moment => "时间",
            Type::Age => "年龄",
            Type::AgeLimit => "年龄",
            Type::Sex => "性别",
            Type::Care => "就医方式",
            Type::Level => "等级",
            Type::Text => "文字",
            Type::Item => "项目",
            Type::Generic => "通用名",
            Type::Institution => "机构",
            Type::Diagnosis => "诊断",
            Type::Category => "诊断类目",
            Type::Visit => "就诊",
            Type::Settlement => "结算",
            Type::Session => "手术场次",
            Type::Prescription => "处方",
            Type::MedCode => "医疗类别",
            Type::Insurance => "险种",
            Type::DischargeWay => "离院方式",
            Type::ChargeCode => "收费类别",
            Type::CareSet => "就医方式的集合",
            Type::TextSet => "文字的集合",
            Type::ItemSet => "项目编码的集合",
        }
    }

    /// What a value of the type looks like in a rule, for complaints.
    pub fn example(self) -> &'static str {
        match self {
            Type::Sex => "男 或 女",
            Type::Care => "门诊、急诊、门慢、购药 或 住院",
            Type::Level => "三级、二级 或 一级",
            Type::Age | Type::AgeLimit => "18岁、28天 这样的年龄",
            Type::MedCode => "两位的医疗类别，如 52",
            Type::Insurance => "险种代码，如 310",
            Type::DischargeWay => "离院方式代码，如 1",
            Type::ChargeCode => "收费类别 01–14",
            Type::Text => "双引号括起来的文字",
            Type::Item => "双引号括起来的编码前缀，如 \"XA\"",
            Type::Day => "日期，如 \"2026-01-01\"",
            _ => "同类的值",
        }
    }

    pub fn is_numeric(self) -> bool {
        matches!(self, Type::Number | Type::Ratio | Type::Quantity | Type::Money | Type::Price | Type::Days | Type::Hours)
    }

    /// Whether `<` means something.
    pub fn is_ordered(self) -> bool {
        self.is_numeric() || matches!(self, Type::Day | Type::Moment | Type::Age | Type::AgeLimit | Type::Level)
    }

    /// The type in which two numbers meet, if they may: equal ones, a plain number with any, quantities with days and hours
    /// (a count may be one of days or hours).
    pub fn meet(self, other: Type) -> Option<Type> {
        use Type::*;
        if !self.is_numeric() || !other.is_numeric() {
            return None;
        }
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Number, b) => Some(b),
            (a, Number) => Some(a),
            (Quantity, Days | Hours) | (Days | Hours, Quantity) => Some(Quantity),
            _ => None,
        }
    }
}
