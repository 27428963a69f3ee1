//! 答复归类: an institution's free words sorted into reason classes, with a conclusion proposed for a person to take (D0).
//!
//! Computed on site from a phrase list and, once there are decided replies, from the pairs of characters in them. It proposes; the
//! reviewer decides, and sees which words spoke for the class. Below the bar it proposes nothing.

use std::collections::HashMap;

use serde::Serialize;

/// What the words amount to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Reason class: accept, clinical, emergency, distinct, policy, price, data, refunded, other.
    pub class: String,
    pub title: String,
    /// accept, appeal: how the line is to be read.
    pub answer: String,
    /// What the reviewer's form is pre-filled with: uphold, partly, withdraw; none where records must be read first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// 0–100
    pub confidence: i64,
    /// The words that spoke for it.
    pub words: Vec<String>,
}

struct Class {
    id: &'static str,
    title: &'static str,
    answer: &'static str,
    conclusion: Option<&'static str>,
    phrases: &'static [(&'static str, f64)],
}

/// Phrases as hospitals write them, with weights; longer and rarer ones weigh more. A phrase with 不 or 未 before it does not count, save
/// where the list has the negation itself.
const CLASSES: &[Class] = &[
    Class {
        id: "accept",
        title: "认可",
        answer: "accept",
        conclusion: Some("uphold"),
        phrases: &[
            ("认可", 2.0),
            ("无异议", 3.0),
            ("没有异议", 3.0),
            ("接受", 2.0),
            ("同意扣", 3.0),
            ("同意退", 3.0),
            ("情况属实", 3.0),
            ("属实", 2.0),
            ("无意见", 3.0),
            ("没有意见", 3.0),
            ("愿意退", 3.0),
            ("同意医保", 2.5),
            ("认罚", 2.5),
            ("确属", 2.0),
            ("确实多收", 3.0),
            ("误收", 2.0),
            ("工作失误", 2.5),
            ("操作失误", 2.0),
            ("立即整改", 2.5),
            ("已整改", 2.0),
            ("退回", 1.5),
            ("今后加强", 2.0),
        ],
    },
    Class {
        id: "clinical",
        title: "病情需要",
        answer: "appeal",
        conclusion: None,
        phrases: &[
            ("病情需要", 3.0),
            ("病情", 1.0),
            ("指征", 2.5),
            ("适应症", 2.0),
            ("适应证", 2.0),
            ("并发症", 1.5),
            ("合并", 1.0),
            ("诊断明确", 2.0),
            ("诊疗规范", 2.0),
            ("指南", 2.0),
            ("病程记录", 1.5),
            ("检查提示", 1.5),
            ("治疗需要", 2.5),
            ("会诊", 1.5),
            ("术后", 1.0),
            ("感染", 1.0),
        ],
    },
    Class {
        id: "emergency",
        title: "急诊、抢救",
        answer: "appeal",
        conclusion: None,
        phrases: &[
            ("急诊", 2.0),
            ("抢救", 3.0),
            ("急救", 3.0),
            ("危重", 2.0),
            ("休克", 2.0),
            ("心跳骤停", 3.0),
            ("绿色通道", 2.5),
            ("病危", 2.5),
        ],
    },
    Class {
        id: "distinct",
        title: "不同部位、时段或项目",
        answer: "appeal",
        conclusion: Some("withdraw"),
        phrases: &[
            ("不同部位", 3.0),
            ("双侧", 2.5),
            ("左右侧", 2.5),
            ("两个部位", 3.0),
            ("多部位", 2.5),
            ("不同时间", 2.5),
            ("不同时段", 2.5),
            ("上午", 1.0),
            ("下午", 1.0),
            ("两次手术", 2.5),
            ("分次", 2.0),
            ("不是同一", 2.5),
            ("非同一", 2.5),
            ("转科", 2.0),
            ("两种项目", 2.0),
            ("内涵不同", 3.0),
            ("不重复", 2.0),
        ],
    },
    Class {
        id: "policy",
        title: "政策或批复允许",
        answer: "appeal",
        conclusion: None,
        phrases: &[
            ("文件规定", 2.5),
            ("根据文件", 2.5),
            ("按照文件", 2.5),
            ("医保发", 2.0),
            ("批复", 2.5),
            ("政策允许", 3.0),
            ("符合政策", 3.0),
            ("符合规定", 2.0),
            ("目录规定", 2.0),
            ("限定支付范围内", 3.0),
            ("符合限定", 3.0),
            ("备案同意", 2.0),
            ("双通道", 2.0),
            ("慢特病", 1.5),
            ("门特", 1.5),
            ("谈判药", 1.5),
        ],
    },
    Class {
        id: "price",
        title: "按备案或协议价格收取",
        answer: "appeal",
        conclusion: None,
        phrases: &[
            ("备案价", 3.0),
            ("物价", 2.0),
            ("收费标准", 2.0),
            ("价格文件", 3.0),
            ("协议价", 2.5),
            ("调价", 2.5),
            ("加收", 2.0),
            ("计价单位", 2.5),
            ("按次计价", 2.0),
        ],
    },
    Class {
        id: "data",
        title: "数据或对码错误",
        answer: "appeal",
        conclusion: None,
        phrases: &[
            ("上传错误", 3.0),
            ("录入错误", 3.0),
            ("对码", 3.0),
            ("对照错误", 3.0),
            ("编码错误", 3.0),
            ("系统故障", 2.5),
            ("接口", 2.0),
            ("信息系统", 1.5),
            ("数据错误", 3.0),
            ("漏传", 2.5),
            ("时间录入", 2.0),
            ("补录", 2.0),
            ("补记", 2.0),
            ("诊断漏", 2.5),
            ("未上传", 2.0),
            ("名称对应", 2.0),
            ("映射", 2.0),
        ],
    },
    Class {
        id: "refunded",
        title: "已退费或未进基金",
        answer: "appeal",
        conclusion: Some("withdraw"),
        phrases: &[
            ("已退费", 3.0),
            ("退费", 1.0),
            ("冲销", 2.0),
            ("已经退费", 3.0),
            ("已冲销", 3.0),
            ("自费", 2.0),
            ("患者自付", 2.0),
            ("未纳入", 2.0),
            ("未报销", 3.0),
            ("未进入医保", 3.0),
            ("已红冲", 3.0),
            ("已退还", 2.5),
        ],
    },
];

