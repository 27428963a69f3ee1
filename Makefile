# 明鉴 Mingjian. The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

# make demo PERSONS=100000 MONTHS=12 FROM=2025-01 SEED=7 DEMO=demo
PERSONS ?= 20000
MONTHS  ?= 12
FROM    ?= 2025-01
SEED    ?= 20250101
DEMO    ?= demo
# The platform of the demonstration listens here, or on the next free port; everybody knows the password.
PORT    ?= 8080
PASSWORD ?= Qingshan-Lushui-86
# make bench LINES=2000000
LINES   ?= 20000000

CARGO   ?= cargo
TARGET  := $(or $(CARGO_TARGET_DIR),target)
BIN     := $(TARGET)/debug/mingjian
VENV    := $(TARGET)/venv
PYTHON  := $(VENV)/bin/python

.PHONY: help demo stop-demo web client test bench check tools build clean-demo

help: ## 列出可用的命令
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

tools:
	@missing=""
	command -v cc >/dev/null || missing="$$missing build-essential"
	command -v git >/dev/null || missing="$$missing git"
	if [ -n "$(NEEDS_POSTGRES)" ] && ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then missing="$$missing postgresql"; fi
	if [ -n "$(NEEDS_BROWSER)" ] && ! command -v chromium >/dev/null; then missing="$$missing chromium fonts-noto-cjk"; fi
	if [ -n "$(NEEDS_PYTHON)" ] && ! { command -v python3 && python3 -c 'import venv, ensurepip'; } >/dev/null 2>&1; then missing="$$missing python3 python3-venv"; fi
	if [ -n "$$missing" ]; then
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing
	  else
	    echo "缺少：$$missing。请先安装，例如：sudo apt-get install$$missing" >&2; exit 1
	  fi
	fi
	command -v $(CARGO) >/dev/null || { echo "没有找到 cargo：请先安装 Rust 1.95 以上（https://rustup.rs）" >&2; exit 1; }

# The pages are built before the program, which takes them in.
web: web/dist/index.html

web/node_modules/.package-lock.json: web/package-lock.json
	@command -v npm >/dev/null || { echo "没有找到 npm：请先安装 Node 20 以上（https://nodejs.org）" >&2; exit 1; }
	cd web && npm ci --no-audit --no-fund --loglevel=error

web/dist/index.html: web/node_modules/.package-lock.json $(shell find web/src web/public web/index.html web/vite.config.ts -type f 2>/dev/null)
	@cd web && npm run --silent build

client: web/node_modules/.package-lock.json ## 接口改了：重写 web/openapi.json 和网页的接口类型
	@$(CARGO) run --quiet --locked -p mingjian-platform --example openapi > web/openapi.json.new
	mv web/openapi.json.new web/openapi.json
	cd web && npm run --silent client

build: tools web
	@$(CARGO) build --locked -p mingjian-cli

