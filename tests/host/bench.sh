# SPDX-License-Identifier: GPL-2.0
# Tests of bench/bench.py, which loads miss their goal, and of bench/profiles.py.

# python: a script on stdin that can import what bench/ has
python() {
	PYTHONPATH=$ROOT/bench python3 -
}

# missed SED-SCRIPT: what bench.py says of nine kinds, with none, one and 1,000, that take half of what they take on base,
# after SED-SCRIPT has changed what the series takes
missed() {
	for kernel in base series; do
		for kind in a b c d e f g h i; do
			printf "load,$kernel,$kind,%d,%d\n" 0 200000 1 210000 1000 100000000
		done
	done > loads
	sed "/^load,series/ { s/200000$/100000/; s/210000$/105000/; s/,100000000$/,50000000/; $1 }" loads > changed
	python <<-'END'
		import bench
		found = {}
		for line in open("changed"):
		    _, kernel, what, number, n = line.strip().split(",")
		    found.setdefault((kernel, what), {})[int(number)] = int(n)
		for what in bench.kinds(found):
		    print(what)
	END
}

t_bench_kinds() {
	missed '' > out
	grep -qx 'i  *1,000  *100,000,000  *50,000,000 (0.500)' out
	not grep -q load out
}

t_bench_kinds_missed() {
	missed 's/,c,1,.*/,c,1,211051/' | grep -qx 'load: 1 c: more than 1.005 of base'
	missed 's/,c,1,.*/,c,1,211049/' > out
	not grep -q load out
	missed 's/,c,0,.*/,c,0,201001/' | grep -qx 'load: 0 c: more than 1.005 of base'
	missed 's/\(.*,c\),1000,.*/&\n\1,10000,550000001/' | grep -qx 'load: c: not linear from 1,000 on'
	missed '/,c,1,/d' | grep -qx 'load: c: not all there'
	missed '/,c,/d' | grep -qx 'load: c: not all there'
}

# kills SED-SCRIPT: what bench.py says of a load that is killed in time, after SED-SCRIPT has changed that
kills() {
	{
		printf 'kill,base,2000,%d,loaded,400000000\n' 10 50 90 100
		printf 'kill,series,100000,%d,killed,100000000\n' 10 20 30 40
		printf 'kill,series,100000,%d,killed,300000000\n' 50
		printf 'kill,series,100000,%d,loaded,1100000000\n' 100
	} | sed "/series/ { $1 }" > results
	python <<-'END'
		import bench
		for what in bench.kills("results"):
		    print("missed", what)
	END
}

t_bench_kills() {
	kills '' > out
	grep -qx '10 %: killed 100,000,000, 20 %: .*, 100 %: loaded 1,100,000,000' out
	not grep -q missed out
	kills 's/,20,killed,/,20,loaded,/' | grep -qx 'missed kill: not killed at 20 %'
	kills '/,40,/d' | grep -qx 'missed kill: not killed at 40 %'
	# killed, but only when the load had gone on to its end
	kills 's/,30,killed,.*/,30,killed,770000000/' | grep -qx 'missed kill: at 30 %: more than a fifth of the load'
	kills '/,100,/d' | grep -qx 'missed kill: at 10 %: more than a fifth of the load'
	kills 's/,50,killed,.*/,50,killed,1000000001/' | grep -qx 'missed kill: at 50 %: more than a second'
	kills d | grep -qx 'missed kill: nothing on series'
}

compare() {
	python <<-'END'
		import profiles
		raise SystemExit(profiles.compare(*(profiles.by_function(k + ".profile", k) for k in ("base", "series"))))
	END
}

# two kernels whose functions have different addresses, and of which one has inlined two into another
t_bench_profile() {
	mkdir base series
	printf '%s\n' 'ffffffff81000000 T bpf_check' 'ffffffff81000300 t push.isra.0' 'ffffffff81000340 D data' > base/System.map
	printf '%s\n' 'ffffffff81000500 T bpf_check' 'ffffffff81000200 t push' 'ffffffff81000280 t pop' > series/System.map
	printf '%s\n' 'ffffffff81000000 1000' 'ffffffff81000200 500' 'ffffffff81000350 7' > base.profile
	printf '%s\n' 'ffffffff81000500 900' 'ffffffff81000210 4' 'ffffffff8100027f 6' 'ffffffff81000280 300' > series.profile
	compare | tr -s ' ' > out
	same "$(cat out)" '1,507 instructions on base, 1,210 on the series: 0.8029
bpf_check 1,500 900 -600
pop 0 300 +300
push 7 10 +3'
	: > series.profile
	refuses '^profile: nothing was counted' compare
}
