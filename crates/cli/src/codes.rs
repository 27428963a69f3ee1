//! Words for the national codes a reader meets in lists: 医疗类别, 收费类别, 性别, 机构等级, 项目来源.

/// 就医来源 by med_type; the first two digits decide.
pub fn care(med_type: &str) -> &'static str {
    match med_type.get(..2).unwrap_or(med_type) {
        "11" | "12" | "19" => "门诊",
        "13" => "急诊",
        "14" => "门诊慢特病",
        "15" => "特药",
        "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" => "住院",
        "41" => "药店",
        "51" => "生育门诊",
        "52" => "生育住院",
        "53" => "计划生育",
        "" => "",
        _ => "其他",
    }
}

/// Whether a med_type is a stay.
pub fn is_stay(med_type: &str) -> bool {
    med_type.starts_with('2') || med_type.starts_with("52")
}

/// 项目来源 by the shape of the code: 药品, 饮片, 材料, 诊疗.
pub fn item_kind(code: &str) -> &'static str {
    match code.as_bytes().first() {
        None => "",
        Some(b'C') => "材料",
        Some(b'T') => "饮片",
        Some(letter) if letter.is_ascii_alphabetic() => "药品",
        Some(_) => "诊疗",
    }
}

/// 医疗收费项目类别 (med_chrgitm_type).
pub fn charge(code: &str) -> &'static str {
    match code {
        "01" => "床位费",
        "02" => "诊察费",
        "03" => "检查费",
        "04" => "化验费",
        "05" => "治疗费",
        "06" => "手术费",
        "07" => "护理费",
        "08" => "卫生材料费",
        "09" => "西药费",
        "10" => "中药饮片费",
        "11" => "中成药费",
        "12" => "一般诊疗费",
        "13" => "挂号费",
        "14" => "其他费",
        _ => "",
    }
}

/// 性别 (gend).
pub fn sex(code: &str) -> &'static str {
    match code {
        "1" | "男" => "男",
        "2" | "女" => "女",
        _ => "",
    }
}

/// 险种 (insutype).
pub fn insurance(code: &str) -> &'static str {
    match code {
        "310" => "职工医保",
        "390" => "居民医保",
        "510" => "生育保险",
        "410" => "工伤保险",
        _ => "",
    }
}

/// 医师职称 (drord_dr_profttl).
pub fn job_title(code: &str) -> &'static str {
    match code {
        "1" => "医士",
        "2" => "医师",
        "3" => "主治医师",
        "4" => "副主任医师",
        "5" => "主任医师",
        _ => "",
    }
}

/// 机构等级 by hosp_lv.
pub fn level(code: &str) -> &'static str {
    match code {
        "01" | "02" | "03" | "04" | "12" => "三级",
        "05" | "06" | "07" | "13" => "二级",
        "08" | "09" | "10" | "14" => "一级",
        "11" => "一级及以下",
        _ => "",
    }
}

/// 分区.
pub fn band(code: &str) -> &'static str {
    match code {
        "core" => "核心区",
        "watch" => "观察区",
        _ => "",
    }
}