/// Words that turn a phrase into its opposite when they stand right before it.
const NEGATIONS: &[&str] =
    &["不", "未", "非", "无", "没", "没有", "不予", "不能", "无法", "难以", "不是", "不属于", "不属", "不系", "未予", "未曾", "并未有"];

/// Refusals that settle the answer whatever class follows.
const REFUSALS: &[&str] = &[
    "不认可",
    "不予认可",
    "无法认可",
    "不认同",
    "不同意",
    "不接受",
    "不能接受",
    "难以接受",
    "不属实",
    "不服",
    "有异议",
    "提出异议",
    "申诉",
    "复议",
    "请予复核",
    "请求复核",
    "恳请",
];

/// Words after which something else follows than what was said before: the reply pulls both ways, and a person reads it.
const CONTRASTS: &[&str] = &["但", "不过", "然而", "部分认可", "部分接受", "部分同意"];

/// Sorts a reply by phrases alone.
pub fn classify(text: &str) -> Option<Proposal> {
    Learned::default().classify(text)
}

/// Weights learned from replies whose class a person set: naive Bayes over pairs of characters.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// By pair, how often in replies of each class.
    pairs: HashMap<[char; 2], Vec<u32>>,
    /// Replies and pairs of each class.
    replies: Vec<u32>,
    totals: Vec<u32>,
}

/// Replies of a class before its own words are believed.
const BELIEVED: u32 = 5;

impl Learned {
    /// Takes a reply and the reason code a person gave it; codes without a class teach nothing.
    pub fn learn(&mut self, text: &str, code: &str) {
        let Some(at) = CLASSES.iter().position(|class| class.id == code) else { return };
        self.replies.resize(CLASSES.len(), 0);
        self.totals.resize(CLASSES.len(), 0);
        self.replies[at] += 1;
        for pair in pairs(text) {
            let counts = self.pairs.entry(pair).or_insert_with(|| vec![0; CLASSES.len()]);
            counts[at] += 1;
            self.totals[at] += 1;
        }
    }

