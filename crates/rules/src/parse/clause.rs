//! Clauses of a block: `for`, `per`, `let`, `need`, `unless`, `hit`, `suspect`, `watch`, `amount`, `say`.

use super::{Failed, LETS_MAX, Parsed, Parser, SqlTail, expr};
use crate::ast::{Amount, Block, Key, Look, Name, PairTable, Template, Window};
use crate::diagnostic::Span;
use crate::lexer::Token;

const CLAUSES: [&str; 10] = ["for", "per", "let", "need", "unless", "hit", "suspect", "watch", "amount", "say"];

const AMOUNTS: [&str; 8] = ["scope", "none", "excess … over …", "price over …", "lines where …", "ladder …", "part up to main", "both"];

impl Parser<'_, '_> {
    pub(super) fn block(&mut self, body: Span) -> Option<Block> {
        let start = Span::new(body.start, body.start);
        let mut block = Block {
            at: start,
            look: Look::Lines,
            table: None,
            filter: None,
            keys: Vec::new(),
            window: Window::All,
            lets: Vec::new(),
            needs: Vec::new(),
            unless: Vec::new(),
            hit: None,
            suspect: None,
            watch: None,
            amount: Amount::None,
            amount_at: start,
            say: Template::default(),
        };
        let mut seen: Vec<String> = Vec::new();
        while *self.peek() != Token::End {
            if *self.peek() == Token::Break {
                self.at += 1;
                continue;
            }
            let at = self.here();
            if self.clause(&mut block, &mut seen).is_err() {
                self.skip_clause();
            } else if !self.at_clause_end() {
                let written = self.complaints.source.slice(self.here()).to_string();
                self.complaints.at(self.here(), format!("这一句到这里应该结束了，多出“{written}”；新的一句另起一行，顶格写"));
                self.skip_clause();
            }
            debug_assert!(self.here() != at || *self.peek() == Token::End, "a clause takes at least one token");
        }
        self.completeness(&seen, start);
        seen.iter().any(|word| word == "for").then_some(block)
    }

    fn completeness(&mut self, seen: &[String], start: Span) {
        if !self.complaints.is_empty() {
            return;
        }
        let has = |word: &str| seen.iter().any(|seen| seen == word);
        let mut missing = Vec::new();
        for word in ["for", "per", "amount", "say"] {
            if !has(word) {
                missing.push(word);
            }
        }
        if !(has("hit") || has("suspect") || has("watch")) {
            missing.push("hit when（或 suspect when、watch when）");
        }
        if !missing.is_empty() {
            self.complaints.at(start, format!("这个规则块缺少：{}", missing.join("、")));
        }
    }

    fn clause(&mut self, block: &mut Block, seen: &mut Vec<String>) -> Parsed<()> {
        let at = self.here();
        let word = match self.peek() {
            Token::Name(word) if CLAUSES.contains(&word.as_str()) => word.clone(),
            _ => return self.wrong_word("每一句以这些词之一开头（接着写上一句时，行首请缩进）", &CLAUSES),
        };
        let once = !["let", "need", "unless"].contains(&word.as_str());
        if once && seen.contains(&word) {
            self.complaints.at(at, format!("{word} 在一个块里只能写一次；几种情形请写成几个 rule 块"));
            return Err(Failed);
        }
        self.at += 1;
        seen.push(word.clone());
        match word.as_str() {
            "for" => self.look(block),
            "per" => self.grouping(block),
            "let" => self.named(block),
            "need" => {
                let holds = self.expression()?;
                self.expect_word("else", "need 条件 else \"不判的原因\"")?;
                let reason = self.text("不判的原因")?;
                block.needs.push((holds, reason));
                Ok(())
            }
            "unless" => {
                let when = self.expression()?;
                let reason = self.text("豁免的原因")?;
                block.unless.push((when, reason));
                Ok(())
            }
            "hit" => {
                self.expect_word("when", "hit when 条件")?;
                block.hit = Some(self.expression()?);
                Ok(())
            }
            "suspect" => {
                self.expect_word("when", "suspect when 条件")?;
                block.suspect = Some(self.expression()?);
                Ok(())
            }
            "watch" => {
                self.expect_word("when", "watch when 条件")?;
                block.watch = Some(self.expression()?);
                Ok(())
            }
            "amount" => {
                block.amount_at = self.here();
                block.amount = self.amount()?;
                Ok(())
            }
            _ => {
                block.say = self.template()?;
                Ok(())
            }
        }
    }

    fn look(&mut self, block: &mut Block) -> Parsed<()> {
        let all = Look::ALL.map(|(_, title)| title);
        let first = match self.peek() {
            Token::Name(word) => word.clone(),
            _ => return self.wrong_word("for 后面写看哪些行", &all),
        };
        let title = if first == "all" || first == "raw" {
            match self.peek_second() {
                Token::Name(word) if word == "lines" => format!("{first} lines"),
                _ => return self.wrong_word("for 后面写看哪些行", &all),
            }
        } else {
            first
        };
        let Some((look, _)) = Look::ALL.iter().find(|(_, known)| *known == title) else {
            return self.wrong_word("for 后面写看哪些行", &all);
        };
        self.at += title.split(' ').count();
        block.look = *look;
        if *look == Look::Pairs {
            self.expect_word("in", "for pairs in 知识表 as k")?;
            let table = self.name("知识表的名字")?;
            self.expect_word("as", "for pairs in 知识表 as k")?;
            let alias = self.own_name("知识点的名字，如 k")?;
            block.table = Some(PairTable { table, alias });
        }
        if self.take_word("where") {
            block.filter = Some(self.expression()?);
        }
        Ok(())
    }