demo: build stop-demo ## 造一座城、导入、筛查、出清单和报告，起平台（PERSONS=20000，PORT=8080）
	@b=$(BIN); d=$(DEMO); start=$$SECONDS
	step() { printf '\n\033[1m▌ %s\033[0m\n' "$$*"; }
	rm -rf "$$d/city" "$$d/data" "$$d"/findings.* "$$d"/report.html "$$d"/serve.*; mkdir -p "$$d/data"
	printf '[casework]\ntarget_yuan = 20000\n\n[regions]\n"6103" = "明州市"\n' > "$$d/data/mingjian.toml"
	step "1/7 造一座 $(PERSONS) 人的城：$(FROM) 起 $(MONTHS) 个月的结算数据，埋入已知的违规和合法的近似情形"
	$$b city --out "$$d/city" --persons $(PERSONS) --from $(FROM) --months $(MONTHS) --seed $(SEED)
	export MINGJIAN_WORKSPACE="$$d/data"
	step "2/7 导入：逐行检查，能入湖的入湖，不能的单列并写明原因"
	$$b import "$$d/city"
	step "3/7 检查规则：每条规则的例子都要成立"
	$$b rules check
	$$b rules test
	step "4/7 筛查"
	$$b screen
	step "5/7 疑点归成线索，每个角色建一个演示用户"
	$$b leads update
	$$b users demo --password '$(PASSWORD)'
	step "6/7 出疑点清单和报告"
	$$b findings --format xlsx --out "$$d/findings.xlsx"
	$$b findings --format csv --out "$$d/findings.csv"
	$$b report --out "$$d/report.html"
	step "7/7 起平台"
	port=$(PORT); while (exec 3<>"/dev/tcp/127.0.0.1/$$port") 2>/dev/null; do port=$$((port + 1)); done
	nohup "$$b" serve --listen "127.0.0.1:$$port" > "$$d/serve.log" 2>&1 & echo $$! > "$$d/serve.pid"
	for _ in $$(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$$port") 2>/dev/null && break; kill -0 "$$(cat "$$d/serve.pid")" 2>/dev/null || { cat "$$d/serve.log" >&2; exit 1; }; sleep 0.2; done
	printf '\n用时 %d 秒。平台在 \033[1mhttp://127.0.0.1:%d/\033[0m ，账号见上表（例如 auditor、reviewer、institution），口令都是 %s；停止：make stop-demo\n结果在：\n' $$((SECONDS - start)) "$$port" '$(PASSWORD)'
	printf '  %-20s %s\n' "$$d/report.html" "一页报告，用浏览器打开，可打印" "$$d/findings.xlsx" "疑点清单和两张汇总表" "$$d/findings.csv" "给其他程序用的疑点" "$$d/city/truth.csv" "造城时埋入的行为，可拿来对照"
	printf '\n接下来可以：\n  export MINGJIAN_WORKSPACE=%s\n' "$$d/data"
	printf '  %-84s %s\n' "$$b findings --top 20" "看金额最大的 20 条疑点" "$$b explain \$$($$b findings --top 1 --ids)" "看一条疑点的来龙去脉" "$$b rules show N067" "看一条规则" "$$b --help" "全部命令"

stop-demo: ## 停掉演示的平台
	@[ ! -f "$(DEMO)/serve.pid" ] || { pid=$$(cat "$(DEMO)/serve.pid"); if [ "$$(readlink -f /proc/$$pid/exe 2>/dev/null)" = "$$(readlink -f $(BIN))" ]; then kill "$$pid"; while kill -0 "$$pid" 2>/dev/null; do sleep 0.1; done; fi; rm -f "$(DEMO)/serve.pid"; }

# The checks that compare with another engine (DuckDB) run in a Python of their own; both wheels are pinned to one version.
$(PYTHON): tests/requirements.txt
	@python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	touch $@

test: NEEDS_PYTHON := yes
test: NEEDS_POSTGRES := yes
test: NEEDS_BROWSER := yes
test: tools web ## 全部测试：单元、性质、例子、端到端、独立核对
	@$(MAKE) --no-print-directory $(PYTHON)
	export MINGJIAN_TEST_PYTHON="$$(realpath -s $(PYTHON))"
	start=$$SECONDS
	$(CARGO) xtask deps
	if $(CARGO) nextest --version >/dev/null 2>&1; then
	  $(CARGO) nextest run --locked --workspace --no-fail-fast
	else
	  $(CARGO) test --locked --workspace --lib --bins --tests --no-fail-fast
	fi
	$(CARGO) test --locked --workspace --doc
	# The binary is there: the tests of the cli have built it. Building it alone would compile its dependencies with other features, anew.
	tests/run
	cd web && npm test && cd ..
	echo "make test: all passed in $$((SECONDS - start)) s"

bench: NEEDS_PYTHON := yes
bench: tools ## 20,000,000 行明细的整机测量，写 bench/latest.json（LINES=20000000）
	@$(MAKE) --no-print-directory $(PYTHON)
	# Both in one go: features resolve alike, nothing is compiled twice.
	$(CARGO) build --release --locked -p mingjian-cli -p mingjian-screening --bins --example bare_read
	$(PYTHON) bench/bench.py --mingjian $(TARGET)/release/mingjian --bare-read $(TARGET)/release/examples/bare_read --lines $(LINES)

check: ## 提交前的关口：格式、clippy、依赖方向、测试、生成的文件
	@$(CARGO) xtask check

clean-demo: stop-demo ## 删掉演示的结果
	@rm -rf $(DEMO)