    /// Sorts a reply; None where nothing speaks clearly enough.
    pub fn classify(&self, text: &str) -> Option<Proposal> {
        let text: String = text.chars().filter(|char| !char.is_whitespace()).take(4_000).collect();
        if text.is_empty() {
            return None;
        }
        let refuses = REFUSALS.iter().any(|phrase| stands(&text, phrase).is_some());
        let mut scores: Vec<(f64, Vec<String>)> = CLASSES.iter().map(|class| by_phrases(&text, class)).collect();
        if refuses {
            scores[0] = (0.0, Vec::new());
        }
        for (score, learned) in scores.iter_mut().zip(self.by_pairs(&text)) {
            score.0 += learned;
        }
        let best = (0..CLASSES.len()).max_by(|&a, &b| scores[a].0.total_cmp(&scores[b].0).then(b.cmp(&a)))?;
        let top = scores[best].0;
        let second = (0..CLASSES.len()).filter(|&i| i != best).map(|i| scores[i].0).fold(0.0, f64::max);
        if top < 2.0 {
            return refuses.then(|| Proposal {
                class: "other".into(),
                title: "不认可，理由待看".into(),
                answer: "appeal".into(),
                conclusion: None,
                confidence: 50,
                words: REFUSALS.iter().filter(|phrase| stands(&text, phrase).is_some()).map(|&phrase| phrase.to_owned()).collect(),
            });
        }
        let class = &CLASSES[best];
        let pulls_both_ways = CONTRASTS.iter().any(|word| text.contains(word));
        // How far the best stands above the next, and how much was said at all.
        let clear = (top - second) / top;
        let confidence = (100.0 * (0.4 + 0.6 * clear) * (top / (top + 1.0))).round().clamp(0.0, 99.0) as i64;
        Some(Proposal {
            class: class.id.into(),
            title: class.title.into(),
            answer: class.answer.into(),
            conclusion: class.conclusion.filter(|_| confidence >= 60 && !pulls_both_ways).map(str::to_owned),
            confidence,
            words: std::mem::take(&mut scores[best].1),
        })
    }

    /// Bonus per class from learned pairs, at most 3 either way around the mean, 0 for classes hardly seen.
    fn by_pairs(&self, text: &str) -> Vec<f64> {
        let mut bonus = vec![0.0; CLASSES.len()];
        let known: Vec<usize> = (0..self.replies.len()).filter(|&at| self.replies[at] >= BELIEVED).collect();
        if known.len() < 2 {
            return bonus;
        }
        let vocabulary = self.pairs.len() as f64;
        let (mut logs, mut met) = (vec![0.0; CLASSES.len()], 0);
        for pair in pairs(text) {
            if let Some(counts) = self.pairs.get(&pair) {
                met += 1;
                for &at in &known {
                    logs[at] += ((f64::from(counts[at]) + 0.5) / (f64::from(self.totals[at]) + 0.5 * vocabulary)).ln();
                }
            }
        }
        if met == 0 {
            return bonus;
        }
        let mean = known.iter().map(|&at| logs[at]).sum::<f64>() / known.len() as f64;
        for &at in &known {
            bonus[at] = ((logs[at] - mean) / (met as f64).sqrt()).clamp(-3.0, 3.0);
        }
        bonus
    }
}

fn by_phrases(text: &str, class: &Class) -> (f64, Vec<String>) {
    let found: Vec<&(&str, f64)> = class.phrases.iter().filter(|(phrase, _)| stands(text, phrase).is_some()).collect();
    (found.iter().map(|(_, weight)| weight).sum(), found.iter().map(|(phrase, _)| (*phrase).to_owned()).collect())
}

/// Where a phrase stands without a negation before it.
fn stands(text: &str, phrase: &str) -> Option<usize> {
    text.match_indices(phrase).map(|(at, _)| at).find(|&at| !NEGATIONS.iter().any(|word| text[..at].ends_with(word)))
}