    fn grouping(&mut self, block: &mut Block) -> Parsed<()> {
        loop {
            if self.window(block)? {
                break;
            }
            let word = self.name("分组，如 person、visit、item、day")?;
            let column = if self.take_sign(".") { Some(self.name("知识点的列名")?) } else { None };
            if column.as_ref().is_some_and(|column| column.text == "window") {
                block.window = Window::Point(word.at);
                break;
            }
            block.keys.push(Key { word, column });
            // The window may follow with or without a comma.
            if !self.take_sign(",") && !matches!(self.peek(), Token::Name(_)) {
                break;
            }
        }
        Ok(())
    }

    /// Reads a window if one stands here.
    fn window(&mut self, block: &mut Block) -> Parsed<bool> {
        let at = self.here();
        block.window = if self.take_word("within") {
            Window::Within(self.day_count("within N days")?)
        } else if self.take_word("course") {
            self.expect_word("gap", "course gap N days")?;
            Window::Course(self.day_count("course gap N days")?)
        } else if self.take_word("chain") {
            self.expect_word("overlap", "chain overlap N days")?;
            Window::Chain(self.day_count("chain overlap N days")?)
        } else if self.take_word("next") {
            Window::Next(at)
        } else {
            return Ok(false);
        };
        Ok(true)
    }

    fn day_count(&mut self, form: &str) -> Parsed<crate::ast::Node> {
        let written_with_unit = matches!(self.peek(), Token::Days(_));
        let count = self.sum()?;
        if !self.take_word("days") && !written_with_unit {
            return self.expected(&format!("天数后面应是 days（{form}）"));
        }
        Ok(count)
    }

    fn named(&mut self, block: &mut Block) -> Parsed<()> {
        let name = self.own_name("名字")?;
        self.expect_sign("=")?;
        let value = self.expression()?;
        if block.lets.len() == LETS_MAX {
            self.complaints.at(name.at, format!("一个块里最多 {LETS_MAX} 个 let"));
            return Err(Failed);
        }
        if block.lets.iter().any(|(other, _)| other.text == name.text) {
            self.complaints.at(name.at, format!("{} 已经起过名了", name.text));
            return Err(Failed);
        }
        block.lets.push((name, value));
        Ok(())
    }

    fn amount(&mut self) -> Parsed<Amount> {
        if self.take_word("scope") {
            Ok(Amount::Scope)
        } else if self.take_word("none") {
            Ok(Amount::None)
        } else if self.take_word("both") {
            Ok(Amount::Both)
        } else if self.take_word("excess") {
            let of = self.sum()?;
            self.expect_word("over", "amount excess 汇总的量 over 限量")?;
            Ok(Amount::Excess { of, over: self.sum()? })
        } else if self.take_word("price") {
            self.expect_word("over", "amount price over 限价")?;
            Ok(Amount::PriceOver(self.sum()?))
        } else if self.take_word("lines") {
            self.expect_word("where", "amount lines where 条件")?;
            Ok(Amount::LinesWhere(self.expression()?))
        } else if self.take_word("ladder") {
            let mut rates = vec![self.sum()?];
            while self.take_sign(",") {
                rates.push(self.sum()?);
            }
            Ok(Amount::Ladder(rates))
        } else if self.take_word("part") {
            self.expect_word("up", "amount part up to main")?;
            self.expect_word("to", "amount part up to main")?;
            self.expect_word("main", "amount part up to main")?;
            Ok(Amount::PartUpToMain)
        } else {
            self.wrong_word("amount 后面写怎么算钱", &AMOUNTS)
        }
    }

    pub(super) fn template(&mut self) -> Parsed<Template> {
        let at = self.here();
        self.text("一句话")?;
        expr::template(self.complaints, at)
    }

    pub(super) fn sql_tail(&mut self, body: Span) -> Option<SqlTail> {
        let mut tail = SqlTail { evidence: None, say: Template::default() };
        let mut said = false;
        while *self.peek() != Token::End {
            if *self.peek() == Token::Break {
                self.at += 1;
                continue;
            }
            let done: Parsed<()> = if self.take_word("evidence") {
                self.name("国家表名").map(|name: Name| tail.evidence = Some(name))
            } else if self.take_word("say") {
                said = true;
                self.template().map(|say| tail.say = say)
            } else {
                self.wrong_word("SQL 规则的 rule 块只有这两句", &["evidence 国家表名", "say \"一句话\""])
            };
            if done.is_err() {
                self.skip_clause();
            } else if !self.at_clause_end() {
                self.complaints.at(self.here(), "这一句到这里应该结束了；新的一句另起一行，顶格写");
                self.skip_clause();
            }
        }
        if !said || tail.evidence.is_none() {
            self.complaints.at(Span::new(body.start, body.start), "SQL 规则的 rule 块要写 evidence 国家表名 和 say \"一句话\"");
        }
        Some(tail)
    }
}
