# SPDX-License-Identifier: GPL-2.0
# A host test of the BTF stage: its fuzz target, built with gcc, ASan and UBSan, on the committed corpus, to the first
# file that has a finding
t_fuzz_corpus() {
	mkdir files
	"$ROOT/checks/fuzz/build.sh" gcc "$T"
	FUZZ_DIR=$T/files ./run "$ROOT"/checks/fuzz/corpus/*
}