fn pairs(text: &str) -> impl Iterator<Item = [char; 2]> + '_ {
    let kept = || text.chars().filter(|char| char.is_alphanumeric());
    kept().zip(kept().skip(1)).map(|(a, b)| [a, b])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> Option<(String, String)> {
        classify(text).map(|proposal| (proposal.class, proposal.answer))
    }

    fn told(class: &str, answer: &str) -> Option<(String, String)> {
        Some((class.into(), answer.into()))
    }

    #[test]
    fn replies_as_hospitals_write_them_find_their_class() {
        assert_eq!(class("情况属实，系操作失误，同意扣款，今后加强管理。"), told("accept", "accept"));
        assert_eq!(class("患者病情需要，有用药指征，病程记录可查。"), told("clinical", "appeal"));
        assert_eq!(class("该患者行双侧膝关节手术，属不同部位，不应视为重复收费"), told("distinct", "appeal"));
        assert_eq!(class("药品对码错误，实际使用为另一规格，已补录。"), told("data", "appeal"));
        assert_eq!(class("该笔费用已退费，未进入医保结算"), told("refunded", "appeal"));
        assert_eq!(class("患者急诊入院，行心肺复苏抢救"), told("emergency", "appeal"));
        assert_eq!(class("按市物价收费标准加收，见价格文件"), told("price", "appeal"));
    }

    #[test]
    fn a_negated_phrase_does_not_count() {
        assert_eq!(class("不认可，患者病情需要，有手术指征"), told("clinical", "appeal"));
        assert_eq!(class("我院不认可该条"), told("other", "appeal"));
        assert_eq!(class("未退回"), None);
    }

    #[test]
    fn nothing_is_proposed_where_nothing_speaks() {
        assert_eq!(classify("请见附件"), None);
        assert_eq!(classify("   "), None);
        // Records must be read: no conclusion is pre-filled.
        assert_eq!(classify("病情需要，有指征").and_then(|proposal| proposal.conclusion), None);
        assert_eq!(classify("无异议，同意扣款").and_then(|proposal| proposal.conclusion).as_deref(), Some("uphold"));
    }

    #[test]
    fn decided_replies_teach_words_the_list_does_not_have() {
        let odd = "本院采用胰腺导管支架方案见第三页";
        assert_eq!(classify(odd), None);
        let mut learned = Learned::default();
        for i in 0..8 {
            learned.learn(&format!("采用胰腺导管支架方案，第{i}例"), "clinical");
            learned.learn(&format!("收银窗口重新打印小票，第{i}次"), "refunded");
        }
        assert_eq!(learned.classify(odd).map(|proposal| proposal.class).as_deref(), Some("clinical"));
    }

    #[test]
    fn odd_wordings_are_read_as_a_person_would() {
        let mut wrong = Vec::new();
        for (text, expected) in [
            // Agreement.
            ("我院对此无异议", Some("accept")),
            ("没有异议，同意退回", Some("accept")),
            ("无意见", Some("accept")),
            ("属实，认罚", Some("accept")),
            ("经核实为收费员重复录入，愿意退款", Some("accept")),
            ("同意医保局意见", Some("accept")),
            // Refusal in words that hold agreement's.
            ("我院有异议", Some("other")),
            ("并非无异议", None),
            ("对认定金额有异议，事实认可", Some("other")),
            ("不予认可", Some("other")),
            ("不能接受", Some("other")),
            ("无法认可该条疑点", Some("other")),
            ("不同意扣款", Some("other")),
            ("请求复议", Some("other")),
            ("该疑点不属实", Some("other")),
            ("情况不属实，病程记录可证", Some("other")),
            // Grounds, and the same grounds denied.
            ("非急诊患者", None),
            ("不属于急诊，系择期", None),
            ("患者并无抢救", None),
            ("费用尚未退费", None),
            ("没有退费", None),
            ("该费用没有纳入医保报销，患者自付", Some("refunded")),
            ("已于次日退费冲销", Some("refunded")),
            ("全部自费结算", Some("refunded")),
            ("不是双侧手术", None),
            ("左膝、右膝各一次，系两个部位", Some("distinct")),
            ("上午下午各做一次，不同时段", Some("distinct")),
            ("不属于重复收费，内涵不同", Some("distinct")),
            ("HIS 与医保编码对照错误", Some("data")),
            ("时间录入错误，系补录医嘱", Some("data")),
            ("并非系统故障", None),
            ("物价备案价格收取，有批文", Some("price")),
            ("无指征不成立，患者有明确手术指征", Some("clinical")),
            ("见病历", None),
            ("同上", None),
            ("…", None),
        ] {
            let found = classify(text).map(|proposal| proposal.class);
            if found.as_deref() != expected {
                wrong.push(format!("{text}: {found:?}, expected {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn nothing_is_decided_for_a_person_where_the_words_pull_both_ways() {
        for text in ["事实认可，但金额有误，请重新核算", "部分认可，部分不同部位", "认可违规，但已退费", "同意扣款，但病情需要"]
        {
            let proposal = classify(text);
            assert_eq!(proposal.as_ref().and_then(|one| one.conclusion.clone()), None, "{text}: {proposal:?}");
        }
    }

    #[test]
    fn long_and_hostile_text_is_survived() {
        let text = "申诉<script>".repeat(100_000);
        assert_eq!(class(&text), told("other", "appeal"));
    }
}
